"""Which files a season has: templates of names, as `names` of a feed's table says them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from extractor import Exit, Failure

Teams = tuple[str, ...]
_ENTRY = {"name", "or", "from", "to", "teams"}


@dataclass(frozen=True)
class Name:
    """A template of file names. `instead`: another one, where there is none of the first; `first`, `last`: the seasons.

    `teams`: codes and leagues (`KC1.A`) that it is filled with; none: those of the season.
    """

    template: str
    instead: str
    first: int
    last: int
    teams: Teams

    def of(self, season: int, listed: Teams) -> Iterator[tuple[str, str]]:
        """The names of a season, each with the one to try in its place, if any."""
        if not self.first <= season <= self.last:
            return
        teams = self.teams or listed
        for_teams = "{team}" in self.template or "{league}" in self.template
        for team in teams if for_teams else ("",):
            code, _, league = team.partition(".")
            values = {"season": season, "team": code, "league": league}
            yield self.template.format(**values), self.instead.format(**values)


def names_of(table: Mapping[str, object], feed: str) -> list[Name]:
    """The templates of a feed's table; Failure where one is wrong."""
    entries = table.get("names")
    if not isinstance(entries, list) or not entries:
        raise Failure(Exit.CONFIGURATION, f"feeds.{feed}.names is {entries!r:.80}; a list of tables is expected")
    return [_name(entry, f"feeds.{feed}.names: {entry!r:.120}") for entry in entries]


def _name(entry: object, where: str) -> Name:
    if not isinstance(entry, dict) or not set(entry) <= _ENTRY:
        raise Failure(Exit.CONFIGURATION, f"{where}: a table of {', '.join(sorted(_ENTRY))} is expected")
    match {"or": "", "from": 0, "to": 9999, "teams": [], **entry}:
        case {"name": str(name), "or": str(instead), "from": int(first), "to": int(last), "teams": list(teams)}:
            try:
                _ = (name + instead).format(season=1959, team="KC1", league="A")
            except (KeyError, IndexError, ValueError) as error:
                raise Failure(Exit.CONFIGURATION, f"{where}: there is no place {error}") from error
            return Name(name, instead, first, last, tuple(map(str, teams)))
        case _:
            raise Failure(Exit.CONFIGURATION, f"{where}: name and or are texts, from and to seasons, teams is a list")
