"""Tracing a row to the raw records that it came from, with what was repaired in them and what sources disagree on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldhouse import contracts as declared
from fieldhouse import sources
from fieldhouse.contracts import Contract
from fieldhouse.errors import NotFound, UsageError
from fieldhouse.explain import lineage
from fieldhouse.explain.lineage import Place
from fieldhouse.lake import duck, landings, releases
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.landings import Landed
from fieldhouse.lake.releases import Release
from fieldhouse.lake.schema import DUCKDB
from fieldhouse.lake.store import Store
from fieldhouse.stages.normalize import records as raw

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, object]
#: How many near keys an error names.
NEAR = 3


@dataclass(frozen=True)
class RawRecord:
    """One raw record: where it is, when it landed, what it says, and how it was repaired.

    `rows`: the datasets, and the keys of their rows, that it is the origin of. `raw` is None where its feed is
    declared no more. `landing` is the number of the landing that brought these bytes.
    """

    source: str
    feed: str
    key: str
    object: str
    record: str
    rows: tuple[tuple[str, str], ...]
    landing: int | None
    url: str | None
    raw: str | None
    corrections: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Trace:
    """A row of a release, the raw records behind it, and what sources said otherwise of it."""

    dataset: str
    release: int
    key: str
    row: Row
    records: tuple[RawRecord, ...]
    disagreements: tuple[Row, ...]

    def doc(self) -> dict[str, object]:
        """As it is printed as JSON."""
        found = [
            {**vars(r), "rows": [list(row) for row in r.rows], "corrections": list(r.corrections)} for r in self.records
        ]
        return {**vars(self), "records": found, "disagreements": list(self.disagreements)}


def trace(
    store: Store, dataset: str, key: Mapping[str, object] | Sequence[object] | str, release: int | None = None
) -> Trace:
    """The raw records that one row of a release (default: the newest) came from.

    `key`: the values of the dataset's grain by name, or in order, or as one text joined by `|`. UsageError where they
    are not the grain's; NotFound, with the nearest keys, where no row has them.
    """
    found = releases.read(store, release)
    contracts = declared.load_all()
    contract = _contract(dataset, found, contracts)
    wanted = _key(contract, key)
    con = duck.connect()
    try:
        row = _find(con, store, found, contract, wanted)
        places = lineage.places(con, store, found, contract, contracts)
        rows = {(dataset, "|".join(wanted.values()))} | {(p[0], p[1]) for p in places}
        said = _disagreements(con, store, found, rows)
        repairs = _corrections(con, store, found, places)
    finally:
        con.close()
    return Trace(dataset, found.number, "|".join(wanted.values()), row, _records(store, found, places, repairs), said)


def _contract(dataset: str, release: Release, contracts: Mapping[str, Contract]) -> Contract:
    if dataset not in contracts or dataset not in release.datasets:
        import difflib

        near = difflib.get_close_matches(dataset, release.datasets, n=1, cutoff=0.5)
        tail = f"; the nearest is {near[0]}" if near else ""
        raise NotFound(f"release {release.number} has no dataset {dataset!r}{tail}", hint="`fieldhouse ls` lists them")
    return contracts[dataset]


def _key(contract: Contract, key: Mapping[str, object] | Sequence[object] | str) -> dict[str, str]:
    """The values of the grain as text."""
    if isinstance(key, str):
        key = key.split("|", len(contract.grain) - 1)
    values = dict(key) if isinstance(key, Mapping) else dict(zip(contract.grain, key, strict=False))
    if set(values) != set(contract.grain) or len(values) != len(key):
        raise UsageError(
            f"{contract.name}: the key is {', '.join(map(str, key)) or 'empty'}; a value is needed for each of "
            f"{', '.join(contract.grain)}",
            hint=f"`fieldhouse trace {contract.name} '{'|'.join(contract.grain)}'`",
        )
    return {c: str(values[c]) for c in contract.grain}


def _find(
    con: "DuckDBPyConnection", store: Store, release: Release, contract: Contract, wanted: Mapping[str, str]
) -> Row:
    """Make the table `traced` of the one row; NotFound names those with the nearest keys."""
    empty = ", ".join(f"NULL::{DUCKDB[c.type]} AS {name(c.name)}" for c in contract.columns)
    duck.view(con, store, contract.name, release.datasets[contract.name].parts, f"SELECT {empty} WHERE false")
    where = " AND ".join(
        f"{name(c)} = TRY_CAST({text(value)} AS {DUCKDB[contract.column(c).type]})" for c, value in wanted.items()
    )
    con.execute(f"CREATE TABLE traced AS SELECT * FROM {name(contract.name)} WHERE {where}")
    rows = con.table("traced").to_arrow_table().to_pylist()
    if rows:
        return dict(rows[0])
    moved = _moved(con, store, release, wanted)
    near = moved or _near(con, contract, wanted)
    raise NotFound(
        f"release {release.number}: {contract.name} has no row {'|'.join(wanted.values())}",
        hint=f"{'it is called now' if moved else 'the nearest are'} {', '.join(near)}" if near else "it has no rows",
    )


def _moved(con: "DuckDBPyConnection", store: Store, release: Release, wanted: Mapping[str, str]) -> list[str]:
    """The key with retired ids replaced by those that stand for the same thing now."""
    parts = release.datasets["core.redirect"].parts if "core.redirect" in release.datasets else ()
    if not parts:
        return []
    old = ", ".join(map(text, wanted.values()))
    query = f"SELECT old_id, new_id FROM read_parquet({duck.files(store, parts)}) WHERE old_id IN ({old})"
    new: dict[str, str] = dict(con.execute(query).fetchall())
    return ["|".join(new.get(value, value) for value in wanted.values())] if new else []


def _near(con: "DuckDBPyConnection", contract: Contract, wanted: Mapping[str, str]) -> list[str]:
    """The nearest keys: most columns equal, then most alike as a text."""
    key = f"concat_ws('|', {', '.join(f'{name(c)}::VARCHAR' for c in wanted)})"
    equal = " + ".join(f"({name(c)}::VARCHAR = {text(value)})::INTEGER" for c, value in wanted.items())
    rows = con.execute(
        f"""
        SELECT {key} AS key FROM {name(contract.name)}
        ORDER BY {equal} DESC, jaro_winkler_similarity({key}, {text("|".join(wanted.values()))}) DESC, key LIMIT {NEAR}
        """
    ).fetchall()
    return [row[0] for row in rows]


def _disagreements(
    con: "DuckDBPyConnection", store: Store, release: Release, rows: set[tuple[str, str]]
) -> tuple[Row, ...]:
    return _rows(con, store, release, "core.disagreement", ("dataset", "key"), rows)


def _corrections(
    con: "DuckDBPyConnection", store: Store, release: Release, places: Sequence[Place]
) -> dict[tuple[str, str], list[Row]]:
    """What was repaired, by object and record."""
    at = {(place[5], place[6]) for place in places}
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(con, store, release, "core.correction", ("object", "record"), at):
        found[str(row["object"]), str(row["record"])].append(row)
    return found


def _rows(
    con: "DuckDBPyConnection",
    store: Store,
    release: Release,
    dataset: str,
    columns: tuple[str, str],
    values: set[tuple[str, str]],
) -> tuple[Row, ...]:
    """The rows of a dataset that have one of these pairs of values."""
    parts = release.datasets[dataset].parts if dataset in release.datasets else ()
    if not parts or not values:
        return ()
    con.execute("CREATE OR REPLACE TEMP TABLE wanted (a VARCHAR, b VARCHAR)")
    con.executemany("INSERT INTO wanted VALUES (?, ?)", sorted(values))
    found = con.sql(
        f"""
        SELECT d.* FROM read_parquet({duck.files(store, parts)}) AS d
        SEMI JOIN wanted AS w ON d.{name(columns[0])} = w.a AND d.{name(columns[1])} = w.b
        ORDER BY ALL
        """
    )
    return tuple(dict(row) for row in found.to_arrow_table().to_pylist())


def _records(
    store: Store, release: Release, places: Sequence[Place], repairs: Mapping[tuple[str, str], list[Row]]
) -> tuple[RawRecord, ...]:
    rows: dict[tuple[str, str, str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for dataset, key, *place in places:
        rows[tuple(place)].append((dataset, key))  # type: ignore[index]
    files = {(source, feed, key, sha) for source, feed, key, sha, _ in rows}
    texts = {f: _texts(store, f, [place[4] for place in rows if place[:4] == f]) for f in sorted(files)}
    landed = {f: _landed(store, release, f) for f in sorted(files)}
    return tuple(
        RawRecord(
            *place,
            rows=tuple(rows[place]),
            landing=landed[place[:4]][0],
            url=landed[place[:4]][1],
            raw=texts[place[:4]].get(place[4]),
            corrections=tuple(repairs.get((place[3], place[4]), ())),
        )
        for place in sorted(rows, key=_order)
    )


def _order(place: tuple[str, str, str, str, str]) -> tuple[str, str, str, str, int]:
    records, ordinal = place[4].rsplit(" ", 1)
    return (*place[:3], records, int(ordinal))


def _texts(store: Store, file: tuple[str, str, str, str], places: Sequence[str]) -> dict[str, str]:
    """Per record of one file, called `<set> <ordinal>`, its text."""
    source, feed, key, sha256 = file
    known = sources.load_all().get(source)
    found: dict[str, str] = {}
    wanted: dict[str, set[int]] = defaultdict(set)
    for place in places:
        records, ordinal = place.rsplit(" ", 1)
        wanted[records].add(int(ordinal))
    for records, ordinals in wanted.items():
        lines = raw.find(store, known, Landed(feed, key, sha256, 0), records, ordinals) if known else {}
        found |= {f"{records} {ordinal}": line for ordinal, line in lines.items()}
    return found


def _landed(store: Store, release: Release, file: tuple[str, str, str, str]) -> tuple[int | None, str | None]:
    """The landing that brought a file's bytes, as of the release, and where they were fetched."""
    source, feed, key, sha256 = file
    found: tuple[int | None, str | None] = (None, None)
    for number in range(int(str(release.inputs[source]["landing"])), 0, -1):
        landing = landings.read(store, source, number)
        own = next((item for item in landing.changed if item.id == (feed, key)), None)
        if own is not None and own.sha256 != sha256:
            break
        if own is not None:
            found = (number, own.url)
    return found
