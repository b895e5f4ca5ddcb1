"""Serving copies: what filters by their order reads them by itself, less of them, and gets the same rows."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fieldhouse as fh
from fieldhouse import contracts
from fieldhouse.consume import read
from fieldhouse.consume.predicates import pinned
from fieldhouse.consume.selection import Selection, select
from fieldhouse.contracts import Contract, Copy
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import copies, duck, open_store, parts, releases, schema, tables
from fieldhouse.lake.releases import Table
from fieldhouse.lake.store import Store

NAME = "football.goal"
PLAYERS, MATCHES = 50, 60_000
TEAM_ORDER = Copy("by_team", "Goals of a team.", ("team_id",), ())


def goals(contract: Contract) -> object:
    """Two goals a match, of many players, some of them of nobody's knowledge; as an Arrow table."""
    import pyarrow as pa

    chance = random.Random(7)
    rows = [
        {
            "match_id": f"match-{random.Random(match).getrandbits(64):016x}",  # as ids are: no two begin alike
            "goal_no": goal,
            "team_id": f"t{chance.randrange(100):02}",
            "scorer_id": None if (match * goal) % 97 == 1 else f"p{(match * 7 + goal) % PLAYERS:03}",
            "scorer": f"Player {chance.randrange(5000)}",
            "minute": chance.randint(1, 90),
        }
        for match in range(MATCHES)
        for goal in (1, 2)
    ]
    wanted = schema.arrow(contract.columns)
    return pa.table({f.name: pa.array([row.get(f.name) for row in rows], f.type) for f in wanted})


@pytest.fixture(scope="module")
def contract() -> Contract:
    """A dataset with two copies, one with all columns, one with few."""
    declared = contracts.load_all()[NAME]
    few = Copy("by_player", "Goals of a player.", ("scorer_id",), ("scorer_id", *declared.order, "minute"))
    return replace(declared, copies=(TEAM_ORDER, few))


@pytest.fixture(scope="module")
def made(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Table]]:
    """A store, and the dataset with its copies in it."""
    store = open_store(str(tmp_path_factory.mktemp("copies")))
    con = duck.connect()
    con.register("goals", goals(contract))
    found = tables.write(store, con, contract, "SELECT * FROM goals")
    table = Table(
        name=NAME,
        title=contract.title,
        doc=contract.doc,
        layer=contract.layer,
        version=contract.version,
        grain=contract.grain,
        sort=contract.order,
        schema=schema.digest(contract),
        columns=tuple(schema.describe(contract)),
        parts=tuple(found),
        copies=tuple(
            releases.Copy(c.name, c.doc, c.sort, c.columns or contract.names, copies.make(store, contract, c, found))
            for c in contract.copies
        ),
    )
    yield store, table
    con.close()


def without(table: Table) -> Table:
    return replace(table, copies=())


def bytes_read(store: Store, selection: Selection, profile: Path) -> int:
    """What DuckDB counts that it reads for the selection."""
    con = duck.connect()
    con.execute("SET enable_profiling = 'json'")
    con.execute(f"SET profiling_output = {duck.text(str(profile))}")
    con.sql(read.query(store, selection)).fetchall()
    con.execute("PRAGMA disable_profiling")
    return int(json.loads(profile.read_text())["io"]["total_bytes_read"])


@pytest.mark.parametrize("where", [{"team_id": "t07"}, "team_id = 't07'", "minute < 50 AND 't07' = Team_ID"])
def test_a_filter_by_its_order_reads_a_tenth_of_the_bytes(made: tuple[Store, Table], where, tmp_path: Path) -> None:
    store, table = made
    chosen, whole = select(table, None, None, where), select(without(table), None, None, where)
    assert (chosen.copy, whole.copy) == ("by_team", "")
    assert bytes_read(store, chosen, tmp_path / "a.json") * 10 <= bytes_read(store, whole, tmp_path / "b.json")
    assert read.rows(store, chosen).equals(read.rows(store, whole))


def test_the_copy_with_the_fewest_rows_to_look_at_is_read(made: tuple[Store, Table]) -> None:
    _, table = made
    assert select(table, ["minute"], None, {"scorer_id": "p003"}).copy == "by_player"
    assert select(table, ["minute"], None, {"scorer_id": "p003", "team_id": "t01"}).copy == "by_team"  # lacks a column
    assert select(table, ["scorer"], None, {"scorer_id": "p003"}).copy == ""  # so does the other, here
    assert select(table, ["minute"], None, "scorer_id = 'p003'").copy == ""  # what SQL needs is not known
    assert select(table, None, None, None).copy == ""
    assert select(table, None, None, "team_id > 't07'").copy == ""


def test_a_null_is_found_in_it(made: tuple[Store, Table]) -> None:
    store, table = made
    asked = {"scorer_id": [None, "p003"]}
    chosen = read.rows(store, select(table, ["minute"], None, asked))
    assert chosen.equals(read.rows(store, select(without(table), ["minute"], None, asked)))
    assert chosen.num_rows


