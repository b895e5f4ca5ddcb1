"""The one graph: what can run after what, and how a task is called on the command line."""

from dataclasses import replace

import pytest

from fieldhouse import contracts, interval, plan, sources
from fieldhouse.errors import UsageError
from fieldhouse.plan import Graph, Task

SOURCES = list(sources.load_all().values())
GRAPH = plan.graph(SOURCES, contracts.load_all())
JULY = interval.between("2026-07-01", "2026-08-01")


def split(buckets: int) -> sources.Source:
    """A source whose first feed is split."""
    source = SOURCES[0]
    feeds = [replace(feed, buckets=1) for feed in source.feeds.values()]
    feeds[0] = replace(feeds[0], buckets=buckets)
    return replace(source, feeds={feed.name: feed for feed in feeds})


def refuse_what_comes_too_early(tasks: tuple[Task, ...]) -> None:
    known: set[str] = set()
    for task in tasks:
        assert set(task.needs) <= known, task.id
        known.add(task.id)


@pytest.mark.parametrize("name", [source.name for source in SOURCES])
def test_each_task_of_a_source_comes_after_what_it_needs(name: str) -> None:
    refuse_what_comes_too_early((*GRAPH.sources[name], *GRAPH.ahead[name]))


def test_each_task_of_the_release_comes_after_what_it_needs() -> None:
    refuse_what_comes_too_early(GRAPH.release)
    assert len({task.id for task in GRAPH.release}) == len(GRAPH.release)


def test_what_is_done_ahead_ends_with_the_task_that_the_release_has() -> None:
    of_release = {task.id for task in GRAPH.release}
    for name, tasks in GRAPH.ahead.items():
        assert tasks[-1].id == f"normalize.{name}"
        assert tasks[-1].id in of_release
        assert not {task.id for task in tasks[:-1]} & of_release


def test_a_source_with_one_bucket_is_one_task() -> None:
    [whole] = plan.ahead(split(1))
    assert (whole.id, whole.needs) == ("normalize.openfootball", ("land.openfootball",))


def test_a_source_with_several_buckets_is_a_task_each_and_one_after_all_of_them() -> None:
    *parts, whole = plan.ahead(split(3))
    assert [part.id for part in parts] == [f"normalize.openfootball.{n}" for n in (1, 2, 3)]
    assert {part.needs for part in parts} == {("land.openfootball",)}
    assert whole.needs == tuple(part.id for part in parts)


def test_what_an_image_reads_is_read_before_it_is_normalized() -> None:
    source = split(2)
    read = {name: replace(feed, reader="image") for name, feed in list(source.feeds.items())[:2]}
    *reads, one, two, whole = plan.ahead(replace(source, feeds={**source.feeds, **read}))
    assert [task.id for task in reads] == [f"read.openfootball.{name}" for name in read]
    assert {task.needs for task in reads} == {("land.openfootball",)}
    assert one.needs == two.needs == tuple(task.id for task in reads)
    assert {task.after_reading for task in (one, two, whole)} == {True}


def test_what_a_function_in_python_reads_is_read_by_normalize_itself() -> None:
    source = split(1)
    feeds = {name: replace(feed, reader="reader.py") for name, feed in source.feeds.items()}
    assert [task.id for task in plan.ahead(replace(source, feeds=feeds))] == ["normalize.openfootball"]


def test_a_feed_that_is_not_read_does_not_count() -> None:
    source = split(5)
    unread = {name: replace(feed, records=()) for name, feed in source.feeds.items()}
    assert plan.buckets(replace(source, feeds=unread)) == 1


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        (Task("publish"), ["publish"]),
        (Task("normalize", "toy"), ["normalize", "toy"]),
        (Task("normalize", "toy", bucket=2), ["normalize", "toy", "--bucket", "2"]),
        (
            Task("extract", "toy", interval=JULY),
            ["extract", "toy", "--from", "2026-07-01T00:00:00Z", "--to", "2026-08-01T00:00:00Z"],
        ),
    ],
)
def test_a_task_is_a_call_of_the_command_line(task: Task, arguments: list[str]) -> None:
    assert list(task.arguments) == arguments


def test_a_backfill_is_the_tasks_of_the_day_with_an_interval() -> None:
    daily, backfill = plan.source_tasks(SOURCES[0]), plan.source_tasks(SOURCES[0], JULY)
    assert [replace(task, interval=None) for task in backfill] == list(daily)
    assert [task.interval for task in backfill] == [JULY, None]  # what landed is landed, whatever it was asked for


def test_all_tasks_are_those_of_sources_and_of_the_release() -> None:
    assert Graph().tasks == ()
    ahead = [task for tasks in GRAPH.ahead.values() for task in tasks]
    assert set(ahead) < set(GRAPH.tasks)
    assert set(GRAPH.release) < set(GRAPH.tasks)


def test_a_program_of_its_own_says_whether_it_knows_intervals() -> None:
    source = SOURCES[0]
    own = replace(source, extractor=replace(source.extractor, uses="", language="elixir"))
    with pytest.raises(UsageError, match="openfootball cannot be backfilled: its extractor is not declared") as raised:
        plan.backfilled(own)
    assert "`intervals = true`" in raised.value.hint
    assert plan.backfilled(replace(own, extractor=replace(own.extractor, intervals=True))) == tuple(source.feeds)


def test_only_dated_feeds_are_asked_for_an_interval() -> None:
    source = split(1)
    feeds = {name: replace(feed, raw={k: v for k, v in feed.raw.items() if k != "dated"} if name != "league" else feed.raw)
             for name, feed in source.feeds.items()}  # fmt: skip
    assert plan.backfilled(replace(source, feeds=feeds)) == ("league",)


def test_a_release_is_loaded_into_a_warehouse_last_and_only_where_there_is_one() -> None:
    *rest, last = plan.graph(SOURCES, contracts.load_all(), warehouse=True).release
    assert (last.id, last.needs, last.arguments) == ("warehouse", ("publish",), ("warehouse",))
    assert tuple(rest) == GRAPH.release
