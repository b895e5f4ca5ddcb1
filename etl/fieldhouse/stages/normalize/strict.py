"""What a JSON document may hide from a reader, told instead: too deep, keys said twice, records in no declared place."""

from typing import TYPE_CHECKING

from fieldhouse.errors import DataError, FieldhouseError, StorageError
from fieldhouse.lake.duck import text
from fieldhouse.sources import Feed, RecordSet
from fieldhouse.stages.normalize import steps
from fieldhouse.stages.normalize.units import Unit

if TYPE_CHECKING:
    import duckdb
    from duckdb import DuckDBPyConnection

#: Brackets that open one after another without one that closes: deeper ones end DuckDB's `json_structure`.
DEEPEST = 64


def check_documents(con: "DuckDBPyConnection", unit: Unit) -> None:
    """Set whole documents of `doc` aside that are too deep, say a key twice, or have records in no declared place."""
    _aside(
        con,
        "too deep",
        f"at most {DEEPEST} levels",
        "more",
        f"regexp_matches(content, '([\\[{{][^\\[\\]{{}}]*){{{DEEPEST}}}')",
    )
    twice = " OR ".join(_says_twice(level) for level in _containers(unit.feed))
    _aside(con, "a key twice", "every key once", "one that stands twice in an object", twice)
    tops = [path for records in outermost(unit.feed) for path in records.paths]
    if tops:
        nowhere = " AND ".join(f"NOT {_has(path)}" for path in tops)
        _aside(con, "no records", f"records at {' or '.join(tops)}", "none there", nowhere)
        for path in tops:
            _short_of_lists(con, path)


def check_records(con: "DuckDBPyConnection", records: RecordSet) -> None:
    """Set records aside that say a key twice: of two values one would be taken silently."""
    inner = sorted(
        {at.rsplit(".", n)[0] for field in records.fields for at in field.at for n in range(1, at.count(".") + 1)}
    )
    twice = " OR ".join(
        f"list_unique(json_keys(_raw{place})) <> len(json_keys(_raw{place}))"
        for place in ("", *(f", {text('$.' + at)}" for at in inner))
    )
    # A record without a repeated key has as many keys as its shape has, lists of objects aside: few are looked at closely.
    con.execute(
        f"""
        CREATE OR REPLACE TABLE twice AS
        SELECT _object, _ordinal, left(_raw::VARCHAR, 200) AS value
        FROM (FROM exploded WHERE {_keys("_raw::VARCHAR")} > {_keys("_shape")}) SEMI JOIN read USING (_object, _ordinal)
        WHERE {twice}
        """
    )
    con.execute(
        f"""
        INSERT INTO aside
        SELECT _object, {text(records.name)}, _ordinal, 'a key twice', '', 'every key once', 'one that stands twice', value
        FROM twice
        """
    )
    con.execute("DELETE FROM read USING twice WHERE read._object = twice._object AND read._ordinal = twice._ordinal")


def refusal(unit: Unit, error: "duckdb.Error") -> FieldhouseError:
    """What an error of the engine while reading means for the caller."""
    import duckdb

    said = str(error).splitlines()[0]
    if isinstance(error, (duckdb.IOException, duckdb.OutOfMemoryException)):
        return StorageError(f"{unit.label}: {said}", hint="check free space, or give it more memory or more buckets")
    keys = ", ".join(landed.key for landed in unit.objects[:5])
    return DataError(
        f"{unit.label}: its objects ({keys}{' …' if len(unit.objects) > 5 else ''}) cannot be read: {said}",
        hint="look at the raw objects; one that is not to be read can be dropped by corrections.csv",
    )


def outermost(feed: Feed) -> list[RecordSet]:
    """The record sets of a feed that are not part of the records of another: their lists are not optional."""
    paths = {path for records in feed.records for path in records.paths}
    return [
        records
        for records in feed.records
        if not any(path != other and path.startswith(other) for path in records.paths for other in paths)
    ]


def _keys(json: str) -> str:
    return f"(strlen({json}) - strlen(replace({json}, '\":', '')))"


def _aside(con: "DuckDBPyConnection", rule: str, declared: str, found: str, condition: str) -> None:
    con.execute(
        f"""
        INSERT INTO aside
        SELECT _object, '', -1, {text(rule)}, '', {text(declared)}, {text(found)}, left(content, 200)
        FROM doc WHERE {condition}
        """
    )
    con.execute("DELETE FROM doc WHERE _object IN (SELECT _object FROM aside WHERE ordinal < 0)")


def _containers(feed: Feed) -> list[str]:
    """Where the objects stand that hold lists of records, or lists of such lists."""
    found: set[str] = set()
    for path in (path for records in outermost(feed) for path in records.paths):
        found.update(steps.place(path, n) for n in range(1, len(steps.levels(path))))
    return ["$", *sorted(found)]


def _says_twice(level: str) -> str:
    if level == "$":
        return "list_unique(json_keys(content)) <> len(json_keys(content))"
    elements = f"json_extract(content, {text(level)})"
    repeated = f"len(list_filter({elements}, lambda e: list_unique(json_keys(e)) <> len(json_keys(e)))) > 0"
    return f"CASE WHEN {_may_have(level)} THEN {repeated} ELSE false END"


def _has(path: str) -> str:
    """SQL that is true where a document has the first list of a path (or is the one record, `$`)."""
    first, kind = steps.container(next(iter(steps.levels(path)), ".*"))
    return f"coalesce(json_type(content, {text('$' + first)}) = {text(kind)}, false)"


def _may_have(path: str) -> str:
    key = steps.container(next(iter(steps.levels(path)), ".*"))[0].removeprefix(".")
    return f"contains(content, {text(key)})" if key else "true"


def _short_of_lists(con: "DuckDBPyConnection", path: str) -> None:
    """Tell of documents where some elements on the way to the records lack the list that should follow."""
    for level, step in enumerate(steps.levels(path)[1:], start=1):
        outer, (last, kind) = steps.place(path, level), steps.container(step)
        inner = outer + last
        con.execute(
            f"""
            INSERT INTO aside
            SELECT _object, '', -1, 'no records', '', {text(f"a list at each {inner}")},
                   (elements - lists) || ' of ' || elements || ' without', left(content, 200)
            FROM (
              SELECT *, len(json_extract(content, {text(outer)})) AS elements,
                     len(list_filter(json_extract(content, {text(inner)}), lambda e: json_type(e) = {text(kind)})) AS lists
              FROM doc WHERE {_may_have(outer)}
            )
            WHERE lists < elements
            """
        )
