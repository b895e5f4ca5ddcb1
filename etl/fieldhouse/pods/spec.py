"""A task as a pod: plain JSON, "restricted" by the Pod Security Standards in full, with nothing that it does not need.

`pod(work, settings)` is all of it; Airflow and the Kubernetes client only carry it.
"""

from collections.abc import Mapping, Sequence

from fieldhouse.pods import resources
from fieldhouse.pods.identity import OWNER, RUN, TRY, label
from fieldhouse.pods.resources import Resources
from fieldhouse.pods.settings import PodSettings
from fieldhouse.pods.work import (
    CA_FOLDER,
    INBOX,
    LAKE,
    MAIN,
    OUT,
    OWN,
    REQUEST,
    SCRATCH,
    SECRETS,
    TERMINATION_LOG,
    WAREHOUSE,
    Program,
    Work,
    arguments,
    environment,
    pipeline_environment,
    program,
    request_arguments,
    run_folder,
)

Doc = dict[str, object]


def pod(work: Work, settings: PodSettings) -> Doc:
    """The pod that does this work."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": _metadata(work, settings), "spec": _spec(work, settings)}


def deadline_s(work: Work, settings: PodSettings) -> int:
    """Seconds after which the kubelet ends the pod: the task's own, and what pulling an image may take."""
    return int(work.task.deadline_s + settings.startup_s)


def _metadata(work: Work, settings: PodSettings) -> Doc:
    identity, task = work.identity, work.task
    labels = {
        "app.kubernetes.io/name": "fieldhouse",
        "app.kubernetes.io/managed-by": "airflow",
        "app.kubernetes.io/component": "extractor" if work.extracts else "pipeline",
        OWNER: identity.owner,
        TRY: str(identity.attempt),
        RUN: label(identity.run),
        "fieldhouse/stage": task.stage,
    }
    if task.of:
        labels[
            "fieldhouse/source" if task.stage in ("extract", "land", "read", "normalize") else "fieldhouse/domain"
        ] = task.of
    annotations = {
        "kubectl.kubernetes.io/default-container": MAIN,
        # What is half done is done again from the start: better not to be moved for the sake of a tidy node.
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        "karpenter.sh/do-not-disrupt": "true",
        "fieldhouse/dag": identity.dag,
        "fieldhouse/airflow-run": identity.airflow_run,
        "fieldhouse/task": task.id,
    }
    name, namespace = identity.pod_name, settings.namespace
    return {"name": name, "namespace": namespace, "labels": labels, "annotations": annotations}


def _spec(work: Work, settings: PodSettings) -> Doc:
    runs = program(work, settings)
    found: Doc = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": runs.runtime.grace_s,
        "activeDeadlineSeconds": deadline_s(work, settings),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": settings.user,
            "runAsGroup": settings.user,
            "fsGroup": settings.user,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_main(work, runs, settings)],
        "volumes": _volumes(work, settings),
    }
    if work.extracts:
        found["initContainers"] = [_request(work, settings)]
    if settings.pull_secrets:
        found["imagePullSecrets"] = [{"name": name} for name in settings.pull_secrets]
    return found


def _main(work: Work, runs: Program, settings: PodSettings) -> Doc:
    if work.extracts:
        asked = resources.of(work.task.stage, max(work.task.memory_mib, runs.runtime.memory_mib))
        return _container(MAIN, runs, arguments(work), asked, {}, _extractor_mounts(work, settings), settings)
    asked = resources.of(work.task.stage, work.task.memory_mib)
    found = _pipeline(MAIN, runs, arguments(work), asked, settings)
    if work.task.after_reading:  # what the run's readers have left, within scratch of its own
        folder = run_folder(settings, work.identity.run)
        left = {"name": "left", "mountPath": f"{SCRATCH}/{folder}", "subPath": folder, "readOnly": True}
        _list(found, "volumeMounts").append(left)
    if work.task.stage == "warehouse" and settings.warehouse_secret:
        _list(found, "env").append({"name": "FIELDHOUSE_WAREHOUSE_FILE", "value": f"{WAREHOUSE}/url"})
        _list(found, "volumeMounts").append({"name": "warehouse", "mountPath": WAREHOUSE, "readOnly": True})
    return found


