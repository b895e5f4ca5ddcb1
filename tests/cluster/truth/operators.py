"""The two operators that are compared, given the same pod: ours, and Airflow's own KubernetesPodOperator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Operator = Literal["ours", "stock", "tuned"]
#: The memory limit of the pods.
MEMORY_MIB = 64
TASK = "publish"


@dataclass(frozen=True)
class Wish:
    """One try of one task: which operator runs which program, where, and under which names.

    `key` is the label by which its pods are found. `settings` are those of pods; `more` are arguments of the stock
    operator beside its defaults. `silence_s`: seconds without a line after which the log's connection is made anew, in place
    of the five minutes and the one minute that the operators wait.
    """

    operator: Operator
    program: str
    key: str
    dag: str
    run: str
    namespace: str
    image: str
    kubeconfig: str
    canary: str
    claim: str
    task_id: str = TASK
    attempt: int = 1
    map_index: int = -1
    deferrable: bool = False
    timeout_s: float = 0
    deadline_s: int = 900
    silence_s: float = 0
    settings: Mapping[str, object] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)


#: The stock operator with its polls as quick as ours, and without what it does at the start and we do not.
TUNED = {"startup_check_interval_seconds": 1, "log_events_on_startup": False, "poll_interval": 1}


def make(wish: Wish) -> object:
    """The operator; every pod that it makes gets the program, as an administrator would give it."""
    import airflow.settings
    from airflow.providers.cncf.kubernetes.operators import pod

    def mutate(found: object) -> None:
        _give(found, wish)

    airflow.settings.pod_mutation_hook = pod.pod_mutation_hook = mutate
    if wish.silence_s:
        _shorten_silence(wish.silence_s)
    return _ours(wish) if wish.operator == "ours" else _stock(wish)


def _ours(wish: Wish) -> object:
    from fieldhouse.pods.operators import PythonPodOperator

    return PythonPodOperator(
        stage=TASK,
        planned=_planned(wish),
        pods=_settings(wish),
        deferrable=wish.deferrable,
        task_id=wish.task_id,
        config_file=wish.kubeconfig,
    )


def _stock(wish: Wish) -> object:
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator

    from fieldhouse.pods import spec
    from fieldhouse.pods.identity import Identity
    from fieldhouse.pods.work import MAIN, Work

    identity = Identity(wish.dag, wish.run, wish.task_id, wish.map_index, wish.attempt)
    same = PodGenerator.deserialize_model_dict(spec.pod(Work(_planned(wish), identity), _settings(wish)))
    return KubernetesPodOperator(
        task_id=wish.task_id,
        retries=2,
        full_pod_spec=same,
        base_container_name=MAIN,
        kubernetes_conn_id=None,
        config_file=wish.kubeconfig,
        deferrable=wish.deferrable,
        **{**(TUNED if wish.operator == "tuned" else {}), **wish.more},
    )


def _planned(wish: Wish) -> object:
    from fieldhouse.plan import Task

    return Task(TASK, retries=2, deadline_s=wish.deadline_s, memory_mib=MEMORY_MIB)


def _settings(wish: Wish) -> object:
    from fieldhouse.pods.settings import PodSettings

    images = {"pipeline": wish.image}
    given = {"spill": "64Mi", "lake_claim": wish.claim, **wish.settings}
    return PodSettings(images=images, namespace=wish.namespace, **given)


def _give(pod: object, wish: Wish) -> None:
    from kubernetes.client import V1EnvVar

    pod.metadata.labels["truth/key"] = wish.key
    [main] = pod.spec.containers
    main.env.append(V1EnvVar(name="TRUTH_PROGRAM", value=wish.program))
    main.env.append(V1EnvVar(name="TRUTH_CANARY", value=wish.canary))
    main.resources.requests = {"cpu": "10m", "memory": "32Mi"}  # many run side by side on one small node


def _shorten_silence(seconds: float) -> None:
    from kubernetes.client import CoreV1Api

    read = CoreV1Api.read_namespaced_pod_log

    def impatient(*args: object, **kwargs: object) -> object:
        return read(*args, **{**kwargs, "_request_timeout": (10, seconds)})

    CoreV1Api.read_namespaced_pod_log = impatient
