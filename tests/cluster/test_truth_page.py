"""docs/truth.md is what docs/truth.json says; every fault is on it, and ours has no wrong cell. No cluster is needed."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
DOCS = HERE.parent.parent / "docs"


@pytest.fixture
def truth(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The modules that play the faults."""
    monkeypatch.syspath_prepend(str(HERE))
    from truth import counting, faults, render, stand_ins

    return SimpleNamespace(counting=counting, faults=faults, render=render, stand_ins=stand_ins)


@pytest.fixture(scope="module")
def told() -> dict:
    return json.loads((DOCS / "truth.json").read_text(encoding="utf-8"))


def test_the_page_is_what_the_plays_say(truth, told) -> None:
    results = [truth.counting.from_doc(doc) for doc in told["plays"]]
    page = truth.render.page(told["conditions"], results)
    assert page == (DOCS / "truth.md").read_text(encoding="utf-8")


def test_every_fault_is_played_by_both(truth, told) -> None:
    played = {(play["fault"], play["operator"]) for play in told["plays"]}
    assert played == {(fault.id, operator) for fault in truth.faults.FAULTS for operator in ("ours", "stock")}
    assert {fault.number for fault in truth.faults.FAULTS} == set(range(1, 21))


def test_ours_has_no_wrong_cell(truth, told) -> None:
    ours = [play for play in told["plays"] if play["operator"] == "ours"]
    assert [(play["fault"], play["wrong"]) for play in ours if play["wrong"]] == []
    states = {fault.id: fault.states for fault in truth.faults.FAULTS}
    assert [play["fault"] for play in ours if play["state"] not in states[play["fault"]]] == []


def test_what_stands_in_is_there(truth) -> None:
    for _, tests in truth.stand_ins.STAND_INS:
        for test in tests:
            path, _, name = test.partition("::")
            assert f"def {name}(" in (DOCS.parent / path).read_text(encoding="utf-8"), test
