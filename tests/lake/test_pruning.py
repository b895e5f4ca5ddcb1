"""Forgetting old releases, and the tags that keep some: what stays can be read, and numbers are never used again."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldhouse.errors import NotFound, UsageError
from fieldhouse.lake import Store, pruning, releases, runs, tags
from fieldhouse.lake.parts import Part
from fieldhouse.lake.pruning import plan_prune, prune
from fieldhouse.lake.releases import Release
from fieldhouse.lake.runs import Inputs, Receipt
from fieldhouse.lake.verify import verify

DAY = 86400.0


@pytest.fixture
def written_on(store: Store, request: pytest.FixtureRequest) -> Callable[[str, float], None]:
    """Lets one file have been written on a day."""

    def _written_on(name: str, day: float) -> None:
        if store.folder is None:
            request.getfixturevalue("s3").age(store.url, name, day * DAY)
        else:
            os.utime(store.folder / name, (day * DAY, day * DAY))

    return _written_on


@pytest.fixture
def published(
    publish: Callable[..., Release], part: Callable[..., Part], written_on: Callable[[str, float], None]
) -> Callable[[int], None]:
    """Publishes so many releases, the first on day 1, each a day after the other."""

    def _published(count: int) -> None:
        for number in range(1, count + 1):
            publish(part(number), run=f"run-{number}")
            written_on(releases.name(number), number)

    return _published


def test_what_is_neither_new_nor_young_nor_tagged_is_forgotten(store: Store, published: Callable[[int], None]) -> None:
    published(9)
    tags.give(store, "paper", 2)
    plan = plan_prune(store, keep=2, keep_days=4, now=10 * DAY)
    assert plan.forget == (1, 3, 4, 5, 6)
    assert plan.stays == {2: "tagged paper", 7: "young", 8: "among the newest", 9: "among the newest"}
    assert prune(store, plan).forget == plan.forget
    assert releases.numbers(store) == [2, 7, 8, 9]
    assert [release.number for release in releases.every(store)] == [2, 7, 8, 9]
    assert verify(store).clean


def test_a_plan_forgets_nothing(store: Store, published: Callable[[int], None]) -> None:
    published(3)
    plan_prune(store, keep=1, keep_days=0, now=100 * DAY)
    assert releases.numbers(store) == [1, 2, 3]


def test_the_same_again_forgets_nothing_more(store: Store, published: Callable[[int], None]) -> None:
    published(5)
    plan = plan_prune(store, keep=2, keep_days=0, now=100 * DAY)
    prune(store, plan)
    assert prune(store, plan).forget == ()
    assert plan_prune(store, keep=2, keep_days=0, now=100 * DAY).forget == ()


def test_numbers_go_on_from_the_newest(
    store: Store, published: Callable[[int], None], publish: Callable[..., Release]
) -> None:
    published(4)
    prune(store, plan_prune(store, keep=1, keep_days=0, now=100 * DAY))
    assert publish(run="later").number == 5


@pytest.mark.parametrize("hint", [None, b"1\n", b"half"])
def test_the_newest_is_found_over_the_gap(store: Store, published: Callable[[int], None], hint: bytes | None) -> None:
    published(5)
    tags.give(store, "first", 1)
    store.delete(["releases/latest"])
    if hint is not None:
        store.hint("releases/latest", hint)
    prune(store, plan_prune(store, keep=1, keep_days=0, now=100 * DAY))
    assert releases.numbers(store) == [1, 5]
    assert releases.newest(store) == 5


def test_the_release_that_a_run_in_progress_is_built_upon_stays(
    store: Store, published: Callable[[int], None], written_on: Callable[[str, float], None]
) -> None:
    published(4)
    for run, parent in (("going", 2), ("done", 1), ("long ago", 1)):
        runs.write_inputs(store, Inputs(run, "2026-01-01T00:00:00+00:00", parent, "code", {}))
        written_on(f"runs/{run}/inputs.json", 0 if run == "long ago" else 99)
    runs.leave(store, Receipt("done", "publish", 1))
    plan = plan_prune(store, keep=1, keep_days=0, now=100 * DAY)
    assert (plan.forget, plan.stays[2]) == ((1, 3), "a run is built upon it")


def test_what_is_tagged_since_the_plan_stays(store: Store, published: Callable[[int], None]) -> None:
    published(3)
    plan = plan_prune(store, keep=1, keep_days=0, now=100 * DAY)
    tags.give(store, "just-now", 1)
    assert prune(store, plan).forget == (2,)
    assert releases.read(store, 1).number == 1


def test_what_is_tagged_in_the_very_moment_of_forgetting_comes_back(
    store: Store, published: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    published(2)
    plan = plan_prune(store, keep=1, keep_days=0, now=100 * DAY)
    delete = store.delete

    def tag_first(names: list[str]) -> None:
        monkeypatch.setattr(store, "delete", delete)
        tags.give(store, "just-now", 1)
        delete(names)

    monkeypatch.setattr(store, "delete", tag_first)
    assert prune(store, plan).forget == ()
    assert releases.numbers(store) == [1, 2]
    assert verify(store).clean


def test_a_tag_of_what_is_forgotten_meanwhile_is_taken_back(
    store: Store, published: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    published(2)
    create = store.create

    def forget_first(name: str, data: bytes) -> bool:
        store.delete([releases.name(1)])
        return create(name, data)

    monkeypatch.setattr(store, "create", forget_first)
    with pytest.raises(NotFound, match="just been forgotten"):
        tags.give(store, "late", 1)
    assert tags.read_all(store) == []


def test_at_least_the_newest_stays(store: Store) -> None:
    with pytest.raises(UsageError, match="at least one release stays"):
        plan_prune(store, keep=0)
    assert plan_prune(store) == pruning.PrunePlan((), {})


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(0, 12),
    keep=st.integers(1, 6),
    days=st.integers(0, 12),
    tagged=st.sets(st.integers(1, 12)),
    killed=st.integers(0, 12),
)
def test_whatever_is_kept_is_kept_and_the_newest_is_found_wherever_it_was_killed(
    tmp_path_factory: pytest.TempPathFactory, count: int, keep: int, days: int, tagged: set[int], killed: int
) -> None:
    from fieldhouse.lake import open_store

    store = open_store(str(tmp_path_factory.mktemp("lake")))
    for number in range(1, count + 1):
        assert releases.create(store, Release(number, number - 1, "", f"r{number}", "", "", {}, {}, {}, (), {}, {}))
        os.utime(Path(store.url) / releases.name(number), (number * DAY, number * DAY))
    tagged = {number for number in tagged if number <= count}
    for number in tagged:
        tags.give(store, f"t{number}", number)
    plan = plan_prune(store, keep, days, now=(count + 1) * DAY)
    expected = {n for n in range(1, count + 1) if n > count - keep or n > count + 1 - days or n in tagged}
    assert set(plan.stays) == expected
    assert sorted({*plan.stays, *plan.forget}) == list(range(1, count + 1))
    prune(store, pruning.PrunePlan(plan.forget[:killed], plan.stays))  # as far as it came
    assert releases.newest(store) == count
    assert set(releases.numbers(store)) == expected | set(plan.forget[killed:])


def test_a_tag_is_given_once_and_says_what_it_names(store: Store, published: Callable[[int], None]) -> None:
    published(2)
    given = tags.give(store, "paper-2026")
    assert (given.release, given.content) == (2, releases.read(store, 2).content)
    assert tags.give(store, "paper-2026", 2) == given
    with pytest.raises(UsageError, match=r"is that of release 2") as caught:
        tags.give(store, "paper-2026", 1)
    assert "untag paper-2026" in caught.value.hint
    assert tags.take(store, "paper-2026") == given
    assert tags.give(store, "paper-2026", 1).release == 1


@pytest.mark.parametrize("name", ["", "Paper", "a/b", "..", "a b", "x" * 81, "-a"])
def test_what_is_no_tag_is_refused(store: Store, published: Callable[[int], None], name: str) -> None:
    published(1)
    with pytest.raises(UsageError, match="are expected"):
        tags.give(store, name)


def test_a_tag_that_is_not_there_names_those_that_are(store: Store, published: Callable[[int], None]) -> None:
    published(1)
    tags.give(store, "paper")
    with pytest.raises(NotFound, match="tags are paper"):
        tags.take(store, "papier")
    with pytest.raises(NotFound, match="no release 9"):
        tags.give(store, "other", 9)


def test_a_tag_without_its_release_is_damage(store: Store, published: Callable[[int], None]) -> None:
    published(2)
    tags.give(store, "paper", 1)
    store.delete([releases.name(1)])
    (problem,) = verify(store).problems
    assert (problem.name, problem.what) == ("tags/paper.json", "is a tag of release 1, which is missing")
