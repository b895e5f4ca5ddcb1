"""Lands Retrosheet's files, season by season: which there are is told by the list of the season's teams."""

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote

from extractor import Exit, Extraction, Failure, Fetched, Request, Wanted, main
from names import Name, Teams, names_of

LISTS = "team"  # the feed of the lists
#: A key, and the one to ask for where there is none (or None).
Choice = tuple[Wanted, Wanted | None]


def extract(run: Extraction) -> dict[str, object]:
    """Fetch the lists of teams of all seasons, then what they tell of; the lists are the state."""
    request = run.request
    names = {feed: names_of(table, feed) for feed, table in request.feeds.items()}
    if LISTS not in names:
        raise Failure(Exit.USAGE, f"the feed {LISTS} is needed: it tells which files there are")
    teams = teams_of(request.state)
    choices = choices_of(request, LISTS, names.pop(LISTS), seasons(request), teams)
    # A list that is not in the state is needed whole, even if the lake has it.
    lists = run.fetch(replace(wanted, fresh=season_of(wanted) not in teams) for wanted, _ in choices)
    teams |= {season_of(found.wanted): read_list(found) for found in lists if found.body}
    there = [season_of(found.wanted) for found in lists if is_there(found)]
    fetch(run, [choice for feed in names for choice in choices_of(request, feed, names[feed], there, teams)])
    return {"teams": {str(season): " ".join(teams[season]) for season in sorted(teams)}}


def fetch(run: Extraction, choices: list[Choice]) -> None:
    """Fetch keys, then of those that are not there the other ones; what failed may be there."""
    found = run.fetch(wanted for wanted, _ in choices)
    absent = {fetched.wanted for fetched in found if not is_there(fetched)}
    run.fetch(instead for wanted, instead in choices if instead and wanted in absent)


def is_there(found: Fetched) -> bool:
    """Whether upstream has it."""
    return found.file is not None and found.file.status != "gone"


def choices_of(
    request: Request, feed: str, names: list[Name], years: Iterable[int], teams: Mapping[int, Teams]
) -> list[Choice]:
    """The keys of a feed in these seasons, each once."""
    base = request.base(feed)

    def wanted(season: int, file: str) -> Wanted:
        key = f"seasons/{season}/{file}"
        return Wanted(feed, key, base + quote(key), optional=True)

    found: dict[Wanted, Wanted | None] = {}
    for season in years:
        for name in names:
            for file, instead in name.of(season, teams.get(season, ())):
                found[wanted(season, file)] = wanted(season, instead) if instead else None
    return list(found.items())


def season_of(wanted: Wanted) -> int:
    """The season that a key belongs to."""
    return int(wanted.key.split("/")[1])


def read_list(found: Fetched) -> Teams:
    """The teams of a list, as `KC1.A`, each once: upstream has listed some twice."""
    assert found.body
    with found.body.open(encoding="latin-1", newline="") as lines:
        rows = [row for row in csv.reader(lines) if row]
    for row in rows:
        if len(row) < 2 or len(row[0]) != 3 or not (row[0] + row[1]).isalnum():
            raise Failure(Exit.DATA, f"{found.wanted.key}: {row!r:.80} is no team; KC1,A,Kansas City,Athletics is one")
    return tuple(dict.fromkeys(f"{row[0]}.{row[1]}" for row in rows))


def teams_of(state: Mapping[str, object] | None) -> dict[int, Teams]:
    """The lists that former runs have read."""
    match state:
        case {"teams": dict(lists)}:
            return {int(season): tuple(str(line).split()) for season, line in lists.items()}
        case _:
            return {}


def seasons(request: Request) -> range:
    """The seasons that are asked for: those of `config`, within the interval of a backfill."""
    match request.config.get("seasons"):
        case {"from": int(first), "to": int(last)} if first <= last:
            pass
        case other:
            raise Failure(Exit.CONFIGURATION, f"config.seasons is {other!r}; {{from = 1871, to = 2030}} is one")
    if request.interval:
        start, end = request.interval
        first, last = max(first, start.year), min(last, (end - dt.timedelta(microseconds=1)).year)
        if first > last:
            raise Failure(Exit.USAGE, f"no season that is asked for lies between {start} and {end}")
    return range(first, last + 1)


if __name__ == "__main__":
    main(extract, intervals=True)
