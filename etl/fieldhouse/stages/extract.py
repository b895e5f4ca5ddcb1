"""extract: ask a source's extractor for its feeds, in its image or as a process; what it seals is landed by `land`."""

import threading
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fieldhouse import plan, settings, sources
from fieldhouse.errors import ConfigurationError, DataError, TemporaryError
from fieldhouse.extract import program as programs
from fieldhouse.extract.ended import raise_for
from fieldhouse.extract.known import Known
from fieldhouse.extract.log import LogRecord
from fieldhouse.extract.request import write_request
from fieldhouse.interval import Interval
from fieldhouse.lake import landings, objects, runs
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.sources import Source
from fieldhouse.stages import attempt as attempts
from fieldhouse.stages import landing


def run(
    store: Store,
    source_name: str,
    run_id: str,
    *,
    interval: Interval | None = None,
    mirror: str | None = None,
    log: Callable[[LogRecord], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Receipt:
    """Run one attempt of a source's extractor; `mirror` is the URL that stands in for its bases.

    With an `interval` it is a backfill: UsageError where the source cannot be asked for one.

    First lands what earlier attempts of this run sealed before they ended with 75, so that this one finds it known.
    Succeeds after exit 0; everything else raises the error of its exit class, NotRunnable where the extractor cannot run
    on this machine. Whether the seal is true is for `land`
    to find out.
    """
    meter = Meter()
    runs.check_run(run_id)
    source = sources.find(source_name)
    feeds = _asked(source, interval)
    program = programs.find(source, mirror=mirror)
    landing.land_left(store, source, attempts.made(store, source.name, run_id))
    attempt = attempts.begin(store, source.name, run_id)
    request = _write_request(
        store, source, attempt, interval=interval, feeds=feeds, mirror=mirror, seen_as=program.inbox
    )
    ended = program.run(request, attempt.out, limits=source.limits, log=log, stop=stop)
    attempt.write_exit(ended.exit_code)
    try:
        raise_for(ended, source)
    except DataError as error:  # what upstream gave is kept for a look
        landing.set_aside(store, source, attempt, error.message, lies=(error.message,))
        raise
    receipt = Receipt(run_id, f"extract.{source.name}", attempt.number, counts={"attempt": attempt.number})
    return runs.leave(store, meter.stamp(receipt))


def prepare(
    store: Store,
    source_name: str,
    run_id: str,
    number: int,
    *,
    inbox: Path,
    interval: Interval | None = None,
    secrets: Path | None = None,
    mirror: str | None = None,
) -> Path:
    """Write the request of an attempt that something else runs (a pod), and make its empty output folder.

    First lands what earlier attempts of this run sealed and left. `inbox` and `secrets` are the paths at which the
    extractor sees its request's folder and its secrets. The result is the attempt's folder, with `in` and `out`.
    With an `interval` it is a backfill: UsageError where the source cannot be asked for one.
    """
    runs.check_run(run_id)
    source = sources.find(source_name)
    feeds = _asked(source, interval)
    earlier = [a for a in attempts.made(store, source.name, run_id) if a.number != number]
    landing.land_left(store, source, earlier)
    attempt = attempts.begin_as(store, source.name, run_id, number)
    _write_request(
        store, source, attempt, interval=interval, feeds=feeds, mirror=mirror, secrets=secrets, seen_as=inbox
    )
    return attempt.folder


def _asked(source: Source, interval: Interval | None) -> Sequence[str] | None:
    """The feeds that are asked for; None for all of them."""
    return None if interval is None else plan.backfilled(source)


def _write_request(
    store: Store,
    source: Source,
    attempt: attempts.Attempt,
    *,
    interval: Interval | None,
    feeds: Sequence[str] | None,
    mirror: str | None,
    secrets: Path | None = None,
    seen_as: Path | None = None,
) -> Path:
    return write_request(
        attempt.inbox,
        source,
        attempt.run,
        attempt.number,
        known=_known(store, source.name),
        state=_state(store, source.name),
        interval=interval,
        feeds=feeds,
        config=overrides(source),
        secrets=secrets,
        mirror=mirror,
        seen_as=seen_as,
    )


def overrides(source: Source) -> Mapping[str, object]:
    """What the file in FIELDHOUSE_CONFIG says under [<source>]; it replaces entries of the source's [config]."""
    path = settings.setting("FIELDHOUSE_CONFIG")
    if not path:
        return {}
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8")).get(source.name, {})
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"FIELDHOUSE_CONFIG: {path} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise ConfigurationError(f"FIELDHOUSE_CONFIG: {path}: [{source.name}] is no table")
    return values


def _known(store: Store, source: str) -> list[Known]:
    """What the lake has of a source. An object that was lost or cut short is not among it, so that it comes again."""
    last = max(landings.numbers(store, source), default=0)
    there = dict(store.entries("raw"))
    files = [f for f in landings.snapshot(store, source, last).values() if there.get(objects.name(f.sha256)) == f.bytes]
    return [Known(f.feed, f.key, f.sha256, f.bytes, f.etag, f.last_modified) for f in files]


def _state(store: Store, source: str) -> Mapping[str, object] | None:
    last = max(landings.numbers(store, source), default=0)
    return landings.read(store, source, last).state if last else None


def retry_after(error: TemporaryError) -> float:
    """Seconds to wait before the next attempt: what the source asked for, else a second."""
    return error.retry_after_s if error.retry_after_s is not None else 1.0
