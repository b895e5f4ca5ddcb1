"""Explanations as plain text, for a screen or a log."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from fieldhouse.explain.due import Step
from fieldhouse.explain.tracing import RawRecord, Trace


def tell_plan(steps: Sequence[Step]) -> str:
    """One line a step; what is remembered of one task is one line together."""
    lines: list[str] = []
    for task, group in groupby(steps, key=lambda step: step.task):
        own = list(group)
        kept = [step for step in own if step.action == "remembered"]
        lines.extend(_build(step) for step in own if step.action == "build")
        if kept:
            count = f"{len(kept)} of {len(own)}: " if len(own) > 1 else ""
            lines.append(f"{task:<32}  remembered  {count}{_why(kept[0])}")
    return "\n".join(lines)


def _build(step: Step) -> str:
    unit = f"{step.unit}: " if step.unit else ""
    return f"{step.task:<32}  build       {unit}{_why(step)}"


def _why(step: Step) -> str:
    return f"{step.why} ({step.detail})" if step.detail else step.why


def tell_trace(found: Trace) -> str:
    """The row's key, each raw record with its place and text, and what sources disagree on."""
    count = f"{len(found.records)} raw record{'' if len(found.records) == 1 else 's'}"
    lines = [f"{found.dataset} {found.key}, release {found.release}: {count}"]
    for record in found.records:
        lines.extend(_record(record))
    for row in found.disagreements:
        lines.append(
            f"{row['dataset']} {row['key']}: {row['column']} is {row['chosen_value']} by {row['chosen_source']}; "
            f"{row['source']} says {row['value']}"
        )
    return "\n".join(lines)


def _record(record: RawRecord) -> Iterator[str]:
    datasets = ", ".join(dict.fromkeys(dataset for dataset, _ in record.rows))
    yield f"{record.source}/{record.feed} {record.key}, {record.record} → {datasets}"
    landing = f"landing {record.landing}, " if record.landing else ""
    yield f"    {landing}object {record.object}{f', {record.url}' if record.url else ''}"
    yield f"    {record.raw if record.raw is not None else '(its feed is declared no more)'}"
    for row in record.corrections:
        repaired = f"{row['field'] or row['action']}: {row['was']} → {row['becomes']}"
        yield f"    corrected: {repaired} ({row['rule']}: {row['reason']})"
