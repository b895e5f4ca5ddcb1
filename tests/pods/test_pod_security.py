"""Every task's pod keeps the Pod Security Standard "restricted", and each of its rules is worth something."""

import copy
from collections.abc import Callable

import pytest
from restricted import broken, containers

from fieldhouse.pods import settings, spec
from fieldhouse.pods.settings import PodSettings
from fieldhouse.pods.work import Work

PLAIN = PodSettings()
EVERYTHING = settings.read(
    {
        "FIELDHOUSE_PODS_LAKE": "s3://lake/here",
        "FIELDHOUSE_PODS_LAKE_SECRET": "bucket",
        "FIELDHOUSE_PODS_PROXY": "http://proxy:3128",
        "FIELDHOUSE_PODS_NO_PROXY": ".svc",
        "FIELDHOUSE_PODS_CA": "certificates",
        "FIELDHOUSE_PODS_PULL_SECRETS": "registry",
        "FIELDHOUSE_PODS_EXTRACTORS": "international_results=elixir:localhost/results:dev",
    }
)


def beyond(pod: dict) -> list[str]:
    """What we ask of a pod beyond the standard."""
    wrong = []
    if pod["spec"].get("automountServiceAccountToken") is not False:
        wrong.append("a token of the service account")
    if "serviceAccountName" in pod["spec"]:
        wrong.append("a service account")
    if pod["spec"].get("restartPolicy") != "Never":
        wrong.append("restarts")
    if not pod["spec"].get("activeDeadlineSeconds"):
        wrong.append("no deadline")
    for container in containers(pod):
        context, resources = container["securityContext"], container["resources"]
        if context.get("readOnlyRootFilesystem") is not True:
            wrong.append("a root that can be written")
        if not {"cpu", "memory"} <= resources["requests"].keys() & resources["limits"].keys():
            wrong.append("no resources")
        if resources["requests"].get("memory") != resources["limits"].get("memory"):
            wrong.append("memory promised twice")
    return wrong


@pytest.mark.parametrize("pods", [PLAIN, EVERYTHING], ids=["plain", "everything"])
def test_every_pod_is_restricted(pods: PodSettings, every_work: list[Work]) -> None:
    rendered = {work.task.id: spec.pod(work, pods) for work in every_work}
    assert {name: [*broken(pod), *beyond(pod)] for name, pod in rendered.items()} == {name: [] for name in rendered}


def _set(*path: str | int, value: object) -> Callable[[dict], None]:
    def change(pod: dict) -> None:
        at = pod["spec"]
        for key in path[:-1]:
            at = at[key] if isinstance(key, int) else at.setdefault(key, {})
        at[path[-1]] = value

    return change


def _in_each(*path: str, value: object) -> list[tuple[str, Callable[[dict], None]]]:
    kinds = ("containers", "initContainers")
    return [(f"{kind}: {'.'.join(path)} = {value}", _set(kind, 0, *path, value=value)) for kind in kinds]


MUTATIONS = [
    ("hostNetwork", _set("hostNetwork", value=True)),
    ("hostPID", _set("hostPID", value=True)),
    ("hostIPC", _set("hostIPC", value=True)),
    ("hostPath", _set("volumes", 0, value={"name": "x", "hostPath": {"path": "/"}})),
    ("nfs", _set("volumes", 0, value={"name": "x", "nfs": {}})),
    ("sysctl", _set("securityContext", "sysctls", value=[{"name": "kernel.msgmax", "value": "1"}])),
    ("pod as root", _set("securityContext", "runAsUser", value=0)),
    ("pod SELinux", _set("securityContext", "seLinuxOptions", value={"type": "spc_t"})),
    ("pod seccomp", _set("securityContext", "seccompProfile", value={"type": "Unconfined"})),
    ("pod AppArmor", _set("securityContext", "appArmorProfile", value={"type": "Unconfined"})),
    ("host process", _set("securityContext", "windowsOptions", value={"hostProcess": True})),
    *_in_each("securityContext", "privileged", value=True),
    *_in_each("securityContext", "allowPrivilegeEscalation", value=True),
    *_in_each("securityContext", "allowPrivilegeEscalation", value=None),
    *_in_each("securityContext", "capabilities", value={}),
    *_in_each("securityContext", "capabilities", value={"drop": ["NET_RAW"]}),
    *_in_each("securityContext", "capabilities", value={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
    *_in_each("securityContext", "runAsNonRoot", value=False),
    *_in_each("securityContext", "runAsUser", value=0),
    *_in_each("securityContext", "seccompProfile", value={"type": "Unconfined"}),
    *_in_each("securityContext", "seccompProfile", value={}),
    *_in_each("securityContext", "procMount", value="Unmasked"),
    *_in_each("securityContext", "seLinuxOptions", value={"role": "x"}),
    *_in_each("securityContext", "appArmorProfile", value={"type": "Unconfined"}),
    *_in_each("ports", value=[{"containerPort": 80, "hostPort": 80}]),
    *_in_each("livenessProbe", value={"httpGet": {"host": "10.0.0.1", "port": 80}}),
]
OURS = [
    ("a token", _set("automountServiceAccountToken", value=None)),
    ("restarts", _set("restartPolicy", value="Always")),
    ("no deadline", _set("activeDeadlineSeconds", value=None)),
    ("a service account", _set("serviceAccountName", value="default")),
    *_in_each("securityContext", "readOnlyRootFilesystem", value=False),
    *_in_each("resources", "limits", value={"cpu": "1"}),
    *_in_each("resources", "requests", value={"cpu": "1", "memory": "1Mi"}),
]


@pytest.mark.parametrize(("change", "rules"), [(c, broken) for _, c in MUTATIONS] + [(c, beyond) for _, c in OURS],
                         ids=[name for name, _ in (*MUTATIONS, *OURS)])  # fmt: skip
def test_each_change_for_the_worse_is_caught(change, rules, work: Callable[[str], Work]) -> None:
    pod = spec.pod(work("extract.openfootball"), PLAIN)
    worse = copy.deepcopy(pod)
    change(worse)
    assert worse != pod
    assert rules(worse)


def test_the_apparmor_annotation_is_caught(work: Callable[[str], Work]) -> None:
    pod = spec.pod(work("publish"), PLAIN)
    pod["metadata"]["annotations"]["container.apparmor.security.beta.kubernetes.io/main"] = "unconfined"
    assert broken(pod) == ["AppArmor"]
