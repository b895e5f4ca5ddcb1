"""One bucket at a time gives what all at once give: the same parts, the same account, one judgement over the source."""

import pytest

from fieldhouse import plan, sources
from fieldhouse.errors import DataError, UsageError
from fieldhouse.extract.shelf import bucket_of
from fieldhouse.lake import runs
from fieldhouse.lake.runs import Receipt
from fieldhouse.stages import normalize
from fieldhouse.stages.normalize import units

FILES = {
    **{f"place/{n}.json": {"places": [{"name": f"p{n}", "size": n}, {"name": "nowhere"}]} for n in range(8)},
    "ground/g.csv": "name,city,size\nElm Park,Reading,many\nRoker Park,Sunderland,22500\n",
}
KEYS = [name.removeprefix("place/") for name in FILES if name.startswith("place/")]


def do(toy, bucket: int, run: str = "r1") -> Receipt:
    return normalize.run_bucket(toy.world.store, "toy", run, bucket)


def whole(toy, run: str = "r1") -> Receipt:
    return normalize.run(toy.world.store, "toy", run)


def told(receipt: Receipt) -> dict[str, object]:
    """What a receipt says of results; what it says of this one run is left out."""
    counts = {name: count for name, count in receipt.counts.items() if name != "buckets built"}
    return {"outputs": receipt.outputs, "counts": counts, "notes": receipt.notes, "inputs": receipt.inputs}


def paths(receipt: Receipt) -> list[str]:
    return [part.path for part in receipt.outputs]


def test_the_files_fill_both_buckets() -> None:
    assert {bucket_of(key, 2) for key in KEYS} == {0, 1}


def test_bucket_by_bucket_is_all_at_once(toy, world) -> None:
    toy.world.land("toy", FILES)
    first, second = do(toy, 1), do(toy, 2)
    joined = whole(toy)
    assert joined.remembered
    assert (first.counts["buckets"], second.counts["buckets"]) == (2, 1)  # the smaller feed lies in the first
    assert (joined.counts["buckets"], joined.counts["buckets built"]) == (3, 0)
    assert sorted(paths(first) + paths(second)) == sorted(paths(joined))
    toy.world = world()
    toy.world.land("toy", FILES)
    assert told(whole(toy)) == told(joined)


def test_each_bucket_leaves_a_receipt_of_its_own(toy) -> None:
    toy.world.land("toy", FILES)
    receipts = [do(toy, 1), do(toy, 2), whole(toy)]
    assert [r.task for r in receipts] == [task.id for task in plan.ahead(sources.find("toy"))]
    assert [runs.receipt(toy.world.store, "r1", r.task) for r in receipts] == receipts


def test_a_bucket_that_was_done_is_remembered(toy) -> None:
    toy.world.land("toy", FILES)
    assert not do(toy, 1).remembered
    assert do(toy, 1, "r2").remembered


def test_what_no_bucket_has_left_is_done_with_the_whole(toy) -> None:
    toy.world.land("toy", FILES)
    do(toy, 2)
    joined = whole(toy)
    assert (joined.counts["buckets built"], joined.remembered) == (2, False)


def test_buckets_of_an_older_landing_do_no_harm(toy) -> None:
    toy.world.land("toy", FILES)
    do(toy, 1)
    do(toy, 2)
    toy.world.land("toy", {"place/0.json": {"places": [{"name": "new"}]}})
    joined = whole(toy)
    assert joined.counts["buckets built"] == 1
    assert "new" in {row["name"] for row in toy.world.rows(joined, "toy/core.venue")}


def test_drift_is_judged_over_the_whole_source_and_not_in_a_bucket(toy) -> None:
    toy.declare(max_drift=0.01)
    toy.world.land("toy", FILES)
    assert do(toy, 1).counts["set aside"] == 1
    do(toy, 2)
    with pytest.raises(DataError, match=r"toy: 1 of 18 records .* set aside"):
        whole(toy)
    assert runs.receipts(toy.world.store, "r1", "normalize.toy") == []


def test_what_is_little_of_the_whole_may_be_much_of_a_bucket(toy) -> None:
    toy.declare(max_drift=0.06)  # 1 of 18 records in all
    alone = KEYS[0]
    bucket = bucket_of(alone, 2) + 1
    few = {alone: {"places": [{"name": "x", "size": "many"}]}}
    others = {key: FILES[f"place/{key}"] for key in KEYS if bucket_of(key, 2) + 1 != bucket}
    many = {f"m{n}.json": {"places": [{"name": "y"}] * 10} for n in range(4)}
    toy.world.land("toy", {f"place/{key}": file for key, file in (few | others | many).items()})
    do(toy, 1)
    do(toy, 2)
    assert whole(toy).counts["set aside"] == 1


def test_a_bucket_with_more_than_a_task_can_hold_is_done_in_pieces(toy, world, monkeypatch) -> None:
    toy.world.land("toy", FILES)
    at_once = whole(toy)
    expected = _everything(toy, at_once)
    toy.world = world()
    monkeypatch.setattr(units, "PIECE", len(FILES["place/0.json"]))
    toy.world.land("toy", FILES)
    in_pieces = whole(toy)
    assert in_pieces.counts["buckets"] > at_once.counts["buckets"]
    assert _everything(toy, in_pieces) == expected


def _everything(toy, receipt: Receipt) -> list[list[str]]:
    return [sorted(map(repr, toy.world.rows(receipt, name))) for name in ("toy/core.venue", "toy/core.account")]


def test_a_piece_stays_as_it_is_when_other_files_change(toy, monkeypatch) -> None:
    monkeypatch.setattr(units, "PIECE", len(FILES["place/0.json"]))
    toy.world.land("toy", FILES)
    before = whole(toy)
    assert before.counts["buckets"] == before.counts["buckets built"] > 4
    toy.world.land("toy", {"place/0.json": {"places": [{"name": "n0", "size": 0}, {"name": "nowhere"}]}})
    assert whole(toy, "r2").counts["buckets built"] == 1


@pytest.mark.parametrize("bucket", [0, 3, -1])
def test_a_bucket_that_the_source_does_not_have_is_refused(toy, bucket: int) -> None:
    with pytest.raises(UsageError, match=f"toy has no bucket {bucket}") as raised:
        do(toy, bucket)
    assert raised.value.hint == "its buckets are 1 to 2"


def test_the_verb_does_one_bucket(toy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from fieldhouse.cli.ending import end

    toy.world.land("toy", FILES)
    args = ["normalize", "toy", "--run", "r1", "--bucket", "2", "--lake", toy.world.store.url, "--json"]
    assert end(args) == 0
    assert json.loads(capsys.readouterr().out)["task"] == "normalize.toy.2"