def _list(container: Doc, key: str) -> list[Doc]:
    return container[key]  # type: ignore[return-value]


def _request(work: Work, settings: PodSettings) -> Doc:
    runs = Program(settings.image_of("pipeline"), "python", ("fieldhouse",))
    asked = resources.of("request", resources.REQUEST_MIB)
    return _pipeline(REQUEST, runs, request_arguments(work, settings), asked, settings)


def _pipeline(name: str, runs: Program, args: Sequence[str], asked: Resources, settings: PodSettings) -> Doc:
    own = pipeline_environment(settings, asked.sql_memory, asked.cores)
    mounts: list[Doc] = [{"name": "scratch", "mountPath": SCRATCH}]
    if not settings.lake:
        mounts.append({"name": "lake", "mountPath": LAKE})
    found = _container(name, runs, args, asked, own, mounts, settings)
    if settings.lake_secret:
        found["envFrom"] = [{"secretRef": {"name": settings.lake_secret}}]
    return found


def _container(
    name: str,
    runs: Program,
    args: Sequence[str],
    asked: Resources,
    env: Mapping[str, str],
    mounts: Sequence[Doc],
    settings: PodSettings,
) -> Doc:
    variables = {**environment(settings), **runs.runtime.env, **env}
    found: Doc = {
        "name": name,
        "image": runs.image,
        "imagePullPolicy": "IfNotPresent",
        "args": list(args),
        "env": [{"name": key, "value": value} for key, value in variables.items()],
        "resources": asked.doc(),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationMessagePath": TERMINATION_LOG,
        # The file where there is one; else the end of the log says why, also when the log itself cannot be read.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, *mounts, *_ca_mounts(settings)],  # noqa: S108
    }
    if runs.command:
        found["command"] = list(runs.command)
    return found


def _ca_mounts(settings: PodSettings) -> list[Doc]:
    return [{"name": "ca", "mountPath": CA_FOLDER, "readOnly": True}] if settings.ca else []


def _extractor_mounts(work: Work, settings: PodSettings) -> list[Doc]:
    """Only its own attempt's folder, and its own secrets: an extractor sees neither the lake nor anybody else's work."""
    folder = work.attempt_folder(settings)
    mounts: list[Doc] = [
        {"name": "scratch", "mountPath": INBOX, "subPath": f"{folder}/in", "readOnly": True},
        {"name": "scratch", "mountPath": OUT, "subPath": f"{folder}/out"},
    ]
    if work.task.stage == "extract" and work.source is not None and work.source.secrets:
        mounts.append({"name": "secrets", "mountPath": SECRETS, "readOnly": True})
    return mounts


def _volumes(work: Work, settings: PodSettings) -> list[Doc]:
    volumes: list[Doc] = [{"name": "tmp", "emptyDir": {"sizeLimit": f"{resources.TMP_MIB}Mi"}}]
    if work.task.stage in (*OWN, "land"):  # where an attempt lies, from one pod to the next
        volumes.append({"name": "scratch", "persistentVolumeClaim": {"claimName": settings.scratch_claim}})
    else:  # what SQL spills: the node's own disk
        volumes.append({"name": "scratch", "emptyDir": {"sizeLimit": settings.spill}})
    if work.task.after_reading:
        volumes.append({"name": "left", "persistentVolumeClaim": {"claimName": settings.scratch_claim}})
    if not settings.lake:
        volumes.append({"name": "lake", "persistentVolumeClaim": {"claimName": settings.lake_claim}})
    if settings.ca:
        items = [{"key": "ca.crt", "path": "ca.crt"}]
        volumes.append({"name": "ca", "configMap": {"name": settings.ca, "items": items}})
    if work.task.stage == "extract" and work.source is not None and work.source.secrets:
        items = [{"key": name, "path": name} for name in work.source.secrets]
        named = settings.secrets + work.source.name.replace("_", "-")
        volumes.append({"name": "secrets", "secret": {"secretName": named, "defaultMode": 0o440, "items": items}})
    if work.task.stage == "warehouse" and settings.warehouse_secret:
        items = [{"key": "url", "path": "url"}]
        secret = {"secretName": settings.warehouse_secret, "defaultMode": 0o440, "items": items}
        volumes.append({"name": "warehouse", "secret": secret})
    return volumes
