"""Airflow operators: a task of the plan as a pod. What is decided is decided elsewhere; here it is wired.

    PythonPodOperator(stage="conform")
    ElixirPodOperator(stage="extract", of="international_results")

A task needs its stage and what it works on, nothing else: image, arguments, resources and the rest follow from the plan,
the declarations and the settings of pods.
"""

import inspect
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowTaskTimeout

from fieldhouse import contracts, plan, sources
from fieldhouse.errors import ConfigurationError
from fieldhouse.pods import evidence, settings, spec
from fieldhouse.pods.cluster import Cluster
from fieldhouse.pods.events import extras
from fieldhouse.pods.evidence import Evidence
from fieldhouse.pods.identity import Identity
from fieldhouse.pods.retry import AsAsked, error
from fieldhouse.pods.session import Over, Session, Voice
from fieldhouse.pods.settings import Language, PodSettings
from fieldhouse.pods.work import MAIN, OWN, Program, Work, program

if TYPE_CHECKING:
    from kubernetes.client import V1Pod

    from fieldhouse.extract.log import LogRecord
    from fieldhouse.plan import Task
    from fieldhouse.sources import Source

#: What of the stock operator's arguments a DAG may still say: how the cluster is reached, how a deferred task waits.
_OURS_TO_SAY = frozenset({"kubernetes_conn_id", "in_cluster", "config_file", "cluster_context", "poll_interval"})
_STATE_KEY = "fieldhouse_pod"


class FieldhousePodOperator(KubernetesPodOperator):
    """Runs one task of the plan as a pod, and ends as the pod truly ended.

    Success is: exit 0 of the very pod that was made, nobody having killed it, and the receipt or seal that proves the
    work. Permanent failures fail at once; everything else is tried again. The pod's log is in the task's log to its last
    line before the pod is deleted. Synchronous and deferrable tasks take the same way from the pod's end on.
    """

    #: The language that the extractors of this class are written in; None takes any.
    language: ClassVar[Language | None] = None
    # Nothing in a pod is a template: what runs is what the plan says.
    template_fields: tuple[str, ...] = ()

    def __init__(
        self,
        *,
        stage: str,
        of: str = "",
        planned: "Task | None" = None,
        declared: "Source | None" = None,
        pods: PodSettings | None = None,
        deferrable: bool | None = None,
        **kwargs: object,
    ) -> None:
        _refuse_what_is_decided(kwargs)
        self.pods = pods or settings.read()
        self.planned = planned or _find(stage, of)
        self.declared = declared or (sources.find(of) if stage in OWN else None)
        runs = self._program()
        if self.language not in (None, runs.language):
            raise ConfigurationError(
                f"{self.planned.id}: {type(self).__name__} runs {self.language}, and this is written in {runs.language}"
            )
        super().__init__(
            **{"task_id": self.planned.id, "retries": self.planned.retries, "kubernetes_conn_id": None, **_way(kwargs)},
            image=runs.image,
            name=self.planned.id,
            namespace=self.pods.namespace,
            random_name_suffix=False,
            base_container_name=MAIN,
            startup_timeout_seconds=int(self.pods.startup_s),
            schedule_timeout_seconds=int(self.pods.schedule_s),
            startup_check_interval_seconds=max(1, int(self.pods.poll_s)),
            log_events_on_startup=False,
            log_pod_spec_on_failure=False,
            do_xcom_push=False,
            termination_grace_period=runs.runtime.grace_s,
            deferrable=self.pods.deferrable if deferrable is None else deferrable,
            retry_policy=AsAsked(),
        )
        self._session: Session | None = None
        self._busy = False

    def execute_sync(self, context: Context) -> None:
        """Make the pod, or find it again, and see it to its end."""
        self._do(context, self._run_to_the_end)

    def execute_async(self, context: Context) -> None:
        """Make the pod, or find it again, and let the triggerer wait for it."""
        self._do(context, self._begin_or_stop)
        self.invoke_defer_method(context=context)

    def trigger_reentry(self, context: Context, event: Mapping[str, object]) -> None:
        """Go on where the triggerer stopped waiting: its word is a hint, the pod itself is asked."""
        self._do(context, lambda now: self._resume(now, event))

    def on_kill(self) -> None:
        """Remember it, and delete the pod.

        It is called by a signal handler in the middle of whatever this process does: while the pod is watched, the
        watch deletes it, a moment later.
        """
        self._killed = True
        if not self._busy and self._session is not None and self._session.name:
            self._session.delete()

    def build_pod_request_obj(self, context: Context | None = None, *, dry_run: bool = False) -> "V1Pod":
        """The pod of this task, with the labels, too, by which Airflow's own tools know it."""
        from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
        from airflow.settings import pod_mutation_hook

        pod = PodGenerator.deserialize_model_dict(spec.pod(self._work(context), self.pods))
        pod.metadata.labels.update(self._get_ti_pod_labels(context))
        pod_mutation_hook(pod)
        return pod

    def _do(self, context: Context, step: Callable[[Context], object]) -> None:
        """Take a step; an end that is no success becomes the exception that Airflow understands."""
        self._busy = True
        self._session = Session(
            self._cluster, self._work(context), self.pods, Voice(self._line, self._note), lambda: self._killed
        )
        try:
            step(context)
        except Over as over:
            raise error(over.verdict, str(over)) from None  # its cause may hold headers and whole bodies
        finally:
            self._busy = False

    def _run_to_the_end(self, context: Context) -> None:
        self._see_through(context, self._begin(context))

    def _begin_or_stop(self, context: Context) -> None:
        session = self._begin(context)
        if self._killed:
            session.kill("stopped")

    def _see_through(self, context: Context, session: Session) -> None:
        try:
            self._tell_assets(context, session.see_through())
        except AirflowTaskTimeout:
            self._killed = True
            session.kill("timeout")

    def _begin(self, context: Context) -> Session:
        assert self._session is not None
        self.pod_request_obj = self.build_pod_request_obj(context)
        store = context.get("task_state_store")
        noted = store.get(_STATE_KEY) if store is not None else None
        uid = str(noted.get("uid", "")) if isinstance(noted, Mapping) else ""
        self.pod = self._model(self._session.begin(self.pod_request_obj, uid))
        self.trigger_kwargs = {"uid": self._session.uid}
        if store is not None:
            store.set(_STATE_KEY, {"name": self._session.name, "uid": self._session.uid})
        return self._session

    def _resume(self, context: Context, event: Mapping[str, object]) -> None:
        assert self._session is not None
        session = self._session
        session.resume(str(event["name"]), str(event.get("uid", "")))
        if event.get("status") == "timeout":
            session.kill(session.limit())
        self._see_through(context, session)

    def _tell_assets(self, context: Context, found: Evidence) -> None:
        """What of the work is worth knowing to those who wait for it."""
        for asset in self.outlets:
            landed = evidence.landing_of(self._work(context).identity.run, self.planned.of)
            context["outlet_events"][asset].extra.update(extras(found.receipt, landed))

    def _work(self, context: Context | None) -> Work:
        if context is None:  # a rehearsal
            return Work(self.planned, Identity("rehearsal", "rehearsal", self.task_id), self.declared)
        ti = context["ti"]
        index = ti.map_index if ti.map_index is not None else -1
        identity = Identity(ti.dag_id, context["run_id"], ti.task_id, index, ti.try_number)
        return Work(self.planned, identity, self.declared)

    def _program(self) -> Program:
        return program(Work(self.planned, Identity("", "", self.planned.id), self.declared), self.pods)

    def _line(self, container: str, record: "LogRecord") -> None:
        where = f"[{container}] " if container != MAIN else ""
        fields = " ".join(f"{key}={value}" for key, value in record.fields.items() if key != "ts")
        getattr(self.log, record.level)("%s", f"{where}{record.msg}{'  ' + fields if fields else ''}")

    def _note(self, text: str) -> None:
        self.log.info("%s", text)

    @cached_property
    def _cluster(self) -> Cluster:
        return Cluster(
            lambda: self.client,
            self.pods.namespace,
            patience_s=self.pods.patience_s,
            renew=self._refresh_cached_properties,
            hurry=lambda: self._killed,
        )

    def _refresh_cached_properties(self) -> None:
        for name in ("hook", "client", "pod_manager"):
            self.__dict__.pop(name, None)

    def _model(self, doc: Mapping[str, object]) -> "V1Pod":
        from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator

        return PodGenerator.deserialize_model_dict(doc)


