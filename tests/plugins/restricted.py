"""The Pod Security Standard "restricted", as code: what a pod's document breaks of it.

As of Kubernetes 1.34, which added hosts of probes and of lifecycle hooks.
"""

from collections.abc import Iterator

KINDS = ("initContainers", "containers", "ephemeralContainers")
VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip
SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}  # fmt: skip
SELINUX = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
APPARMOR = {"RuntimeDefault", "Localhost"}
SECCOMP = {"RuntimeDefault", "Localhost"}


def broken(pod: dict) -> list[str]:
    """The rules of "restricted" (and of "baseline", which it includes) that a pod breaks."""
    return sorted({*_pod_level(pod), *(rule for c in containers(pod) for rule in _container_level(c, pod))})


def containers(pod: dict) -> Iterator[dict]:
    """All containers of a pod, those that run first and those that were added later included."""
    for kind in KINDS:
        yield from pod["spec"].get(kind) or []


def _pod_level(pod: dict) -> Iterator[str]:
    at = pod["spec"]
    context = at.get("securityContext") or {}
    yield from ("host namespaces" for key in ("hostNetwork", "hostPID", "hostIPC") if at.get(key))
    volumes = at.get("volumes") or []
    yield from ("volume types" for volume in volumes for kind in volume if kind not in VOLUMES | {"name"})
    yield from ("sysctls" for sysctl in context.get("sysctls") or [] if sysctl["name"] not in SYSCTLS)
    yield from _shared(context)
    for key, value in (pod.get("metadata", {}).get("annotations") or {}).items():
        ours = key.startswith("container.apparmor.security.beta.kubernetes.io/")
        if ours and value not in ("", "runtime/default") and not value.startswith("localhost/"):
            yield "AppArmor"


def _shared(context: dict) -> Iterator[str]:
    """Rules that hold for pods and containers alike."""
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield "host process"
    if (context.get("appArmorProfile") or {}).get("type", "RuntimeDefault") not in APPARMOR:
        yield "AppArmor"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in SELINUX or selinux.get("user") or selinux.get("role"):
        yield "SELinux"
    if context.get("runAsUser") == 0:
        yield "runs as root"
    if (context.get("seccompProfile") or {}).get("type", "RuntimeDefault") not in SECCOMP:
        yield "seccomp"


def _container_level(container: dict, pod: dict) -> Iterator[str]:
    context, above = container.get("securityContext") or {}, pod["spec"].get("securityContext") or {}
    capabilities = context.get("capabilities") or {}
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "privilege escalation"
    if "ALL" not in (capabilities.get("drop") or []) or set(capabilities.get("add") or []) - {"NET_BIND_SERVICE"}:
        yield "capabilities"
    if _own_or(context, above, "runAsNonRoot") is not True:
        yield "may run as root"
    if (_own_or(context, above, "seccompProfile") or {}).get("type") not in SECCOMP:
        yield "seccomp"
    if (context.get("procMount") or "Default") != "Default":
        yield "/proc mount"
    yield from ("host ports" for port in container.get("ports") or [] if port.get("hostPort"))
    if any(
        (handler.get(how) or {}).get("host") for handler in _handlers(container) for how in ("httpGet", "tcpSocket")
    ):
        yield "host of a probe or hook"
    yield from _shared(context)


def _own_or(context: dict, above: dict, name: str) -> object:
    own = context.get(name)
    return above.get(name) if own is None else own


def _handlers(container: dict) -> Iterator[dict]:
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        yield container.get(name) or {}
    for name in ("postStart", "preStop"):
        yield (container.get("lifecycle") or {}).get(name) or {}
