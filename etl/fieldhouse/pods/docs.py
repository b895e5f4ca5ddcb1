"""What Airflow shows of a DAG and a task, written from the declarations."""

from collections.abc import Mapping, Sequence

from fieldhouse.contracts import Contract
from fieldhouse.errors import UsageError
from fieldhouse.plan import Task, backfilled
from fieldhouse.sources import Source

_DOES = {
    "extract": "Asks the source's extractor for its feeds. The container sees its request and its own output folder only.",
    "land": "Hashes what was sealed, stores it, and records a numbered landing.",
    "read": "Asks the source's own reader for the records of a feed that SQL cannot read. The container sees the files that "
    "nobody has read yet, and its own output folder.",
    "cut": "Pins what the release is made from: the newest landing of every source, and the newest release.",
    "normalize": "Turns raw records into rows of datasets, in the source's own ids. What was done before is remembered; "
    "what was set aside is judged over the whole source.",
    "conform": "Joins what all sources say: one row a thing, one id a team, match and person.",
    "denormalize": "Builds the wide datasets of a domain.",
    "audit": "Checks the datasets of a domain. What fails is not published.",
    "publish": "Publishes all tables as the next release, at once; nothing, if nothing has changed.",
    "warehouse": "Loads the newest release into the warehouse, beside those that are there, and lets its views show it.",
}
_BUCKET = "Does one bucket of each feed ahead. The task after it does what is missing, and judges the whole source."


def of_source(source: Source) -> str:
    """A source's DAG."""
    feeds = "\n".join(f"| `{feed.name}` | {feed.format} | {feed.buckets} |" for feed in source.feeds.values())
    return f"""### {source.title}

[{source.homepage}]({source.homepage}), licence {source.licence}. {source.attribution}

Owner: **{source.owner}**. Declared in `containers/{source.name}/source.toml`; its extractor is written in
{source.extractor.language}.

| feed | format | buckets |
|---|---|---|
{feeds}
"""


def of_release(sources: Sequence[Source], contracts: Mapping[str, Contract]) -> str:
    """The DAG that makes releases."""
    names = ", ".join(f"`{source.name}`" for source in sources)
    return f"""### Releases

Made of the newest landings of {names}: {len(contracts)} datasets. A source that is down contributes its last good landing.
Readers see a release when everything in it has passed its checks, and then all of it at once.
"""


def of_backfill(sources: Sequence[Source]) -> str:
    """The DAG that asks for the past."""
    can = [source.name for source in sources if _can_be_backfilled(source)]
    return f"""### Backfills

Asks one source for what changed or is dated from one day up to another, step by step, one interval after the other.
What lands is taken by the next release; the state of the extractor stays as it is, so that its daily run goes on
where it was. Each interval is a run of its own in the lake.

Can be backfilled: {", ".join(f"`{name}`" for name in can) or "none"}. Any other is refused by the first task.

By hand: `fieldhouse extract SOURCE --from DAY --to DAY --run RUN`, then `fieldhouse land SOURCE --run RUN`
"""


def _can_be_backfilled(source: Source) -> bool:
    try:
        return bool(backfilled(source))
    except UsageError:
        return False


def of_intervals() -> str:
    """The first task of a backfill."""
    return "Cuts the interval into steps. Refuses a source that cannot be backfilled. Runs in Airflow's worker, without a pod."


def of_stage(stage: str) -> str:
    """A group of tasks of one stage."""
    return _DOES[stage]


def of_task(task: Task, source: Source | None) -> str:
    """One task."""
    does = _BUCKET if task.bucket else _DOES[task.stage]
    of = source.title if source is not None else task.of
    return f"{does}\n\nBy hand: `fieldhouse {' '.join(task.arguments)} --run RUN`" + (f" ({of})" if of else "")
