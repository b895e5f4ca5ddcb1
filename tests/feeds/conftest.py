"""The real feeds, read twice: by the product into a lake, and by plain Python to count them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse import sources
from fieldhouse.lake import duck, landings, open_store, releases
from fieldhouse.sources import Feed, Source


@pytest.fixture(scope="session")
def published(real_lake: Path) -> Callable[[str], list[tuple]]:
    """Answers SQL over the release of the real feeds; `core.match_origin` is the sidecar of `core.match`."""
    store, con = open_store(str(real_lake)), duck.connect()
    release = releases.read(store)
    for name, table in release.datasets.items():
        columns = ", ".join(f'NULL AS "{column["name"]}"' for column in table.columns)
        duck.view(con, store, name, table.parts, f"SELECT {columns} WHERE false")
    for name, parts in release.origins.items():
        duck.view(con, store, name.replace(".origin", "_origin"), parts, "")
    return lambda query: con.execute(query).fetchall()


@pytest.fixture(scope="session")
def rows(feeds: Path) -> dict[str, list[dict]]:
    """The rows of every league file as they stand in the feed, by `<season>/<code>`."""
    found = {}
    for path in sorted((feeds / "openfootball" / "football.json").glob("*/*.json")):
        document = json.loads(path.read_bytes())
        if "matches" in document:
            found[f"{path.parent.name}/{path.stem}"] = document["matches"]
    return found


@pytest.fixture(scope="session")
def counted(feeds: Path, real_lake: Path) -> dict[tuple[str, str, str, str], int]:
    """Records per source, feed, key and record set of everything that landed, counted without the product's readers."""
    found = {}
    store = open_store(str(real_lake))
    landed = [source for source in sources.load_all().values() if landings.numbers(store, source.name)]
    for source in landed:
        for feed, key in landings.snapshot(store, source.name, 1):
            (path,) = (path for path in (feeds / source.name).rglob(key) if _is_of(source, feed, path))
            for records, number in count(source.feed(feed), path).items():
                found[source.name, feed, key, records] = number
    return found


def _is_of(source: Source, feed: str, path: Path) -> bool:
    """Whether a file lies where the feed's base has its mirror; a source without such bases has each name once."""
    base = source.feed(feed).raw.get("base")
    return base is None or f"/{source.name}/{source.bases[str(base)]['mirror']}/" in path.as_posix()


def count(feed: Feed, path: Path) -> dict[str, int]:
    """The records of one file by record set; none of what is only landed."""
    if not feed.records:
        return {}
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return {_only(feed): pq.read_metadata(path).num_rows}
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return {_only(feed): sum(1 for _ in csv.DictReader(file))}
    return COUNTS[feed.name](json.loads(path.read_bytes()))


def _only(feed: Feed) -> str:
    (records,) = feed.records
    return records.name


def of_cup(document: dict) -> dict[str, int]:
    """Matches, and the goals that stand in them."""
    matches = document["matches"]
    goals = sum(len(match.get(side, ())) for match in matches for side in ("goals1", "goals2"))
    return {"cup_match": len(matches), "cup_goal": goals}


#: How the records of a JSON feed are counted.
COUNTS: dict[str, Callable[..., dict[str, int]]] = {
    "league": lambda document: {"league_match": len(document["matches"])},
    "worldcup": of_cup,
    "clubworldcup": of_cup,
    "qualifying": of_cup,
    "squads": lambda teams: {"squad_player": sum(len(team["players"]) for team in teams)},
    "stadiums": lambda document: {"stadium": len(document["stadiums"])},
    "groups": lambda document: {"group_team": len(document["groups"])},
    "teams": lambda document: {"cup_team": len(document["teams"] if isinstance(document, dict) else document)},
}
