"""Judging the shape of JSON records against their declared fields.

Records of a feed have few distinct shapes, so each shape is judged once, in Python, however many records have it.
A shape is what DuckDB's `json_structure` says: names and types of all values, nested.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fieldhouse.sources import Field

#: What `json_structure` calls values, by the declared type that takes them. An empty object is "JSON".
_TAKES: dict[str, frozenset[str]] = {
    "text": frozenset({"VARCHAR"}),
    "date": frozenset({"VARCHAR"}),
    "integer": frozenset({"UBIGINT", "BIGINT"}),
    "number": frozenset({"UBIGINT", "BIGINT", "HUGEINT", "UHUGEINT", "DOUBLE"}),
    "boolean": frozenset({"BOOLEAN"}),
}
_SAID = {
    "VARCHAR": "text",
    "UBIGINT": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "NULL": "null",
    "JSON": "an empty object",
}


@dataclass(frozen=True)
class Drift:
    """A difference between a shape and the declaration. Only a `new` field lets the record through."""

    kind: Literal["new", "type", "missing"]
    field: str
    declared: str
    found: str

    @property
    def rule(self) -> str:
        """The reason under which records are set aside."""
        return f"{self.kind}: {self.field}"


def leaves(shape: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """The leaves of a shape: paths to scalars, lists and empty objects."""
    if isinstance(shape, Mapping):
        for name, inner in shape.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path, shape


def said(found: object) -> str:
    """A found type in the declaration's words."""
    if isinstance(found, list):
        return f"list of {said(found[0])}" if found != ["NULL"] else "an empty list"
    if isinstance(found, Mapping):
        return "object"
    return _SAID.get(str(found), str(found).lower())


def fits(kind: str, found: object) -> bool:
    """Whether a leaf of this shape can be a value of the declared type."""
    if kind == "list":
        return isinstance(found, list)
    if kind == "integers":
        return isinstance(found, list) and found[0] in ("UBIGINT", "BIGINT", "NULL")
    if kind == "object":
        return found == "JSON"
    return isinstance(found, str) and found in _TAKES[kind]


def judge(shape: object, fields: Sequence[Field]) -> list[Drift]:
    """Everything in which records of this shape differ from the declared fields."""
    if not isinstance(shape, Mapping):
        return [Drift("type", "", "object", said(shape))]
    declared = {tuple(at.split(".")): field for field in fields for at in field.at}
    opaque = {path for path, field in declared.items() if "object" in field.types}
    inner = {path[:n] for path in declared for n in range(1, len(path))}
    found = dict(leaves(shape))
    drift: list[Drift] = []
    for path, kind in found.items():
        if any(path[:n] in opaque for n in range(1, len(path))):
            continue
        known = declared.get(path)
        if known is None:
            if path not in inner or kind not in ("JSON", "NULL"):
                at = ".".join(path)
                drift.append(
                    Drift("type", at, "object", said(kind))
                    if path in inner
                    else Drift("new", at, "nothing", said(kind))
                )
        elif kind != "NULL" and not any(fits(t, kind) for t in known.types) and not (path in inner and kind == "JSON"):
            drift.append(Drift("type", ".".join(path), " or ".join(known.types), said(kind)))
    drift.extend(_objects(fields, found, inner))
    drift.extend(_missing(fields, found))
    return drift


def judge_texts(shape: object, fields: Sequence[Field]) -> list[Drift]:
    """As `judge`, of a format that has no types: a text may be any plain value, and is cast as declared later."""
    plain = {"integer", "number", "boolean", "date"}
    return judge(shape, [replace(f, types=(*f.types, "text")) if plain & set(f.types) else f for f in fields])


def _objects(
    fields: Sequence[Field], found: Mapping[tuple[str, ...], object], inner: set[tuple[str, ...]]
) -> Iterator[Drift]:
    """Objects where a plain value is declared: read as text they would pass for one.

    One is right where the value stands within it in a declared place (`team1.name` for `team1`), and where other
    fields do, in the place of a list.
    """
    objects = {path[:n] for path in found for n in range(1, len(path))}
    objects |= {path for path, kind in found.items() if kind == "JSON" and path in inner}
    for field in fields:
        places = [tuple(at.split(".")) for at in field.at]
        if "object" in field.types or any(found.get(path, "NULL") not in ("NULL", "JSON") for path in places):
            continue
        for path in places:
            if path in objects and not (path in inner and set(field.types) <= {"list", "integers"}):
                yield Drift("type", ".".join(path), " or ".join(field.types), "object")


def _missing(fields: Sequence[Field], found: Mapping[tuple[str, ...], object]) -> Iterator[Drift]:
    present = {path[:n] for path, kind in found.items() if kind != "NULL" for n in range(1, len(path) + 1)}
    for field in fields:
        if not field.null and not any(tuple(at.split(".")) in present for at in field.at):
            yield Drift("missing", field.name, " or ".join(field.types), "nothing")
