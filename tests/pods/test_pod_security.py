"""Every task's pod keeps the Pod Security Standard "restricted", and each of its rules is worth something."""

import copy
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from restricted import APPARMOR, KINDS, SECCOMP, SELINUX, SYSCTLS, broken, containers

from fieldhouse.pods import settings, spec
from fieldhouse.pods.settings import PodSettings
from fieldhouse.pods.work import Work

PLAIN = PodSettings()
EVERYTHING = settings.read(
    {
        "FIELDHOUSE_PODS_LAKE": "s3://lake/here",
        "FIELDHOUSE_PODS_LAKE_SECRET": "bucket",
        "FIELDHOUSE_PODS_WAREHOUSE_SECRET": "warehouse",
        "FIELDHOUSE_PODS_PROXY": "http://proxy:3128",
        "FIELDHOUSE_PODS_NO_PROXY": ".svc",
        "FIELDHOUSE_PODS_CA": "certificates",
        "FIELDHOUSE_PODS_PULL_SECRETS": "registry",
        "FIELDHOUSE_PODS_EXTRACTORS": "international_results=elixir:localhost/results:dev",
    }
)


def beyond(pod: dict) -> list[str]:
    """What we ask of a pod beyond the standard."""
    at = pod["spec"]
    context = at.get("securityContext") or {}
    wrong = {
        "a token of the service account": at.get("automountServiceAccountToken") is not False,
        "a service account": "serviceAccountName" in at or "serviceAccount" in at,
        "the addresses of all services": at.get("enableServiceLinks") is not False,
        "restarts": at.get("restartPolicy") != "Never",
        "no deadline": not at.get("activeDeadlineSeconds"),
        "whose files they are": not all(context.get(name) for name in ("runAsUser", "runAsGroup", "fsGroup")),
        "all files of a claim change hands": context.get("fsGroupChangePolicy") != "OnRootMismatch",
        "left to its containers": (context.get("runAsNonRoot"), context.get("seccompProfile")) != SAID,
        "containers see one another": at.get("shareProcessNamespace"),
    }
    found = [what for what, is_so in wrong.items() if is_so]
    return [*found, *(what for container in containers(pod) for what in _beyond(container))]


SAID = (True, {"type": "RuntimeDefault"})


def _beyond(container: dict) -> Iterator[str]:
    context, resources = container.get("securityContext") or {}, container.get("resources") or {}
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    if context.get("readOnlyRootFilesystem") is not True:
        yield "a root that can be written"
    if (context.get("runAsNonRoot"), context.get("seccompProfile")) != SAID:
        yield "left to its pod"
    if context.get("privileged") is not False:
        yield "whether it is privileged"
    if context.get("capabilities") != {"drop": ["ALL"]}:
        yield "capabilities"
    if not {"cpu", "memory"} <= requests.keys() & limits.keys():
        yield "no resources"
    if requests.get("memory") != limits.get("memory"):
        yield "memory promised twice"


def test_every_pod_is_restricted(every_work: list[Work]) -> None:
    given = {"plain": PLAIN, "everything": EVERYTHING}
    rendered = {(name, w.identity.pod_name): spec.pod(w, pods) for name, pods in given.items() for w in every_work}
    assert len({w.task.stage for w in every_work}) == 10
    assert {name: [*broken(pod), *beyond(pod)] for name, pod in rendered.items()} == {name: [] for name in rendered}


Change = Callable[[dict], None]


def _set(*path: str | int, value: object) -> Change:
    def change(pod: dict) -> None:
        at = pod["spec"]
        for key in path[:-1]:
            at = at[key] if isinstance(key, int) else at.setdefault(key, {})
        at[path[-1]] = value

    return change


def _annotate(value: str) -> Change:
    key = "container.apparmor.security.beta.kubernetes.io/main"
    return lambda pod: pod["metadata"]["annotations"].__setitem__(key, value)


words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=12)


def outside(allowed: set[str]) -> st.SearchStrategy[str]:
    """Words that a rule does not allow."""
    return words.filter(lambda word: word not in allowed)


def typed(allowed: set[str]) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries({"type": outside(allowed)})


