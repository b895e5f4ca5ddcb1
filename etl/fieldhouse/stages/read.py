"""read: ask a source's own reader, in an image of its own, for the records of one feed; `normalize` takes what it makes."""

from collections.abc import Callable
from pathlib import Path

from fieldhouse import sources
from fieldhouse.errors import UsageError
from fieldhouse.extract import readers, shelf
from fieldhouse.extract.log import LogRecord
from fieldhouse.extract.shelf import Shelf
from fieldhouse.lake import landings, runs
from fieldhouse.lake.landings import Landed
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.plan import Task
from fieldhouse.sources import Feed, Source
from fieldhouse.stages import attempt as attempts
from fieldhouse.stages.attempt import Attempt


def run(
    store: Store, source_name: str, feed_name: str, run_id: str, *, log: Callable[[LogRecord], None] = lambda _: None
) -> Receipt:
    """Read what nobody has read yet of a feed of the newest complete landing, by its reader on this machine.

    Raises the error of its exit class where the reader fails, UsageError for a feed that has none.
    """
    meter = Meter()
    source = sources.find(source_name)
    feed = _with_reader(source, feed_name)
    unread = _unread(store, source, feed)
    keys = {item.sha256 for item in unread}
    for bucket, landed in _buckets(store, source, feed).items():
        if any(item.sha256 in keys for item in landed):
            readers.ensure(store, Shelf(source, feed, bucket), landed, run_id, log=log)
    task = Task("read", source.name, feed=feed.name)
    return runs.leave(store, meter.stamp(Receipt(run_id, task.id, 1, counts={"files": len(unread)})))


def prepare(store: Store, source_name: str, feed_name: str, run_id: str, number: int, *, inbox: Path) -> Path:
    """Write the request of an attempt to read a feed that something else runs (a pod), and make its empty output folder.

    Asked for are the files of the newest complete landing that nobody has read yet, which lie beside the request.
    `inbox`: where the reader sees its request's folder. The result is the attempt's folder, with `in` and `out`.
    """
    runs.check_run(run_id)
    source = sources.find(source_name)
    feed = _with_reader(source, feed_name)
    attempt = attempts.begin_as(store, Attempt.reading(source.name, feed.name), run_id, number)
    place = Shelf(source, feed, 0)
    readers.ask(store, place, _unread(store, source, feed), run_id, number, attempt.inbox, seen_as=inbox)
    return attempt.folder


def _with_reader(source: Source, name: str) -> Feed:
    feed = source.feed(name)
    if not feed.reader:
        raise UsageError(f"{source.name}/{name} has no reader: `fieldhouse normalize {source.name}` reads it as it is")
    return feed


def _unread(store: Store, source: Source, feed: Feed) -> list[Landed]:
    """The files of a feed of which no records are remembered, each content once."""
    found: dict[str, Landed] = {}
    for bucket, landed in _buckets(store, source, feed).items():
        known = shelf.find(store, Shelf(source, feed, bucket))
        found |= {item.sha256: item for item in shelf.missing(known, landed)}
    return list(found.values())


def _buckets(store: Store, source: Source, feed: Feed) -> dict[int, list[Landed]]:
    """The files of a feed by their buckets, in the order of keys."""
    snapshot = landings.snapshot(store, source.name, landings.newest_complete(store, source.name))
    found: dict[int, list[Landed]] = {}
    for item in sorted(item for item in snapshot.values() if item.feed == feed.name):
        found.setdefault(shelf.bucket_of(item.key, feed.buckets), []).append(item)
    return found