class PythonPodOperator(FieldhousePodOperator):
    """Runs a stage of the pipeline, or an extractor written in Python."""

    language = "python"


class ElixirPodOperator(FieldhousePodOperator):
    """Runs an extractor written in Elixir."""

    language = "elixir"


class RustPodOperator(FieldhousePodOperator):
    """Runs an extractor written in Rust."""

    language = "rust"


class ShellPodOperator(FieldhousePodOperator):
    """Runs an extractor that is a shell script."""

    language = "shell"


OPERATORS: Mapping[Language, type[FieldhousePodOperator]] = {
    "python": PythonPodOperator,
    "elixir": ElixirPodOperator,
    "rust": RustPodOperator,
    "shell": ShellPodOperator,
}


def _find(stage: str, of: str) -> "Task":
    graph = plan.graph(list(sources.load_all().values()), contracts.load_all(), warehouse=True)
    wanted = f"{stage}.{of}" if of else stage
    for task in graph.tasks:
        if task.id == wanted:
            return task
    raise ConfigurationError(
        f"the plan has no task {wanted!r}", hint=f"it has {', '.join(task.id for task in graph.tasks)}"
    )


def _way(kwargs: dict[str, object]) -> dict[str, object]:
    """How the cluster is reached: in a pod by its account. Waiting workers find that out by themselves, triggerers do not."""
    told = {"in_cluster", "config_file", "cluster_context", "kubernetes_conn_id"} & kwargs.keys()
    return kwargs if told or "KUBERNETES_SERVICE_HOST" not in os.environ else {"in_cluster": True, **kwargs}


def _refuse_what_is_decided(kwargs: Mapping[str, object]) -> None:
    """A pod is what plan, declarations and settings make it: an argument that would be ignored, or weaken it, is an error."""
    stock = set(inspect.signature(KubernetesPodOperator.__init__).parameters) - {"self", "kwargs", "args"}
    wrong = sorted(stock & kwargs.keys() - _OURS_TO_SAY)
    if wrong:
        raise ConfigurationError(
            f"{', '.join(wrong)}: not for a DAG to say", hint="docs/kubernetes.md lists the settings of pods"
        )
