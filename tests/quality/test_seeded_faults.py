"""Faults seeded into published tables are caught by a check that names the dataset and the column.

On the real feeds where a machine has them, else on the demo's sample. FIELDHOUSE_TEST_FULL: all faults, else a tenth of
them. FIELDHOUSE_TEST_REWRITE=1 with all faults of the real feeds writes the table of docs/faults.md.
"""

import os
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import damage
import measured_page
import pytest

from fieldhouse import contracts
from fieldhouse.lake import duck, open_store, parts, schema
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import basis, changing, work
from fieldhouse.stages.audit.basis import Basis

FULL = bool(os.environ.get("FIELDHOUSE_TEST_FULL"))
#: Faults of each kind.
EACH = 10 if FULL else 1
#: A part with fewer rows says little, one with more takes long.
FEWEST, MOST = 120, 60_000


@dataclass(frozen=True)
class Lake:
    """A clean release and the lake that holds it, to which damaged parts are added for a moment."""

    store: Store
    clean: Basis


@pytest.fixture(scope="module")
def released(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The release of the real feeds, or of the sample, in a lake of its own whose files are those of the shared one."""
    feeds = os.environ.get("FIELDHOUSE_TEST_FEEDS")
    shared = request.getfixturevalue("real_lake") if feeds else request.getfixturevalue("demo")[0]
    folder = tmp_path_factory.mktemp("seeded") / "lake"
    shutil.copytree(shared, folder, copy_function=os.link)
    store = open_store(str(folder))
    return Lake(store, basis.of_release(store))


def chosen(lake: Lake) -> dict[str, list[Part]]:
    """The parts that are damaged, by dataset."""
    tables: dict[str, list[Part]] = defaultdict(list)
    for part in lake.clean.made:
        if part.dataset in contracts.load_all() and FEWEST <= part.rows <= MOST:
            tables[part.dataset].append(part)
    return dict(tables)


def described(lake: Lake, con, part: Part, chance: random.Random) -> damage.Given:
    """A part as view `t`, and a place in it where damage is done."""
    contract = contracts.load_all()[part.dataset]
    con.execute(f"CREATE OR REPLACE VIEW t AS SELECT * FROM read_parquet({duck.files(lake.store, [part])})")
    wanted = [f"count({duck.name(c.name)}), count(DISTINCT {duck.name(c.name)})" for c in contract.columns]
    found = con.execute(f"SELECT {', '.join(wanted)} FROM t").fetchall()[0]
    columns = tuple(
        damage.Told(c.name, c.type, c.references, found[2 * n], found[2 * n + 1])
        for n, c in enumerate(contract.columns)
    )
    labelled = next((c for c in ("season", "season_id") if c in contract.names), "")
    query = f"SELECT {labelled}::VARCHAR FROM t GROUP BY 1 HAVING count(*) BETWEEN 40 AND {part.rows // 2} ORDER BY 1"
    seasons = [row[0] for row in con.execute(query).fetchall()] if labelled else []
    for where, condition in damage.places(contract, seasons, chance):
        ((rows,),) = con.execute(f"SELECT count(*) FROM t WHERE {condition}").fetchall()
        if rows >= 40:
            return damage.Given(contract, part.rows, columns, where, condition, rows)
    return damage.Given(contract, part.rows, columns, "all rows", "true", part.rows)


def faults(lake: Lake, con) -> Iterator[tuple[damage.Fault, Part]]:
    """Faults of every kind, each in a dataset of its own choice."""
    tables = chosen(lake)
    for kind in damage.KINDS:
        chance = random.Random(kind)
        made = 0
        for name in chance.sample(sorted(tables), len(tables)) * (3 * EACH + 5):
            part = chance.choice(tables[name])
            fault = damage.damage(described(lake, con, part, chance), kind, chance)
            if fault and differs(con, fault):
                yield fault, part
                made += 1
            if made == EACH:
                break


def differs(con, fault: damage.Fault) -> bool:
    """Whether the damage changes at least twenty rows: else there is nothing to be caught."""
    lacking, further = (
        f"(SELECT count(*) FROM (({one}) EXCEPT ALL ({other})))"
        for one, other in ((fault.sql, "FROM t"), ("FROM t", fault.sql))
    )
    ((rows,),) = con.execute(f"SELECT {lacking} + {further}").fetchall()
    return rows >= 20


def seeded(lake: Lake, con, fault: damage.Fault, part: Part) -> tuple[Basis, Part]:
    """The release with the damaged part, after the clean one; and that part."""
    import pyarrow as pa

    contract = contracts.load_all()[part.dataset]
    columns = ", ".join(
        f"{duck.name(c.name)}::{schema.DUCKDB[c.type]} AS {duck.name(c.name)}" for c in contract.columns
    )
    table = con.sql(f"SELECT {columns} FROM ({fault.sql})").to_arrow_table()
    nullable = [field.with_nullable(True) for field in schema.arrow(contract.columns)]
    bad = parts.write(lake.store, part.dataset, table.cast(pa.schema(nullable)), partition=part.partition)
    made = tuple(bad if p == part else p for p in lake.clean.made if p != part or bad.rows)
    before = defaultdict(list)
    for p in lake.clean.made:
        before[p.dataset].append(p)
    return replace(lake.clean, made=made, before=dict(before)), bad


def caught(lake: Lake, about: Basis, fault: damage.Fault) -> str:
    """The check that names the dataset and a damaged column; empty where none does.

    Whole rows are damaged in no column of their own; a key that is damaged is another key.
    """
    contract = contracts.load_all()[fault.dataset]
    right = {*fault.columns, *([""] if not fault.columns or set(fault.columns) & set(contract.grain) else [])}
    alone = {n: n == fault.dataset for n in contracts.load_all()}
    for on in (changing.work_on, work.work_on):
        for verdict in (v for s in on(contract.domain, about).only(alone).judged(lake.store) for v in s.verdicts):
            own = verdict.expectation
            if verdict.state == "failed" and own.dataset == fault.dataset and (own.about in right or not fault.columns):
                return own.rule
    return ""


def test_seeded_faults_are_caught_by_a_check_that_names_dataset_and_column(released, capsys):
    found: dict[str, Counter[str]] = defaultdict(Counter)
    missed = []
    with duck.connect() as con:
        for fault, part in faults(released, con):
            about, bad = seeded(released, con, fault, part)
            by = caught(released, about, fault)
            released.store.delete([bad.path])
            found[fault.kind][by] += 1
            if not by:
                missed.append(f"{fault.kind}: {fault.dataset} {', '.join(fault.columns)}, {fault.where}")
    total = sum(map(Counter.total, found.values()))
    recall = 1 - len(missed) / total
    rows = [(k, c.total(), c.total() - c[""], _told(c)) for k, c in sorted(found.items())]
    with capsys.disabled():
        print(f"\n{total} faults of {len(found)} kinds, {recall:.1%} caught; missed:", *missed, sep="\n  ")
    if FULL:
        whole = ("**all**", total, f"{total - len(missed)} ({recall:.1%})", "")
        measured_page.write("recall", ("fault", "seeded", "caught", "by"), [*rows, whole])
    assert len(found) >= 30
    assert total >= (400 if FULL else 30)
    assert recall >= 0.95


def _told(by: Counter[str]) -> str:
    return ", ".join(f"`{rule}` {times}" for rule, times in by.most_common() if rule)
