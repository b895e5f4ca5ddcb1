"""What a condition in SQL says of columns' values, as far as it can be told without running it."""

import json
from collections.abc import Iterator, Mapping

from fieldhouse.consume.values import Value, typed
from fieldhouse.errors import UsageError

#: Which literals are compared with a column of a type as they stand, without a cast that might change what is equal.
_LITERALS = {"string": "STRING", "date": "STRING", "int16": "INTEGER", "int32": "INTEGER", "int64": "INTEGER"}


def pinned(predicate: str, types: Mapping[str, str]) -> dict[str, tuple[Value, ...]]:
    """Per column the values of which every row that fulfils the condition has one.

    Told of `column = literal` and `column IN (literals)`, alone or joined by AND; of anything else nothing is known. The
    condition is one that DuckDB understands.
    """
    if not predicate:
        return {}
    found: dict[str, tuple[Value, ...]] = {}
    for term in _terms(_parsed(predicate)):
        for column, literals in _pin(term, types):
            found[column] = tuple(v for v in found[column] if v in literals) if column in found else literals
    return found


def _parsed(predicate: str) -> Mapping[str, object]:
    from fieldhouse.consume import sessions

    sql = f"SELECT 1 WHERE ({predicate}\n)"
    [(text,)] = sessions.shared().execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    doc = json.loads(text)
    if doc["error"] or len(doc["statements"]) != 1:  # refused where it is run, with words
        return {}
    return doc["statements"][0]["node"].get("where_clause") or {}


def _terms(tree: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    if tree.get("type") == "CONJUNCTION_AND":
        for child in tree["children"]:  # type: ignore[attr-defined]
            yield from _terms(child)
    else:
        yield tree


def _pin(term: Mapping[str, object], types: Mapping[str, str]) -> Iterator[tuple[str, tuple[Value, ...]]]:
    match term:
        case {"type": "COMPARE_EQUAL", "left": left, "right": right}:
            sides = [(left, [right]), (right, [left])]
        case {"type": "COMPARE_IN", "children": [column, *values]}:
            sides = [(column, values)]
        case _:
            return
    for column, values in sides:
        match column:
            case {"type": "COLUMN_REF", "column_names": [str(name)]}:
                known = next((c for c in types if c.lower() == name.lower()), "")
                literals = [_literal(value, types.get(known, "")) for value in values]
                if known and None not in literals:
                    yield known, tuple(literals)


def _literal(tree: object, column_type: str) -> Value:
    """The value of a literal that is of the column's type; None where it is none."""
    match tree:
        case {"type": "VALUE_CONSTANT", "literal": {"kind": kind, "text": text}} if _LITERALS.get(column_type) == kind:
            try:
                return typed(text, column_type, "")
            except UsageError:
                return None
    return None
