"""To which season a row belongs, as SQL: by the dataset's own column, or by the season or the match that it names."""

from collections.abc import Collection

from fieldhouse.lake.duck import name, text

#: What is read to tell the season of rows that only name a season's or a match's id.
MATCHES = "core.match"
READS = frozenset({"core.season", MATCHES})
_IDS = "SELECT season_id FROM core.season WHERE label = {label}"


def within(columns: Collection[str], season: str) -> str:
    """A condition that holds for rows of the season, by the columns that they have; empty where these do not tell."""
    label = text(season)
    if "season" in columns:
        return f"{name('season')}::VARCHAR = {label}"
    if "season_id" in columns:
        return f"season_id IN ({_IDS.format(label=label)})"
    if "match_id" in columns:
        return f"match_id IN (SELECT match_id FROM core.match WHERE season_id IN ({_IDS.format(label=label)}))"
    return ""
