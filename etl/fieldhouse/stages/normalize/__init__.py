"""normalize: raw objects of one source to parts in the source's own ids, bucket by bucket, every record accounted for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from fieldhouse import contracts, settings, sources
from fieldhouse.errors import DataError, UsageError
from fieldhouse.extract.readers import Left
from fieldhouse.lake import landings, memo, parts, runs
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.plan import Task, buckets
from fieldhouse.sources import Source
from fieldhouse.stages import attempt as attempts
from fieldhouse.stages.attempt import Attempt
from fieldhouse.stages.normalize import build, repair, units
from fieldhouse.stages.normalize.units import Unit


def run(store: Store, source_name: str, run_id: str) -> Receipt:
    """Normalize what the run has pinned of a source (or, without pinned inputs, its newest complete landing).

    Remembered buckets are taken as they are. Raises DataError when more records than the source's `max_drift` had to
    be set aside, naming feed, record, field, declared and found type, and the value.
    """
    meter = Meter()
    source = sources.find(source_name)
    planned = plan(store, source, run_id)
    results, fresh = _do_all(store, planned, run_id)
    _refuse_drift(store, source, planned, results)
    notes = tuple(_notes(planned, results))
    receipt = _receipt(run_id, Task("normalize", source.name), planned, results, fresh)
    return runs.leave(store, meter.stamp(replace(receipt, notes=notes)))


def run_bucket(store: Store, source_name: str, run_id: str, bucket: int) -> Receipt:
    """Do one bucket (from 1) of each feed of a source ahead of `run`, which then finds it remembered.

    Whether too much was set aside is for `run` to say, which sees the whole source; so are notes. UsageError for a
    bucket that the source does not have.
    """
    meter = Meter()
    source = sources.find(source_name)
    last = buckets(source)
    if not 1 <= bucket <= last:
        raise UsageError(f"{source.name} has no bucket {bucket}", hint=f"its buckets are 1 to {last}")
    planned = [unit for unit in plan(store, source, run_id) if unit.bucket == bucket - 1]
    results, fresh = _do_all(store, planned, run_id)
    receipt = _receipt(run_id, Task("normalize", source.name, bucket=bucket), planned, results, fresh)
    return runs.leave(store, meter.stamp(receipt))


def _receipt(run_id: str, task: Task, planned: Sequence[Unit], results: Sequence[memo.Result], fresh: int) -> Receipt:
    counts: Counter[str] = Counter()
    for result in results:
        counts.update(result.counts)
    return Receipt(
        run=run_id,
        task=task.id,
        attempt=1,
        remembered=not fresh,
        outputs=tuple(part for result in results for part in result.outputs),
        counts={**counts, "buckets": len(planned), "buckets built": fresh},
        # What readers made is named, too: it is needed as long as the run is.
        inputs=(*(unit.key for unit in planned), *(unit.shelf.key for unit in planned if unit.shelf)),
    )


def _do_all(store: Store, planned: Sequence[Unit], run_id: str) -> tuple[list[memo.Result], int]:
    """The results of units, done side by side, and how many were not remembered."""
    with ThreadPoolExecutor(max_workers=settings.threads()) as pool:
        done = list(pool.map(lambda unit: _do(store, unit, run_id), planned))
    return [result for result, _ in done], sum(not remembered for _, remembered in done)


def _do(store: Store, unit: Unit, run_id: str) -> tuple[memo.Result, bool]:
    """The result of a unit, and whether it was remembered."""
    key = unit.key
    found = memo.find(store, key)
    if found is not None:
        return found, True
    built = build.build(store, unit, run_id, _left(store, unit, run_id) if unit.shelf else ())
    memo.remember(store, key, built)
    return built, False


def _left(store: Store, unit: Unit, run_id: str) -> list[Left]:
    """What pods of this run have read of the unit's feed."""
    made = attempts.made(store, Attempt.reading(unit.source.name, unit.feed.name), run_id)
    return [Left(attempt.inbox, attempt.out) for attempt in made]


def plan(store: Store, source: Source, run_id: str | None) -> list[Unit]:
    """The units of work of a source for a run (None: for its newest complete landing)."""
    number = _landing(store, source.name, run_id)
    snapshot = landings.snapshot(store, source.name, number)
    return units.plan(source, snapshot, contracts.load_all(), settings.home())


def _landing(store: Store, source: str, run_id: str | None) -> int:
    if run_id is not None and store.find(f"runs/{run_id}/inputs.json") is not None:
        pinned = runs.read_inputs(store, run_id).sources.get(source)
        return pinned.landing if pinned else 0
    return landings.newest_complete(store, source)


def _notes(planned: Sequence[Unit], results: Sequence[memo.Result]) -> Iterator[Mapping[str, object]]:
    """What the units noticed; a correction is stale only where it fits in none of its feed's units.

    One that speaks of a file that has not landed (a mirror may hold less than upstream) is not stale, it is not due.
    """
    landed = {landed.key for unit in planned for landed in unit.objects}
    units_of = Counter(unit.feed.name for unit in planned)
    unfitted: Counter[tuple[tuple[str, object], ...]] = Counter()
    for note in (note for result in results for note in result.notes):
        if note.get("note") != repair.STALE:
            yield note
            continue
        key = tuple(sorted(note.items()))
        unfitted[key] += 1
        due = repair.named_keys(str(note["selector"])) <= landed
        if due and unfitted[key] == units_of[str(note["feed"])]:
            yield note


def _refuse_drift(store: Store, source: Source, planned: Sequence[Unit], results: Sequence[memo.Result]) -> None:
    """Fail where too many records or too many whole files were set aside, with the first examples of each reason.

    A file that cannot be read counts as one record, however many it holds: so files have a share of their own.
    """
    total = sum(n for r in results for n in r.counts.values())
    aside = sum(r.counts.get("set aside", 0) for r in results)
    if not aside:
        return
    rows = [row for r in results for p in r.outputs if p.dataset.endswith("/aside") for row in _rows(store, p)]
    files, broken = sum(len(u.objects) for u in planned), len({(r["feed"], r["key"]) for r in rows if r["ordinal"] < 0})
    tolerance = source.limits.max_drift
    if aside <= tolerance * total and broken <= tolerance * files:
        return
    shown = "\n  ".join(_examples(rows)[:8])
    raise DataError(
        f"{source.name}: {aside} of {total} records and {broken} of {files} files set aside, more than "
        f"max_drift = {tolerance}\n  {shown}",
        hint=f"if upstream changed, declare it in containers/{source.name}/source.toml; if it is wrong, repair it in "
        f"corrections.csv; if it is to be borne, raise limits.max_drift",
    )


def _rows(store: Store, part: parts.Part) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(store.local(part.path)).to_pylist()
    return rows


def _examples(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line a reason: file, record, field, what was declared and what was found, and the value."""
    seen: dict[str, str] = {}
    for row in rows:
        record = f"{row['records']} {row['ordinal']}" if row["ordinal"] >= 0 else "the file"
        seen.setdefault(
            row["rule"],
            f"{row['feed']}/{row['key']}, {record}: {row['rule']}: field {row['field'] or '-'}: "
            f"declared {row['declared']}, found {row['found']}: {row['value']!r}",
        )
    return list(seen.values())
