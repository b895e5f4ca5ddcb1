"""Against the release before: what grows and is corrected is no alarm, what breaks is one, and equal parts are not opened."""

import random
from types import SimpleNamespace

import pytest

from fieldhouse import contracts
from fieldhouse.lake import duck, tables
from fieldhouse.stages.audit import changes, changing
from fieldhouse.stages.audit.basis import Basis

SCORES = """
title = "Scores"
doc = "Scores."
layer = "normalized"
version = "1.0.0"
grain = ["game_id"]
partition = "season"
[columns]
game_id = { type = "string", doc = "Id." }
season = { type = "int32", doc = "Season." }
state = { type = "string", doc = "State.", weak = ["scheduled"] }
player = { type = "string", null = true, doc = "Player." }
goals = { type = "int32", null = true, doc = "Goals." }
share = { type = "float64", null = true, doc = "Share." }
"""
NAME = "play.score"


def history() -> list[dict]:
    """Thirty seasons of fifty games; the last ten games are still to come."""
    chance = random.Random(7)
    rows = [
        {
            "game_id": f"{season}-{number:02}",
            "season": season,
            "state": "played",
            "player": f"p{chance.randrange(40)}",
            "goals": chance.choice([0, 0, 1, 1, 1, 2, 2, 3, 4]),
            "share": round(chance.random(), 6),
        }
        for season in range(1990, 2020)
        for number in range(50)
    ]
    return [
        *rows[:-10],
        *(
            dict.fromkeys(row, None) | {k: row[k] for k in ("game_id", "season")} | {"state": "scheduled"}
            for row in rows[-10:]
        ),
    ]


@pytest.fixture
def failed(world):
    """Tells which checks fail of a change, as (rule, column), by severity."""
    world.declare("datasets/play/score.toml", SCORES)

    def write(rows):
        import pyarrow as pa

        if not rows:
            return ()
        table = pa.Table.from_pylist(rows)
        with duck.connect() as con:
            con.register("given", table)
            return tuple(tables.write(world.store, con, contracts.load_all()[NAME], "SELECT * FROM given"))

    def told(before, after):
        about = Basis("test", write(after), frozenset({NAME}), {NAME: write(before)} if before else {}, "2026-01-01")
        judged = changing.work_on("play", about).judged(world.store)
        verdicts = [v for suite in judged for v in suite.verdicts]
        assert [v.message for v in verdicts if v.state == "error"] == []
        return {(v.expectation.rule, v.expectation.about) for v in verdicts if v.state == "failed"}

    return told


def test_nothing_is_checked_without_a_release_before_or_a_difference(world, failed):
    assert failed([], history()) == set()
    assert failed(history(), history()) == set()
    about = Basis("test", (), frozenset(), {}, "2026-01-01")
    assert changing.work_on("play", about).changed == ()


def test_only_parts_that_differ_are_opened(world, failed):
    rows = history()
    world.declare("datasets/play/score.toml", SCORES)
    changed = [row | ({"goals": 9} if row["season"] == 2015 else {}) for row in rows]
    import pyarrow as pa

    with duck.connect() as con:
        con.register("a", pa.Table.from_pylist(rows))
        con.register("b", pa.Table.from_pylist(changed))
        contract = contracts.load_all()[NAME]
        before, after = (tuple(tables.write(world.store, con, contract, f"SELECT * FROM {n}")) for n in "ab")
    (change,) = changing.work_on("play", Basis("test", after, frozenset(), {NAME: before}, "2026-01-01")).changed
    assert [part.partition for part in change.before] == [part.partition for part in change.now] == ["2010"]
    assert change.rows == 1500


def test_a_day_passes_games_are_played_and_a_few_values_corrected(failed):
    rows = [
        row | ({"state": "played", "player": "p1", "goals": 2, "share": 0.5} if row["state"] == "scheduled" else {})
        for row in history()
    ]
    rows[3] |= {"goals": 7}
    rows[400] |= {"player": "p39"}
    rows += [
        {**rows[5], "game_id": f"2020-{n:02}", "season": 2020, "goals": n % 4, "share": n / 30, "player": f"p{n}"}
        for n in range(30)
    ]
    assert failed(history(), rows) == set()


def of_2001(**values):
    """Damages the rows of one season."""
    return lambda row: row | {c: make(row) for c, make in values.items()} if row["season"] == 2001 else row


def hundredfold(row):
    """Another unit."""
    return row | {"share": row["share"] and row["share"] * 100}


