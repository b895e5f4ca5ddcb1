"""What a dataset of a release means, as data and as a page to read."""

import dataclasses
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from fieldhouse.lake.releases import Release, Table


@dataclass(frozen=True)
class Meaning:
    """One column: `null` says whether it can be null, `references` the dataset whose ids it holds."""

    name: str
    type: str
    doc: str
    unit: str
    null: bool
    references: str


@dataclass(frozen=True)
class Copied:
    """A serving copy: `load` and `scan` read it by themselves where they filter by the first columns of its `sort`."""

    name: str
    doc: str
    sort: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Description:
    """A dataset of a release. `licences`: per source that it is made of its licence, attribution and homepage.

    `inputs`: per such source the landing that the release was made from, when that was landed, its age in days when the
    release was made (`age_days`), from which age on it is stale (`limit_days`), and whether it was (`stale`).
    """

    name: str
    title: str
    doc: str
    layer: str
    version: str
    grain: tuple[str, ...]
    sort: tuple[str, ...]
    columns: tuple[Meaning, ...]
    rows: int
    bytes: int
    release: int
    time: str
    licences: Mapping[str, Mapping[str, str]]
    inputs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    copies: tuple[Copied, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        return page(self, datetime.now(UTC))

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        from fieldhouse.consume import dictionary

        return dictionary.page(self)


def of_table(table: Table, release: Release) -> Description:
    """The description of a release's table."""
    return Description(
        name=table.name,
        title=table.title,
        doc=table.doc,
        layer=table.layer,
        version=table.version,
        grain=table.grain,
        sort=table.sort,
        columns=tuple(_meaning(column) for column in table.columns),
        rows=table.rows,
        bytes=sum(part.bytes for part in table.parts),
        release=release.number,
        time=release.time,
        licences=_of(table, release.licences),
        inputs=_of(table, release.inputs),
        copies=tuple(Copied(c.name, c.doc, c.sort, c.columns) for c in table.copies),
    )


_T = TypeVar("_T")


def _of(table: Table, per_source: Mapping[str, _T]) -> dict[str, _T]:
    """What concerns the sources that the table is made of; all, where a release does not say which."""
    return {source: told for source, told in per_source.items() if table.sources is None or source in table.sources}


def _meaning(column: Mapping[str, object]) -> Meaning:
    texts = {field: str(column.get(field) or "") for field in ("name", "type", "doc", "unit", "references")}
    return Meaning(**texts, null=bool(column["null"]))


def page(described: Description, now: datetime) -> str:
    """The description as lines of at most 110 characters; `now` is what the release's age is counted to."""
    d = described
    head = [
        f"{d.name} {d.version} · {d.title}",
        *textwrap.wrap(d.doc, 110),
        "",
        f"release   {d.release}, {age(d.time, now)} ({d.time})",
        f"rows      {d.rows:,} in {d.bytes:,} bytes, {d.layer}",
        f"a row is  {', '.join(d.grain)}",
        f"order     {', '.join(d.sort)}",
        *(f"copy      by {', '.join(c.sort)}: {c.doc}" for c in d.copies),
        *(line for name, told in sorted(d.licences.items()) for line in _source(name, told, d.inputs.get(name, {}))),
        "",
    ]
    return "\n".join([*head, *_columns(d.columns)])


def _source(name: str, licence: Mapping[str, str], pin: Mapping[str, object]) -> list[str]:
    """A source's licence, and how old its data were when the release was made."""
    lines = [f"source    {name}: {notice(licence)}"]
    if pin:
        days = f"{pin['age_days']:.1f} days before the release"
        late = f"; STALE, its limit is {pin['limit_days']:g} days" if pin.get("stale") else ""
        lines.append(f"          landed {str(pin['time'])[:16].replace('T', ' ')} UTC, {days}{late}")
    return lines


def notice(licence: Mapping[str, str]) -> str:
    """A source's licence, whom to name, and where it is, in a line."""
    return ", ".join(filter(None, (licence.get(field, "") for field in ("licence", "attribution", "homepage"))))


def _columns(columns: tuple[Meaning, ...]) -> list[str]:
    kinds = [f"{c.type}{'?' if c.null else ''}" for c in columns]
    name_width = max(len(c.name) for c in columns)
    kind_width = max(map(len, kinds))
    indent = " " * (name_width + kind_width + 4)
    lines = []
    for column, kind in zip(columns, kinds, strict=True):
        notes = [
            column.doc,
            f"In {column.unit}." if column.unit else "",
            f"→ {column.references}" if column.references else "",
        ]
        start = f"{column.name.ljust(name_width)}  {kind.ljust(kind_width)}  "
        lines += textwrap.wrap(" ".join(filter(None, notes)), 110, initial_indent=start, subsequent_indent=indent) or [
            start
        ]
    return [*lines, "", "A type with ? can be null: null means not known."]


def age(time: str, now: datetime) -> str:
    """How long before `now` the ISO time was, in the largest whole unit."""
    seconds = max(0, int((now - datetime.fromisoformat(time)).total_seconds()))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} old"
    return "just made"
