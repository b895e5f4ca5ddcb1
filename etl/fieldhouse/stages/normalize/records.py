"""Finding raw records again by their ordinals: the text of a record as it stands in its object."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from fieldhouse.extract import shelf
from fieldhouse.lake import duck, objects
from fieldhouse.lake.landings import Landed
from fieldhouse.lake.store import Store
from fieldhouse.sources import Feed, RecordSet, Source
from fieldhouse.stages.normalize import reading
from fieldhouse.stages.normalize.units import Kit, Unit


def find(store: Store, source: Source, landed: Landed, records: str, ordinals: Collection[int]) -> dict[int, str]:
    """Per ordinal the record's text in its file: JSON without blanks, the line (or lines) of a CSV file, a row as JSON, or
    what a reader made of it.

    Empty where the feed or its record set is declared no more, or its format has no reader here.
    """
    feed = source.feeds.get(landed.feed)
    wanted = next((r for r in feed.records if r.name == records), None) if feed else None
    if feed is None or wanted is None:
        return {}
    match "lines" if feed.reader else feed.format:
        case "lines":
            return _remembered(store, source, feed, wanted, landed, ordinals)
        case "json":
            return _json(store, source, feed, wanted, landed, ordinals)
        case "csv":
            lines = _lines(objects.local(store, landed.sha256), feed.quote)
            return {n: line for n, line in enumerate(lines) if n in ordinals}
        case "parquet":
            return _rows(objects.local(store, landed.sha256), ordinals)
        case _:
            return {}


def _json(
    store: Store, source: Source, feed: Feed, records: RecordSet, landed: Landed, ordinals: Collection[int]
) -> dict[int, str]:
    unit = Unit(source, feed, 0, (landed,), (), (), Kit("", {}, (), {}))
    con = duck.connect()
    try:
        reading.load(con, store, unit)
        reading.load_json(con, unit)
        rows = con.execute(
            f"SELECT _ordinal, _raw::VARCHAR FROM ({reading.explode(records)}) WHERE list_contains(?, _ordinal)",
            [sorted(ordinals)],
        ).fetchall()
    finally:
        con.close()
    return dict(rows)


def _remembered(
    store: Store, source: Source, feed: Feed, records: RecordSet, landed: Landed, ordinals: Collection[int]
) -> dict[int, str]:
    """What the source's reader made of the file, as it was remembered; nothing where it is remembered no more."""
    import pyarrow.compute as pc

    table = shelf.find(store, shelf.Shelf(source, feed, shelf.bucket_of(landed.key, feed.buckets)))
    if table is None:
        return {}
    mine = table.filter(pc.and_(pc.equal(table["object"], landed.sha256), pc.equal(table["records"], records.name)))
    return {row["ordinal"]: row["record"] for row in mine.to_pylist() if row["ordinal"] in ordinals}


def _rows(path: Path, ordinals: Collection[int]) -> dict[int, str]:
    """Rows of a Parquet file, as JSON objects of all their columns."""
    con = duck.connect()
    try:
        rows = con.execute(
            f"""
            SELECT file_row_number, to_json(t)::VARCHAR
            FROM read_parquet({duck.text(str(path))}, file_row_number = true) AS t
            WHERE list_contains(?, file_row_number)
            """,
            [sorted(ordinals)],
        ).fetchall()
    finally:
        con.close()
    # The number of the row is no column of the file.
    return {n: text.replace(f',"file_row_number":{n}', "") for n, text in rows}


def _lines(path: Path, quote: str) -> Iterator[str]:
    """The records of a CSV file, without its header, as they stand there; a quoted line break does not end one."""
    taken: list[str] = []
    with path.open(encoding="utf-8-sig", newline="") as file:

        def noted() -> Iterator[str]:
            for line in file:
                taken.append(line)
                yield line

        for number, cells in enumerate(csv.reader(noted(), quotechar=quote, strict=True)):
            line, taken = "".join(taken), []
            if cells and number:
                yield line.rstrip("\r\n")