FORBIDDEN_VOLUMES = (
    "hostPath", "nfs", "iscsi", "glusterfs", "rbd", "cephfs", "fc", "flexVolume", "flocker", "gitRepo", "azureDisk",
    "azureFile", "awsElasticBlockStore", "gcePersistentDisk", "cinder", "photonPersistentDisk", "portworxVolume", "quobyte",
    "scaleIO", "storageos", "vsphereVolume",
)  # fmt: skip
HOOKS = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
BOTH = ("pod", "container")
OWN = "securityContext"
#: The standard's rules; for each where it holds (in a pod's spec, or in containers of all kinds), and what breaks it.
RULES: dict[str, list[tuple[str, tuple[str, ...], st.SearchStrategy]]] = {
    "host process": [(at, (OWN, "windowsOptions"), st.just({"hostProcess": True})) for at in BOTH],
    "host namespaces": [("pod", (name,), st.just(True)) for name in ("hostNetwork", "hostPID", "hostIPC")],
    "privileged": [("container", (OWN, "privileged"), st.just(True))],
    "privilege escalation": [("container", (OWN, "allowPrivilegeEscalation"), st.sampled_from([True, None]))],
    "capabilities": [
        ("container", (OWN, "capabilities"), st.none() | st.just({})),
        ("container", (OWN, "capabilities", "drop"), st.lists(outside({"ALL"}), max_size=3) | st.none()),
        ("container", (OWN, "capabilities", "add"), st.lists(outside({"NET_BIND_SERVICE"}), min_size=1, max_size=3)),
    ],
    "volume types": [("pod", ("volumes",), st.sampled_from(FORBIDDEN_VOLUMES).map(lambda v: [{"name": "x", v: {}}]))],
    "host ports": [
        ("container", ("ports",), st.integers(1, 65535).map(lambda n: [{"containerPort": n, "hostPort": n}]))
    ],
    "host of a probe or hook": [
        ("container", (*hook, how), words.map(lambda host: {"host": host, "port": 80}))
        for hook in HOOKS
        for how in ("httpGet", "tcpSocket")
    ],
    "AppArmor": [(at, (OWN, "appArmorProfile"), typed(APPARMOR)) for at in BOTH],
    "SELinux": [
        (at, (OWN, "seLinuxOptions"), typed(SELINUX) | st.sampled_from([{"user": "system_u"}, {"role": "system_r"}]))
        for at in BOTH
    ],
    "/proc mount": [("container", (OWN, "procMount"), outside({"Default"}))],
    "seccomp": [
        *((at, (OWN, "seccompProfile"), typed(SECCOMP)) for at in BOTH),
        ("container", (OWN, "seccompProfile"), st.just({})),
    ],
    "sysctls": [("pod", (OWN, "sysctls"), outside(SYSCTLS).map(lambda name: [{"name": name, "value": "1"}]))],
    "may run as root": [("container", (OWN, "runAsNonRoot"), st.just(False))],
    "runs as root": [(at, (OWN, "runAsUser"), st.just(0)) for at in BOTH],
}
CASES = [
    pytest.param(rule, at, path, values, id=f"{rule}: {at}: {'.'.join(path)}")
    for rule, places in RULES.items()
    for at, path, values in places
]


@pytest.mark.parametrize(("rule", "at", "path", "values"), CASES)
@given(data=st.data())
def test_what_breaks_a_rule_is_caught_in_any_pod(rule: str, at: str, path, values, every_work, data) -> None:
    pod = spec.pod(data.draw(st.sampled_from(every_work)), data.draw(st.sampled_from([PLAIN, EVERYTHING])))
    assert rule not in broken(pod)
    where = pod["spec"]
    if at == "container":
        others = where.setdefault(data.draw(st.sampled_from(KINDS)), [])
        if not others or data.draw(st.booleans()):  # another one, or the first of a kind that we do not make
            others.append(copy.deepcopy(pod["spec"]["containers"][0]))
        where = data.draw(st.sampled_from(others))
    for key in path[:-1]:
        where = where.setdefault(key, {})
    where[path[-1]] = data.draw(values)
    assert rule in broken(pod)


@given(data=st.data())
def test_nothing_that_a_security_context_says_can_be_left_out(every_work: list[Work], data) -> None:
    pod = spec.pod(data.draw(st.sampled_from(every_work)), PLAIN)
    contexts = [pod["spec"][OWN], *(container[OWN] for container in containers(pod))]
    context = data.draw(st.sampled_from(contexts))
    del context[data.draw(st.sampled_from(sorted(context)))]
    assert broken(pod) or beyond(pod)