LOST, STAY = "known_values_stay_known", "values_stay"
DAMAGE = {
    "a dropped season": (lambda row: None if row["season"] == 2001 else row, {("keys_stay", "")}),
    "a dropped player": (lambda row: None if row["player"] == "p3" else row, {("keys_stay", "")}),
    "a null burst": (of_2001(goals=lambda _: None), {(LOST, "goals")}),
    "another unit": (hundredfold, {(STAY, "share"), ("most_values_stay", "share")}),
    "a season in another unit": (of_2001(share=lambda row: row["share"] * 100), {(STAY, "share")}),
    "mixed-up players": (of_2001(player=lambda _: "p0"), {(STAY, "player")}),
    "two columns swapped": (
        of_2001(goals=lambda row: int(10 * row["share"]) + 10, share=lambda row: row["goals"] * 1.0 + 2),
        {(STAY, "goals"), (STAY, "share")},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named(failed, name):
    change, expected = DAMAGE[name]
    rows = [new for row in history() if (new := change(row)) is not None]
    assert failed(history(), rows) == expected


@pytest.mark.parametrize(("layer", "severity"), [("normalized", "critical"), ("denormalized", "warning")])
def test_counts_over_all_of_history_may_change_in_most_rows_where_history_is_completed(world, layer, severity):
    world.declare("datasets/play/score.toml", SCORES.replace('"normalized"', f'"{layer}"'))
    contract = contracts.load_all()[NAME]
    change = SimpleNamespace(contract=contract, was="w", has="h")
    assert {changes._differs_or_lost(change, "goals").severity, changes._most_gone(change).severity} == {severity}


@pytest.mark.parametrize("broken", ["JosÃ© {}", "p {} ", "Ma\ufffdia {}", "null", "p\x07{}"])
def test_a_dozen_broken_texts_are_found_though_few_rows_differ(failed, broken):
    rows = history()
    for number, row in enumerate(rows[::120]):
        row["player"] = broken.format(number)
    assert failed(history(), rows) == {("texts_stay_whole", "player")}
    few = history()
    for row in few[:900:120]:
        row["player"] = broken
    assert failed(history(), few) == set()


def test_gaps_that_are_all_filled_with_one_value_are_found(failed):
    gaps = [row | ({"player": None} if row["season"] < 1992 else {}) for row in history()]
    filled = [row | {"player": row["player"] or "unknown"} for row in gaps]
    assert ("gaps_are_not_filled_alike", "player") in failed(gaps, filled)


def test_half_of_a_dataset_gone_is_critical(failed):
    assert failed(history(), history()[:600]) >= {("keys_stay", ""), ("most_keys_stay", "")}
    assert ("most_keys_stay", "") in failed(history(), [])


def test_new_rows_that_are_unlike_the_others_are_found(failed):
    new = [
        {
            "game_id": f"2020-{n:02}",
            "season": 2020,
            "state": "played",
            "player": f"p{n % 40}",
            "goals": 100 + n,
            "share": n / 70,
        }
        for n in range(60)
    ]
    found = failed(history(), [*history(), *new])
    assert found == {("new_rows_are_alike", "goals")}


def test_rows_repeated_under_other_keys_are_found(failed):
    again = [row | {"game_id": row["game_id"] + "b"} for row in history() if row["season"] == 2001]
    assert ("rows_are_not_repeated", "") in failed(history(), [*history(), *again])


def test_a_dataset_that_doubles_is_found(failed):
    rows = history()
    half = [row for row in rows if row["season"] % 2]
    assert ("growth_is_usual", "") in failed(half, rows)


def test_what_is_found_has_rows_and_a_way_to_their_records(world, failed):
    world.declare("datasets/play/score.toml", SCORES)
    rows = [row | ({"goals": None} if row["season"] == 2001 else {}) for row in history()]
    import pyarrow as pa

    with duck.connect() as con:
        con.register("a", pa.Table.from_pylist(history()))
        con.register("b", pa.Table.from_pylist(rows))
        before, after = (
            tuple(tables.write(world.store, con, contracts.load_all()[NAME], f"SELECT * FROM {n}")) for n in "ab"
        )
    about = Basis("t", after, frozenset(), {NAME: before}, "2026-01-01")
    (suite,) = changing.work_on("play", about).judged(world.store)
    (verdict,) = [v for v in suite.verdicts if v.state == "failed"]
    assert verdict.keys[0] == {"game_id": "2001-00", "before": verdict.keys[0]["before"], "now": None}
    assert verdict.trace[0] == "fieldhouse trace play.score '2001-00'"
    assert suite.suite.dataset == "play.score.change"