VALUES = {
    "team_id": st.sampled_from([f"t{n:02}" for n in range(21)]),
    "scorer_id": st.sampled_from([None, *(f"p{n:03}" for n in range(PLAYERS + 1))]),
    "minute": st.integers(1, 91),
    "match_id": st.sampled_from([f"match-{random.Random(0).getrandbits(64):016x}", "nowhere"]),
}
ASKED = st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(1, 3), max_size=3).flatmap(
    lambda sizes: st.fixed_dictionaries({c: st.lists(VALUES[c], min_size=n, max_size=n) for c, n in sizes.items()})
)


@given(asked=ASKED, columns=st.lists(st.sampled_from(["minute", "scorer", "team_id"]), min_size=1, max_size=3))
def test_whatever_is_asked_the_rows_are_those_of_the_dataset(made, asked, columns) -> None:
    store, table = made
    chosen, whole = (select(t, columns, None, asked) for t in (table, without(table)))
    assert read.rows(store, chosen).equals(read.rows(store, whole))


COMPARED = st.tuples(
    st.sampled_from(["team_id", "TEAM_ID", '"team_id"', "minute", "nothing"]),
    st.sampled_from(["=", "<>", "IN", ">=", "IS NOT DISTINCT FROM"]),
    st.sampled_from(["'t07'", "'t7'", "7", "NULL", "'7'", "7.0", "lower('T07')"]),
).map(lambda t: f"{t[0]} {t[1]} {f'({t[2]})' if t[1] == 'IN' else t[2]}")
PREDICATES = st.recursive(
    COMPARED,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR "]), inner).map(lambda t: f"({''.join(t)})"),
        inner.map(lambda t: f"NOT ({t})"),
    ),
    max_leaves=5,
)


@given(PREDICATES)
def test_what_a_condition_pins_holds_of_every_row_that_fulfils_it(predicate: str) -> None:
    found = pinned(predicate, {"team_id": "string", "minute": "int32"})
    import duckdb

    con = duck.connect()
    con.execute("CREATE TABLE t (team_id VARCHAR, minute INTEGER)")
    con.execute("INSERT INTO t SELECT a, b FROM (VALUES ('t07'), ('t7'), ('7'), (NULL)) x(a), (VALUES (7), (8)) y(b)")
    try:
        rows = con.execute(f"SELECT team_id, minute FROM t WHERE ({predicate})").fetchall()
    except duckdb.Error:
        return
    for team, minute in rows:
        assert "team_id" not in found or team in found["team_id"]
        assert "minute" not in found or minute in found["minute"]


def test_a_condition_that_is_none_pins_nothing() -> None:
    known = {"team_id": "string"}
    for wrong in ("team_id =", "1) ; DROP TABLE x; SELECT (1", "'t07'", "team_id = 't07') OR (1 = 1"):
        assert pinned(wrong, known) == {}
    assert pinned("team_id = 't07' AND (team_id IN ('t07', 't08') OR true)", known) == {"team_id": ("t07",)}


def test_a_season_that_a_copy_shows_nothing_of_is_no_unknown_season(publish_rows, tmp_path: Path) -> None:
    matches = [
        {"match_id": f"m{n}", "team_id": f"t{n}", "date": f"20{n:02}-05-01", "season": f"20{n:02}", "competition": "x"}
        for n in range(10, 30)
    ]
    lake = publish_rows(tmp_path / "lake", {"football.team_match": matches})
    found = fh.load("football.team_match", seasons="2011", where={"team_id": "t25"}, lake=lake)
    assert len(found) == 0


CONTRACT = """
title = "Shots"
doc = "Shots."
layer = "normalized"
version = "1.0.0"
grain = ["shot_id"]

[columns]
shot_id = { type = "string", doc = "Shot." }
player = { type = "string", doc = "Player." }
tags = { type = "list<string>", doc = "Tags." }
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[copies.by_player]\ndoc = "x"\nsort = ["plaier"]', "the column 'plaier' is named but not declared"),
        ('[copies.by_player]\ndoc = "x"\nsort = ["player"]\ncolumns = ["player"]', "lacks shot_id"),
        ('[copies.by_tag]\ndoc = "x"\nsort = ["tags"]', "holds lists"),
        ('[copies.origin]\ndoc = "x"\nsort = ["player"]', "origin is taken"),
        ('[copies."by player"]\ndoc = "x"\nsort = ["player"]', "lower case words"),
        ('[copies.by_player]\nsort = ["player"]', "doc"),
        ('[copies.by_player]\ndoc = "x"\nsort = ["player"]\npartition = "player"', "partition"),
    ],
)
def test_a_copy_that_cannot_be_made_is_refused_where_it_is_declared(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "football" / "shot.toml"
    path.parent.mkdir()
    path.write_text(CONTRACT + text)
    with pytest.raises(ConfigurationError, match=re.escape(said)) as refused:
        contracts.read(path)
    assert "shot.toml" in str(refused.value)


def test_nothing_is_left_out_of_a_copy(made: tuple[Store, Table]) -> None:
    table = made[1]
    for copy in table.copies:
        assert sum(p.rows for p in copy.parts) == table.rows
        lows = [p.stats[copy.sort[0]] for p in copy.parts if p.stats[copy.sort[0]][0] is not None]
        assert all(before[1] <= after[0] for before, after in pairwise(lows))
        assert parts.folder(f"{NAME}.{copy.name}") == copy.parts[0].path.rpartition("/")[0]
