"""One small lake a source for all its quirks: test modules say their files in FEEDS, tests read the tables."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse import sources


def written(content: object) -> object:
    """A file of openfootball said short: a list of (round, date, team1, team2, score, more) becomes its JSON."""
    if not isinstance(content, list) or not all(isinstance(row, tuple) for row in content):
        return content
    return json.dumps({"name": "A league", "matches": [match(*row) for row in content]}, ensure_ascii=False)


def written_csv(source: str, name: str, rows: list[tuple | dict]) -> str:
    """A CSV file said as its rows, or as their cells by name, under the header that the source declares."""
    feed = sources.find(source).feed(name.split("/", maxsplit=1)[0])
    fields = [field.name for field in feed.records[0].fields]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([row.get(f, "") for f in fields] if isinstance(row, dict) else row for row in rows)
    return text.getvalue()


def written_parquet(source: str, name: str, rows: list[dict]) -> bytes:
    """A Parquet file said as its rows by name, with the columns and types that the source declares."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32()}
    feed = sources.find(source).feed(name.split("/", maxsplit=1)[0])
    schema = pa.schema([(field.name, types[field.types[0]]) for field in feed.records[0].fields])
    assert not {key for row in rows for key in row} - set(schema.names)
    sink = io.BytesIO()
    table = pa.Table.from_pylist(rows, schema)
    dates = [field for field in schema if field.type == pa.date32()]
    for field in dates:  # as pandas writes them
        table = table.set_column(
            schema.get_field_index(field.name), field.name, table[field.name].cast(pa.timestamp("ns"))
        )
    pq.write_table(table, sink)
    return sink.getvalue()


def match(
    round_name: str | None, date: str, team1: str, team2: str, score: object = None, more: dict | None = None
) -> dict:
    """One record: `score` is {"ft": [2, 1]} or short [2, 1]; None is the empty score, "absent" none at all."""
    said = {"ft": score} if isinstance(score, list) else score or {}
    named = {} if round_name is None else {"round": round_name}
    scored = {} if score == "absent" else {"score": said}
    return {**named, "date": date, "team1": team1, "team2": team2, **scored, **(more or {})}


@pytest.fixture(scope="session")
def published(request: pytest.FixtureRequest, world) -> Callable[[str], list[tuple]]:
    """Answers SQL over the tables of all files that the collected modules of `tests/sources` say in FEEDS."""
    here = Path(__file__).parent
    made = world()
    feeds: dict[tuple[str, str], object] = {}
    for module in dict.fromkeys(item.module for item in request.session.items if here in item.path.parents):
        for source, name, content in _said(module):
            if name.endswith((".csv", ".parquet")):  # there is one of a kind: modules say some of its rows
                feeds[source, name] = [*feeds.get((source, name), ()), *content]
            else:
                assert (source, name) not in feeds, f"{module.__name__} says {name}, which another says"
                feeds[source, name] = content
    for source in dict.fromkeys(source for source, _ in feeds):
        made.land(
            source, {name: _bytes(said, name, content) for (said, name), content in feeds.items() if said == source}
        )
    return made.tables().sql


def _said(module):
    return [
        (source, name, content)
        for source, files in getattr(module, "FEEDS", {}).items()
        for name, content in files.items()
    ]


def _bytes(source: str, name: str, content: object) -> object:
    if name.endswith(".parquet"):
        return written_parquet(source, name, content)
    return written_csv(source, name, content) if name.endswith(".csv") else written(content)


@pytest.fixture(scope="session")
def written_table() -> Callable[..., bytes]:
    """Writes rows as a Parquet file of a source's feed."""
    return written_parquet
