"""The plan as Airflow's DAGs: one a source, each at its own hour, one that makes releases of them all, and backfills."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    DAG,
    Asset,
    AssetAll,
    AssetOrTimeSchedule,
    AsyncCallback,
    CronTriggerTimetable,
    DeadlineAlert,
    DeadlineReference,
    Param,
    TaskGroup,
)

from fieldhouse import contracts as declared_contracts
from fieldhouse import interval, plan, sources
from fieldhouse.contracts import Contract
from fieldhouse.plan import Task
from fieldhouse.pods import alerts, backfill, docs, pools, settings
from fieldhouse.pods.identity import Identity
from fieldhouse.pods.operators import OPERATORS, FieldhousePodOperator
from fieldhouse.pods.settings import PodSettings
from fieldhouse.pods.spec import deadline_s
from fieldhouse.pods.work import OWN, Work, program
from fieldhouse.sources import Source

RELEASE = "fieldhouse.release"
BACKFILL = "fieldhouse.backfill"
OWNER = "fieldhouse"
#: Schedules count from here; nothing before is made up for.
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_MARGIN_S = 120.0
#: A backfill is as long as what is asked for: whoever started one is told when it has not ended after a day.
_BACKFILL_S = 86_400.0


def source_id(source: str) -> str:
    """The id of a source's DAG."""
    return f"fieldhouse.source.{source}"


def asset(source: str) -> Asset:
    """What a source's DAG makes, and releases wait for: the source, landed and normalized."""
    return Asset(name=f"fieldhouse.{source}", uri=f"fieldhouse://{source}/normalized", group="fieldhouse")


def build(only: str | None = None, home_sources: Mapping[str, Source] | None = None) -> dict[str, DAG]:
    """All DAGs by their ids, or the one called `only`: a worker needs no other."""
    found = home_sources or sources.load_all()
    pods = settings.read()
    made: dict[str, DAG] = {}
    for source in found.values():
        if only in (None, source_id(source.name)):
            made[source_id(source.name)] = source_dag(source, pods)
    if only in (None, RELEASE):
        made[RELEASE] = release_dag(list(found.values()), declared_contracts.load_all(), pods)
    if only in (None, BACKFILL):
        made[BACKFILL] = backfill_dag(list(found.values()), pods)
    return made


def source_dag(source: Source, pods: PodSettings) -> DAG:
    """Extract, land, and normalize ahead of the release; the last one's success is the source's Asset."""
    tasks = (*plan.source_tasks(source), *plan.ahead(source))
    dag = DAG(
        dag_id=source_id(source.name),
        dag_display_name=source.title,
        description=f"Lands {source.title}, daily",
        schedule=CronTriggerTimetable(source.schedule, timezone="UTC"),
        doc_md=docs.of_source(source),
        tags=["fieldhouse", "source", source.extractor.language],
        deadline=_deadline(source_id(source.name), tasks, pods),
        **_shared(source.owner, pods),
    )
    groups = _groups(dag, tasks)
    operators = {
        task.id: _operator(
            dag,
            task,
            pods,
            source,
            outlets=[asset(source.name)] if task is tasks[-1] else [],
            group=groups.get(task.stage),
        )
        for task in tasks
    }
    _join(tasks, operators)
    return dag


def release_dag(found: Sequence[Source], contracts: Mapping[str, Contract], pods: PodSettings) -> DAG:
    """Everything that makes a release, when all sources have news, and once a day in any case."""
    tasks = plan.release_tasks(found, contracts, warehouse=bool(pods.warehouse_secret))
    dag = DAG(
        dag_id=RELEASE,
        description="Makes a release of everything that has landed",
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable(pods.release, timezone="UTC"),
            assets=AssetAll(*(asset(source.name) for source in found)),
        ),
        doc_md=docs.of_release(found, contracts),
        tags=["fieldhouse", "release"],
        deadline=_deadline(RELEASE, tasks, pods),
        **_shared(OWNER, pods),
    )
    groups = _groups(dag, tasks)
    known = {source.name: source for source in found}
    operators = {
        task.id: _operator(dag, task, pods, known.get(task.of), group=groups.get(task.stage)) for task in tasks
    }
    _join(tasks, operators)
    return dag


def backfill_dag(found: Sequence[Source], pods: PodSettings) -> DAG:
    """One source's past, asked for by a person: interval after interval is extracted and landed. It has no schedule."""
    dag = DAG(
        dag_id=BACKFILL,
        description="Asks a source for what is dated within an interval",
        schedule=None,
        doc_md=docs.of_backfill(found),
        tags=["fieldhouse", "backfill"],
        params=_asked(found),
        deadline=_late_after(_BACKFILL_S, BACKFILL),
        **_shared(OWNER, pods),
    )
    from airflow.sdk import task_group  # not with the others: it loads another provider, which nothing else needs

    first = backfill.Intervals(
        task_id="intervals",
        dag=dag,
        retries=2,
        retry_delay=timedelta(seconds=pods.retry_s),
        execution_timeout=timedelta(minutes=5),
        doc_md=docs.of_intervals(),
    )
    longest = max(found, key=lambda source: source.limits.deadline_s)
    extract, land = (replace(task, of="", needs=()) for task in plan.source_tasks(longest))

    def one(interval: str) -> None:
        operators = [_backfilling(dag, task, interval, longest, pods) for task in (extract, land)]
        operators[0].set_downstream(operators[1])

    group = task_group(group_id="backfill", dag=dag, tooltip="One interval: extract, then land.")
    group(one).expand(interval=first.output)
    return dag


