"""SQL macros that every mapping may use.

`kebab(text)`: lower-case words joined by `-`. `team_ref(name, competition, season, date)`: a team's source id, which is
its name, or `name@scope` where a reviewed scoped alias applies.
"""

import re
from collections.abc import Iterable

from fieldhouse.errors import ConfigurationError
from fieldhouse.lake.duck import text

GENERAL = """
CREATE OR REPLACE MACRO kebab(t) AS
  trim(regexp_replace(lower(replace(strip_accents(t), '''', '')), '[^a-z0-9]+', '-', 'g'), '-');
"""


def condition(scope: str) -> str:
    """A scope as an SQL condition over competition, season and date.

    `en.3/2025-26` is a competition's season; `1994-`, `-1992`, `1990-1994` are years of the match, both inclusive.
    """
    years = re.fullmatch(r"(\d{4})?-(\d{4})?", scope)
    if years and any(years.groups()):
        low, high = years.group(1) or "0", years.group(2) or "9999"
        return f"year(date) BETWEEN {low} AND {high}"
    competition, slash, season = scope.partition("/")
    if not slash or not competition or not season:
        raise ConfigurationError(
            f"scope {scope!r}: competition/season, or years as 1994-, -1992, 1990-1994, are expected"
        )
    return f"competition = {text(competition)} AND season = {text(season)}"


def team_ref(aliases: Iterable[tuple[str, str, str]]) -> str:
    """The macro `team_ref` for a source's scoped aliases."""
    cases = " ".join(
        f"WHEN name = {text(name)} AND {condition(scope)} THEN {text(f'{name}@{scope}')}"
        for kind, name, scope in aliases
        if kind == "team"
    )
    body = f"CASE {cases} ELSE name END" if cases else "name"
    return f"CREATE OR REPLACE MACRO team_ref(name, competition, season, date) AS {body};"