@pytest.mark.parametrize(("name", "rule"), [("runAsNonRoot", "may run as root"), ("seccompProfile", "seccomp")])
def test_what_neither_the_pod_nor_its_container_says_is_broken(name: str, rule: str, every_work: list[Work]) -> None:
    for work in every_work:
        pod = spec.pod(work, PLAIN)
        del pod["spec"]["containers"][0][OWN][name]
        assert rule not in broken(pod)  # the pod says it, too
        del pod["spec"][OWN][name]
        assert rule in broken(pod)


ALLOWED: list[tuple[str, Change]] = [
    ("a capability", _set("containers", 0, OWN, "capabilities", "add", value=["NET_BIND_SERVICE"])),
    ("seccomp of the node's", _set("containers", 0, OWN, "seccompProfile", value={"type": "Localhost"})),
    ("a sysctl", _set(OWN, "sysctls", value=[{"name": "net.ipv4.tcp_syncookies", "value": "1"}])),
    ("AppArmor", _set(OWN, "appArmorProfile", value={"type": "RuntimeDefault"})),
    ("AppArmor by annotation", _annotate("localhost/tight")),
    ("SELinux", _set(OWN, "seLinuxOptions", value={"type": "container_t", "level": "s0"})),
    ("a probe of the pod", _set("containers", 0, "livenessProbe", value={"httpGet": {"port": 80}})),
    ("a port", _set("containers", 0, "ports", value=[{"containerPort": 80}])),
    ("a volume", _set("volumes", 0, value={"name": "x", "downwardAPI": {}})),
]


@pytest.mark.parametrize("change", [change for _, change in ALLOWED], ids=[name for name, _ in ALLOWED])
def test_what_the_standard_allows_breaks_nothing(change: Change, work: Callable[[str], Work]) -> None:
    pod = spec.pod(work("extract.openfootball"), PLAIN)
    change(pod)
    assert broken(pod) == []


def _in_each(*path: str, value: object) -> list[tuple[str, Change]]:
    kinds = ("containers", "initContainers")
    return [(f"{kind}: {'.'.join(path)} = {value}", _set(kind, 0, *path, value=value)) for kind in kinds]


OURS = [
    ("a token", _set("automountServiceAccountToken", value=None)),
    ("service links", _set("enableServiceLinks", value=None)),
    ("restarts", _set("restartPolicy", value="Always")),
    ("no deadline", _set("activeDeadlineSeconds", value=None)),
    ("a service account", _set("serviceAccountName", value="default")),
    ("a service account by its old name", _set("serviceAccount", value="default")),
    ("processes of others", _set("shareProcessNamespace", value=True)),
    ("a capability", _set("containers", 0, OWN, "capabilities", value={"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]})),
    ("the root's files", _set(OWN, "fsGroup", value=0)),
    *_in_each(OWN, "readOnlyRootFilesystem", value=False),
    *_in_each("resources", "limits", value={"cpu": "1"}),
    *_in_each("resources", "requests", value={"cpu": "1", "memory": "1Mi"}),
]


@pytest.mark.parametrize("change", [change for _, change in OURS], ids=[name for name, _ in OURS])
def test_each_change_for_the_worse_is_caught(change: Change, work: Callable[[str], Work]) -> None:
    pod = spec.pod(work("extract.openfootball"), PLAIN)
    assert not beyond(pod)
    change(pod)
    assert beyond(pod)


@pytest.mark.parametrize("value", ["unconfined", "Unconfined", "runtime", "none"])
def test_the_apparmor_annotation_is_caught(value: str, work: Callable[[str], Work]) -> None:
    pod = spec.pod(work("publish"), PLAIN)
    _annotate(value)(pod)
    assert broken(pod) == ["AppArmor"]


def test_a_container_that_is_added_later_is_looked_at_too(work: Callable[[str], Work]) -> None:
    pod = spec.pod(work("publish"), PLAIN)
    pod["spec"]["ephemeralContainers"] = [{"name": "debugger", "image": "shell"}]  # as `kubectl debug` does
    assert broken(pod) == ["capabilities", "privilege escalation"]