def _asked(found: Sequence[Source]) -> dict[str, Param]:
    """What a person says who starts a backfill."""
    day = {"type": "string", "format": "date"}
    return {
        backfill.SOURCE: Param(description="the source", type="string", enum=[source.name for source in found]),
        backfill.SINCE: Param(description="the first day, UTC", **day),
        backfill.UNTIL: Param(description="the day after the last, UTC", **day),
        backfill.STEP: Param("month", description="how much at once", type="string", enum=list(interval.STEPS)),
    }


def _backfilling(dag: DAG, task: Task, span: str, longest: Source, pods: PodSettings) -> FieldhousePodOperator:
    """A task of one interval. Intervals follow one another: no source is asked for two at a time."""
    declared = longest if task.stage == "extract" else None
    work = Work(task, Identity(dag.dag_id, "", task.id), declared)
    return backfill.BackfillPodOperator(
        task_id=task.stage,
        planned=task,
        interval=span,
        pods=pods,
        dag=dag,
        doc_md=docs.of_task(task, None),
        execution_timeout=_timeout(work, pods),
        retry_delay=timedelta(seconds=pods.retry_s),
        pool=_pool(task, pods),
        max_active_tis_per_dagrun=1,
        map_index_template="{{ task.interval }}",
    )


def _groups(dag: DAG, tasks: Sequence[Task]) -> dict[str, TaskGroup]:
    """A group for each stage that has several tasks."""
    stages = [task.stage for task in tasks]
    return {
        stage: TaskGroup(stage, dag=dag, prefix_group_id=False, tooltip=docs.of_stage(stage))
        for stage in dict.fromkeys(stages)
        if stages.count(stage) > 1
    }


def _shared(owner: str, pods: PodSettings) -> dict[str, object]:
    """What all DAGs have in common. One run at a time: two would only race for the same landings and releases."""
    return {
        "start_date": _EPOCH,
        "catchup": False,
        "max_active_runs": 1,
        # What waits in Airflow waits without a time limit; a pod that finds no room on a node does not.
        "max_active_tasks": pods.parallel,
        "default_args": {
            "owner": owner,
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=30),
            "on_failure_callback": alerts.failed,
        },
    }


def _operator(
    dag: DAG,
    task: Task,
    pods: PodSettings,
    source: Source | None,
    *,
    outlets: Sequence[Asset] = (),
    group: TaskGroup | None = None,
) -> FieldhousePodOperator:
    """The task as the operator of its language."""
    of = source if task.stage in OWN else None
    work = Work(task, Identity(dag.dag_id, "", task.id), of)
    return OPERATORS[program(work, pods).language](
        stage=task.stage,
        of=task.of,
        planned=task,
        declared=of,
        pods=pods,
        dag=dag,
        doc_md=docs.of_task(task, source),
        execution_timeout=_timeout(work, pods),
        retry_delay=timedelta(seconds=pods.retry_s),
        outlets=list(outlets),
        task_group=group,
        pool=_pool(task, pods),
    )


def _timeout(work: Work, pods: PodSettings) -> timedelta:
    """The kubelet's deadline comes first, and says more; this one holds where the kubelet is dead."""
    return timedelta(seconds=pods.schedule_s + deadline_s(work, pods) + _MARGIN_S)


def _pool(task: Task, pods: PodSettings) -> str:
    return pools.of(task.of, pods) if task.stage == "extract" else pools.DEFAULT


def _join(tasks: Sequence[Task], operators: Mapping[str, FieldhousePodOperator]) -> None:
    for task in tasks:
        for needed in task.needs:
            operators[needed].set_downstream(operators[task.id])


def _deadline(dag: str, tasks: Sequence[Task], pods: PodSettings) -> DeadlineAlert:
    """A run is late when it takes longer than its longest way through the plan may take without a single retry."""
    longest: dict[str, float] = {}
    for task in tasks:
        before = max((longest[needed] for needed in task.needs), default=0.0)
        longest[task.id] = before + pods.schedule_s + pods.startup_s + task.deadline_s
    return _late_after(max(longest.values()), dag)


def _late_after(seconds: float, dag: str) -> DeadlineAlert:
    """Tell that a run of the DAG is late when it has not ended so many seconds after it was queued."""
    callback = AsyncCallback(alerts.late, kwargs={"dag": dag, "minutes": int(seconds // 60)})
    # A number, not a timedelta: of a timedelta's serialized form Airflow 3.3.2 makes an error when a task is cleared.
    return DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=seconds, callback=callback)
