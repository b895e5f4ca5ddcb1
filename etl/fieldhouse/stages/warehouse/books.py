"""What the warehouse knows of itself, in its schema `fieldhouse`: releases it holds, and which one each view shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from fieldhouse.errors import DataError
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release, Table
from fieldhouse.stages.warehouse import shape
from fieldhouse.stages.warehouse.shape import View

if TYPE_CHECKING:
    import sqlalchemy as sa

State = Literal["loading", "ready"]
SCHEMA = "fieldhouse"
#: Made where it is not there yet. `current_release` is all of it that readers see.
DDL = """
CREATE SCHEMA IF NOT EXISTS fieldhouse;
CREATE TABLE IF NOT EXISTS fieldhouse.release (
  number integer PRIMARY KEY,
  content text NOT NULL,
  time timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('loading', 'ready')),
  datasets jsonb NOT NULL,
  loaded timestamptz NOT NULL,
  shown timestamptz
);
CREATE TABLE IF NOT EXISTS fieldhouse.view (
  dataset text NOT NULL,
  major integer NOT NULL,
  name text NOT NULL UNIQUE,
  release integer NOT NULL REFERENCES fieldhouse.release,
  retired timestamptz,
  PRIMARY KEY (dataset, major)
);
CREATE OR REPLACE VIEW fieldhouse.current_release AS
  SELECT number, time, content, loaded, shown FROM fieldhouse.release
  WHERE shown IS NOT NULL ORDER BY shown DESC LIMIT 1;
COMMENT ON SCHEMA fieldhouse IS 'What the loader of Fieldhouse keeps in mind; readers may select from current_release.';
COMMENT ON VIEW fieldhouse.current_release IS 'The release that the views show: its tables are in the schema r<number>.';
"""


@dataclass(frozen=True)
class Kept:
    """One dataset as a release in the warehouse has it: columns with their types, and the hashes of its parts."""

    version: str
    columns: Mapping[str, str]
    parts: frozenset[str]

    def doc(self) -> dict[str, object]:
        """As it stands in the books."""
        return {"version": self.version, "columns": list(self.columns.items()), "parts": sorted(self.parts)}


@dataclass(frozen=True)
class Held:
    """A release in the warehouse. `shown`: when its views were last switched on, if ever."""

    number: int
    content: str
    state: State
    datasets: Mapping[str, Kept]
    shown: datetime | None = None


@dataclass(frozen=True)
class Shown:
    """A public view: the release that it shows, and since when it is shown no newer one, if so."""

    view: View
    release: int
    retired: datetime | None = None


@dataclass(frozen=True)
class Books:
    """All of it, at one moment."""

    releases: Mapping[int, Held]
    views: Mapping[View, Shown]

    @property
    def current(self) -> Held | None:
        """The release that readers see."""
        return next(iter(self.in_order), None)

    @property
    def in_order(self) -> list[Held]:
        """The releases that readers have seen, the last shown first."""
        times = {held.number: held.shown for held in self.releases.values() if held.shown is not None}
        return [self.releases[number] for number in sorted(times, key=lambda number: times[number], reverse=True)]


def kept(table: Table) -> Kept:
    """A dataset of a release, for the books."""
    return Kept(table.version, shape.columns(table), frozenset(part.sha256 for part in table.parts))


def is_kept(known: Kept, part: Part) -> bool:
    """Whether the warehouse has the rows of a part already."""
    return part.sha256 in known.parts


def make(con: "sa.Connection") -> None:
    """Make the books where there are none."""
    import sqlalchemy as sa

    there = con.execute(sa.text("SELECT to_regclass('fieldhouse.current_release') IS NOT NULL")).scalar_one()
    if not there:
        con.exec_driver_sql(DDL)


def read(con: "sa.Connection") -> Books:
    """The books; empty where there are none."""
    import sqlalchemy as sa

    if not con.execute(sa.text("SELECT to_regclass('fieldhouse.current_release') IS NOT NULL")).scalar_one():
        return Books({}, {})
    rows = con.execute(
        sa.text("SELECT number, content, state, datasets, shown FROM fieldhouse.release ORDER BY number")
    )
    held = {row.number: Held(row.number, row.content, row.state, _datasets(row.datasets), row.shown) for row in rows}
    seen = con.execute(sa.text("SELECT dataset, major, release, retired FROM fieldhouse.view ORDER BY dataset, major"))
    views = [Shown(View(row.dataset, row.major), row.release, row.retired) for row in seen]
    return Books(held, {shown.view: shown for shown in views})


def _datasets(doc: Mapping[str, Mapping[str, object]]) -> dict[str, Kept]:
    return {
        name: Kept(
            str(kept["version"]),
            dict(kept["columns"]),  # type: ignore[call-overload]
            frozenset(kept["parts"]),  # type: ignore[call-overload]
        )
        for name, kept in doc.items()
    }


def begin(con: "sa.Connection", release: Release) -> None:
    """Note that a release is being loaded."""
    import json

    import sqlalchemy as sa

    con.execute(
        sa.text(
            "INSERT INTO fieldhouse.release (number, content, time, state, datasets, loaded) "
            "VALUES (:number, :content, CAST(:time AS timestamptz), 'loading', CAST(:datasets AS jsonb), now())"
        ),
        {
            "number": release.number,
            "content": release.content,
            "time": release.time,
            "datasets": json.dumps({name: kept(table).doc() for name, table in release.datasets.items()}),
        },
    )


def ready(con: "sa.Connection", number: int) -> None:
    """Note that a release is loaded in full."""
    import sqlalchemy as sa

    con.execute(
        sa.text("UPDATE fieldhouse.release SET state = 'ready', loaded = now() WHERE number = :n"), {"n": number}
    )


def forget(con: "sa.Connection", number: int) -> None:
    """Strike a release out."""
    import sqlalchemy as sa

    con.execute(sa.text("DELETE FROM fieldhouse.release WHERE number = :n"), {"n": number})


def refuse_another(books: Books, release: Release, shown: str) -> None:
    """DataError where the warehouse has another release of this number: it was loaded from another lake."""
    held = books.releases.get(release.number)
    if held is not None and held.state == "ready" and held.content != release.content:
        raise DataError(
            f"{shown} holds another release {release.number}: content {held.content[:12]}, not {release.content[:12]}",
            hint="one warehouse serves one lake: load this one into a database of its own",
        )
