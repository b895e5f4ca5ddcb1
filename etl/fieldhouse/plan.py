"""The one graph: declarations become tasks and edges, whoever runs them. It reads no lake.

`embedded` runs it on one machine; DAGs turn the same tasks into pods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fieldhouse.contracts import Contract
from fieldhouse.errors import UsageError
from fieldhouse.interval import Interval, rfc3339
from fieldhouse.sources import Source

NORMALIZE_MIB = 1536


@dataclass(frozen=True)
class Task:
    """One task: a stage and what it works on. `needs` are the ids of the tasks before it.

    `bucket`: which part of a source, from 1; 0 is all of it. `feed`: the one that a reader reads. `after_reading`: it takes
    what readers of its run have left. `interval`: what a backfill asks its source for.
    `retries` and `deadline_s` (seconds) are what a scheduler allows it; `memory_mib` is what a pod of it asks for.
    """

    stage: str
    of: str = ""
    needs: tuple[str, ...] = ()
    retries: int = 2
    deadline_s: float = 3600
    memory_mib: int = 1024
    bucket: int = 0
    interval: Interval | None = None
    feed: str = ""
    after_reading: bool = False

    @property
    def id(self) -> str:
        """The task's id: `publish`, `normalize.openfootball`, `normalize.openfootball.3`, `read.retrosheet.event`."""
        return ".".join(filter(None, (self.stage, self.of, self.feed, str(self.bucket or ""))))

    @property
    def arguments(self) -> tuple[str, ...]:
        """What follows `fieldhouse` on the command line that does this task."""
        return (self.stage, *([self.of] if self.of else []), *self.options)

    @property
    def options(self) -> tuple[str, ...]:
        """Which part of its work the task is to do, as options of the command line."""
        feed = ("--feed", self.feed) if self.feed else ()
        bucket = ("--bucket", str(self.bucket)) if self.bucket else ()
        interval = ("--from", rfc3339(self.interval.start), "--to", rfc3339(self.interval.end)) if self.interval else ()
        return (*feed, *bucket, *interval)


@dataclass(frozen=True)
class Graph:
    """All tasks, each after what it needs: per source those that run at its own hour, and those of the release.

    `ahead`: what a scheduler with many machines may do as soon as a source has landed, so that the release finds it done.
    """

    sources: Mapping[str, tuple[Task, ...]] = field(default_factory=dict)
    ahead: Mapping[str, tuple[Task, ...]] = field(default_factory=dict)
    release: tuple[Task, ...] = ()

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks in an order in which they can run; a source's `normalize` is there ahead and in the release."""
        of_sources = [(*self.sources[name], *self.ahead[name]) for name in self.sources]
        return (*(task for tasks in of_sources for task in tasks), *self.release)


def source_tasks(source: Source, interval: Interval | None = None) -> tuple[Task, Task]:
    """What runs for one source, daily or for the interval of a backfill: extract, then land."""
    extract = Task("extract", source.name, deadline_s=source.limits.deadline_s + 60, memory_mib=512, interval=interval)
    return (extract, Task("land", source.name, needs=(extract.id,), memory_mib=512))


def buckets(source: Source) -> int:
    """Into how many buckets the source's largest feed is declared to be split; smaller feeds lie in the first ones."""
    return max((feed.buckets for feed in source.feeds.values() if feed.records), default=1)


def read_by_image(source: Source) -> tuple[str, ...]:
    """The feeds that a program in an image of its own turns into records."""
    return tuple(feed.name for feed in source.feeds.values() if feed.records and feed.reader == "image")


def ahead(source: Source) -> tuple[Task, ...]:
    """What may be done as soon as a source has landed: normalize it, bucket by bucket, and then see to the whole.

    Before that a feed whose reader has an image of its own is read there: normalize has no other image at hand.

    The release has the last of these, too, for what its run has pinned; where nothing has changed since, all is
    remembered. It does what no bucket's task has left, so that a lost result costs time and nothing else.
    """
    landed, seconds = (f"land.{source.name}",), source.limits.deadline_s + 60
    reads = tuple(
        Task("read", source.name, landed, feed=feed, deadline_s=seconds, memory_mib=512)
        for feed in read_by_image(source)
    )
    needs = tuple(task.id for task in reads) or landed
    whole = Task("normalize", source.name, needs, memory_mib=NORMALIZE_MIB, after_reading=bool(reads))
    if buckets(source) == 1:
        return (*reads, whole)
    parts = tuple(replace(whole, bucket=number) for number in range(1, buckets(source) + 1))
    return (*reads, *parts, replace(whole, needs=tuple(part.id for part in parts)))


def backfilled(source: Source) -> tuple[str, ...]:
    """The feeds that a backfill of a source asks for; UsageError where it cannot be backfilled, and what to do instead.

    The generic HTTP extractor asks for feeds whose keys are `dated`; a program of its own says whether it knows intervals.
    """
    daily = (
        f"its daily run asks for all that upstream offers now: `fieldhouse extract {source.name}` without an interval"
    )
    if source.extractor.uses == "http":
        dated = tuple(name for name, feed in source.feeds.items() if "dated" in feed.raw)
        why, way = "the keys of none of its feeds are `dated`", "docs/http-extractor.md says how to declare it"
    else:
        dated = tuple(source.feeds) if source.extractor.intervals and not source.extractor.uses else ()
        why, way = "its extractor is not declared to know intervals", "`intervals = true` under [extractor] declares it"
    if not dated:
        raise UsageError(f"{source.name} cannot be backfilled: {why}", hint=f"{daily}; {way}")
    return dated


def domains(contracts: Mapping[str, Contract]) -> list[str]:
    """All domains, `core` first."""
    return sorted({c.domain for c in contracts.values()}, key=lambda d: (d != "core", d))


def release_tasks(
    sources: Sequence[Source], contracts: Mapping[str, Contract], *, warehouse: bool = False
) -> tuple[Task, ...]:
    """What makes a release of all sources together; `warehouse`: and then loads it into one."""
    cut = Task("cut", memory_mib=256)
    normalize = [Task("normalize", s.name, needs=(cut.id,), memory_mib=NORMALIZE_MIB) for s in sources]
    conform = Task("conform", needs=tuple(t.id for t in normalize), memory_mib=2048)
    wide = {c.domain for c in contracts.values() if c.layer == "denormalized" or c.copies}
    denormalize = {
        d: Task("denormalize", d, needs=(conform.id,), memory_mib=1536) for d in domains(contracts) if d in wide
    }
    audit = [
        Task("audit", d, needs=(denormalize[d].id if d in denormalize else conform.id,), memory_mib=1024)
        for d in domains(contracts)
    ]
    publish = Task("publish", needs=tuple(t.id for t in audit), retries=0, memory_mib=256)
    # It waits for readers of the views, and for a loader that somebody has started by hand: that can take a while.
    load = [Task("warehouse", needs=(publish.id,), retries=3, memory_mib=768)] if warehouse else []
    return (cut, *normalize, conform, *denormalize.values(), *audit, publish, *load)


def graph(sources: Sequence[Source], contracts: Mapping[str, Contract], *, warehouse: bool = False) -> Graph:
    """The whole graph of these declarations; `warehouse`: with the task that loads releases into one."""
    return Graph(
        sources={s.name: source_tasks(s) for s in sources},
        ahead={s.name: ahead(s) for s in sources},
        release=release_tasks(sources, contracts, warehouse=warehouse),
    )
