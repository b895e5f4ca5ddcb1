"""A domain of three small datasets, a lake in which a run has built them, and the audit of that run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fieldhouse import contracts
from fieldhouse.lake import duck, open_store, parts, runs, schema, tables
from fieldhouse.lake.parts import Part
from fieldhouse.lake.runs import Inputs, Pinned, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.stages import audit

CLUB = """
title = "Clubs"
doc = "Clubs."
layer = "normalized"
version = "1.0.0"
grain = ["club_id"]
[columns]
club_id = { type = "string", doc = "Id." }
name = { type = "string", doc = "Name.", pattern = "^[A-Z]" }
"""
GAME = """
title = "Games"
doc = "Games."
layer = "normalized"
version = "1.0.0"
grain = ["game_id", "club_id"]
partition = "day"
[columns]
game_id = { type = "string", doc = "Id." }
club_id = { type = "string", references = "play.club", doc = "Club." }
day = { type = "date", doc = "Date." }
goals = { type = "int32", null = true, doc = "Goals.", range = [0, 20] }
side = { type = "string", null = true, doc = "Side.", values = ["home", "away"] }
"""
TALLY = """
title = "Tallies"
doc = "Goals of clubs."
layer = "denormalized"
version = "1.0.0"
grain = ["club_id"]
[columns]
club_id = { type = "string", references = "play.club", doc = "Club." }
goals = { type = "int64", doc = "Goals.", range = [0, 1000] }
"""
QUALITY = '''
from fieldhouse.stages.audit.checks import check, expect, no_rows


@check("play.tally")
def tallies_add_up():
    """The tallies are the sums of the games."""
    yield no_rows("""
        SELECT club_id, sum(tallied) AS tallied, sum(scored) AS scored
        FROM (
          SELECT club_id, goals AS tallied, 0 AS scored FROM {batch}
          UNION ALL
          SELECT club_id, 0, goals FROM play.game
        ) AS both_of_them
        GROUP BY club_id
        HAVING sum(tallied) <> sum(scored)
    """)


@check("play.club", severity="warning")
def names_are_unique():
    """No two clubs have the same name."""
    yield expect("expect_column_values_to_be_unique", column="name")
'''
GOOD: dict[str, list[dict[str, object]]] = {
    "play.club": [{"club_id": "a", "name": "Ajax"}, {"club_id": "b", "name": "Brest"}],
    "play.game": [
        {"game_id": "1", "club_id": "a", "day": "1999-12-31", "goals": 2, "side": "home"},
        {"game_id": "1", "club_id": "b", "day": "1999-12-31", "goals": 1, "side": "away"},
        {"game_id": "2", "club_id": "a", "day": "2001-01-01", "goals": None, "side": None},
        {"game_id": "2", "club_id": "b", "day": "2001-01-01", "goals": 3, "side": None},
    ],
    "play.tally": [{"club_id": "a", "goals": 2}, {"club_id": "b", "goals": 4}],
}


@dataclass
class World:
    """A lake whose run `r1` has built `rows`; a test changes rows or declarations first, then audits."""

    home: Path
    store: Store
    rows: dict[str, list[dict[str, object]]] = field(default_factory=lambda: {n: list(r) for n, r in GOOD.items()})
    said: tuple[str, ...] = ("play.club", "play.game")
    untraced: tuple[str, ...] = ()
    extra: tuple[Part, ...] = ()

    def declare(self, name: str, text: str) -> None:
        """Write a file of the declarations, such as quality/play.py."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        contracts.load_all.cache_clear()

    def build(self, run: str = "r1") -> None:
        """Leave what the stages before the audit leave."""
        runs.write_inputs(self.store, Inputs(run, "2026-01-01T00:00:00+00:00", 0, "c0de", {"toy": Pinned(1, "")}))
        conformed = [*self._parts("play.club"), *self._parts("play.game")]
        said = tuple(Part(f"toy/{name}", "", 1, 1, "") for name in self.said)
        runs.leave(self.store, Receipt(run, "normalize.toy", 1, outputs=said))
        runs.leave(self.store, Receipt(run, "conform", 1, outputs=(*conformed, *self.extra)))
        runs.leave(self.store, Receipt(run, "denormalize.play", 1, outputs=tuple(self._parts("play.tally"))))

    def _parts(self, dataset: str) -> list[Part]:
        contract, rows = contracts.load_all()[dataset], self.rows[dataset]
        if not rows:
            return []
        with duck.connect() as con:
            query = " UNION ALL ".join(f"SELECT {_select(contract, row)}" for row in rows)
            found = tables.write(self.store, con, contract, query)
        return found + (self._origin(contract, rows) if contract.layer == "normalized" else [])

    def _origin(self, contract: contracts.Contract, rows: list[dict[str, object]]) -> list[Part]:
        import pyarrow as pa

        keys = [{name: str(row.get(name)) for name in contract.grain} for row in rows]
        traced = [
            {**key, "source": "toy", "record": "all:0"} for key in keys if key.get("club_id") not in self.untraced
        ]
        table = pa.Table.from_pylist(traced)
        return [parts.write(self.store, f"{contract.name}.origin", table)] if traced else []

    def audit(self, run: str = "r1") -> Receipt:
        """Build and audit."""
        self.build(run)
        return audit.run(self.store, "play", run)


def _select(contract: contracts.Contract, row: dict[str, object]) -> str:
    values = {c.name: row.get(c.name) for c in contract.columns}
    said = {n: "NULL" if v is None else duck.text(str(v)) for n, v in values.items()}
    return ", ".join(f"{said[c.name]}::{schema.DUCKDB[c.type]} AS {c.name}" for c in contract.columns)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The domain `play`, declared in a home of its own, and a lake."""
    made = World(tmp_path / "home", open_store(str(tmp_path / "lake")))
    monkeypatch.setenv("FIELDHOUSE_HOME", str(made.home))
    (made.home / "containers").mkdir(parents=True)
    for name, text in (("club.toml", CLUB), ("game.toml", GAME), ("tally.toml", TALLY)):
        made.declare(f"datasets/play/{name}", text)
    made.declare("quality/play.py", QUALITY)
    yield made
    contracts.load_all.cache_clear()
