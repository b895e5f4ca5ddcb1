"""Records that normalize has set aside, by reason: which, since when, and what can be done about each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldhouse import sources
from fieldhouse.consume.nearest import missing
from fieldhouse.errors import NotFound
from fieldhouse.lake import aside, landings, memo, releases, runs
from fieldhouse.lake.aside import Refused
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.sources import Source
from fieldhouse.stages import normalize

LISTED = "`fieldhouse source aside ls --all` lists them"


@dataclass(frozen=True)
class Record:
    """One record that was set aside: where it is, and how it differs from what is declared.

    `ordinal` counts from 0 within the file; -1 is the file as a whole.
    """

    feed: str
    key: str
    object: str
    records: str
    ordinal: int
    rule: str
    field: str
    declared: str
    found: str
    value: str | None


@dataclass(frozen=True)
class Reason:
    """All records of a feed that were set aside for one reason. `since`: when the oldest of their files landed.

    `id`: `<source>/<feed>/<reason>`. `basis`: what was looked at: a landing as it is normalized now, or a release.
    """

    id: str
    source: str
    feed: str
    rule: str
    records: tuple[Record, ...]
    since: str | None
    basis: str

    @property
    def files(self) -> int:
        """How many files they stand in."""
        return len({record.key for record in self.records})


def reasons(store: Store, source: Source) -> list[Reason]:
    """Why records of a source are set aside, the commonest first; nothing where it was never normalized."""
    basis, parts = _set_aside(store, source)
    found: dict[tuple[str, str], list[Record]] = {}
    for record in _records(store, parts):
        found.setdefault((record.feed, _slug(record.rule)), []).append(record)
    since = _landed(store, source.name, {record.object for items in found.values() for record in items})
    made = [
        Reason(
            id=f"{source.name}/{feed}/{slug}",
            source=source.name,
            feed=feed,
            rule=items[0].rule,
            records=tuple(items),
            since=min((since[r.object] for r in items if r.object in since), default=None),
            basis=basis,
        )
        for (feed, slug), items in found.items()
    ]
    return sorted(made, key=lambda reason: (-len(reason.records), reason.id))


def _set_aside(store: Store, source: Source) -> tuple[str, list[Part]]:
    """The parts that list set-aside records: of the newest complete landing as it was normalized last, else of a release."""
    number = landings.newest_complete(store, source.name)
    if not number:
        return "", []
    results = [memo.find(store, unit.key) for unit in normalize.plan(store, source, None)]
    if all(result is not None for result in results):
        return f"landing {number}", _aside(part for result in results if result for part in result.outputs)
    newest = releases.newest(store)
    try:
        receipt = runs.receipt(store, releases.read(store, newest).run, f"normalize.{source.name}") if newest else None
    except NotFound:
        receipt = None
    return (f"release {newest}", _aside(receipt.outputs)) if receipt else ("", [])


def _aside(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part.dataset.endswith("/aside")]


def _records(store: Store, parts: Sequence[Part]) -> list[Record]:
    if not parts:
        return []
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = [row for part in parts for row in pq.read_table(store.local(part.path)).to_pylist()]
    names = list(Record.__dataclass_fields__)
    return sorted(
        (Record(**{name: row[name] for name in names}) for row in rows),
        key=lambda r: (r.feed, r.key, r.records, r.ordinal),
    )


def _slug(rule: str) -> str:
    """A reason as one word that a shell takes as it is: `type-score.ft`."""
    words = "".join(c if c.isalnum() or c in "._" else " " for c in rule).split()
    return "-".join(words)


def _landed(store: Store, source: str, objects: set[str]) -> dict[str, str]:
    """When each of the objects landed first."""
    found: dict[str, str] = {}
    for number in landings.numbers(store, source):
        if found.keys() >= objects:
            break
        landing = landings.read(store, source, number)
        for item in landing.changed:
            if item.sha256 in objects:
                found.setdefault(item.sha256, landing.time)
    return found


def ways_out(reason: Reason) -> list[str]:
    """What can be done about a reason, most likely first."""
    first = reason.records[0]
    toml = f"containers/{reason.source}/source.toml"
    where = f"the field {first.field or '(the record)'} under [feeds.{reason.feed}.records.{first.records}.fields] in {toml}"
    bear = f"if it is to be borne: it stands in core.account; max_drift under [limits] in {toml} says how much may"
    if first.ordinal < 0:
        return [
            "the file as a whole cannot be read: ask upstream to mend it; the next landing that has it right is used",
            bear,
        ]
    match first.rule.partition(":")[0]:
        case "type":
            return [f"if upstream changed: another type, or another `at`, for {where}", bear]
        case "missing":
            return [f"if it may be absent: null = true for {where}", bear]
        case "value":
            fix = f"if it is wrong: a row in containers/{reason.source}/corrections.csv, such as\n    {_correction(reason)}"
            return [f"if it is right: nulls, values or another type for {where}", fix, bear]
        case _:
            return ["ask upstream to mend it; the next landing that has it right is used", bear]


def _correction(reason: Reason) -> str:
    """A row for corrections.csv that repairs the first record, but for what only a person knows."""
    import csv
    import io

    first = reason.records[0]
    selector = f"_key = '{first.key.replace(chr(39), chr(39) * 2)}' AND _ordinal = {first.ordinal}"
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(
        [
            "NAME",
            first.feed,
            first.records,
            selector,
            first.field,
            first.value or "",
            "set",
            "BECOMES",
            "REASON",
            "EVIDENCE",
        ]
    )
    return text.getvalue()


def find(store: Store, wanted: str) -> Refused | Reason:
    """The refused attempt or the reason with this id; NotFound names the nearest."""
    attempts = {refused.id: refused for refused in aside.read_all(store)}
    if wanted in attempts:
        return attempts[wanted]
    known = sources.load_all()
    named = wanted.partition("/")[0]
    of = [known[named]] if named in known else list(known.values())
    found: Mapping[str, Reason] = {reason.id: reason for source in of for reason in reasons(store, source)}
    if wanted in found:
        return found[wanted]
    raise missing(store.url, "attempt or reason set aside", wanted, [*attempts, *found], hint=LISTED)
