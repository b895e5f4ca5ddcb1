"""The Pod Security Standard "restricted", as code: what a pod's document breaks of it."""

from collections.abc import Iterator

VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip
CAPABILITIES = {
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}  # fmt: skip
SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}  # fmt: skip
SELINUX = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}


def broken(pod: dict) -> list[str]:
    """The rules of "restricted" (and of "baseline", which it includes) that a pod breaks."""
    return sorted({*_pod_level(pod), *(rule for c in containers(pod) for rule in _container_level(c, pod))})


def containers(pod: dict) -> Iterator[dict]:
    """All containers of a pod, those that run first included."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from pod["spec"].get(kind, [])


def _pod_level(pod: dict) -> Iterator[str]:
    at = pod["spec"]
    context = at.get("securityContext", {})
    yield from (f"host namespaces: {key}" for key in ("hostNetwork", "hostPID", "hostIPC") if at.get(key))
    yield from (
        f"volume types: {kind}" for volume in at.get("volumes", []) for kind in volume if kind not in VOLUMES | {"name"}
    )
    yield from (f"sysctls: {s['name']}" for s in context.get("sysctls", []) if s["name"] not in SYSCTLS)
    yield from _shared(context)
    for key, value in pod["metadata"].get("annotations", {}).items():
        if key.startswith("container.apparmor.security.beta.kubernetes.io/") and value == "unconfined":
            yield "AppArmor"


def _shared(context: dict) -> Iterator[str]:
    """Rules that hold for pods and containers alike."""
    if context.get("windowsOptions", {}).get("hostProcess"):
        yield "host process"
    if context.get("appArmorProfile", {}).get("type") == "Unconfined":
        yield "AppArmor"
    selinux = context.get("seLinuxOptions", {})
    if selinux.get("type", "") not in SELINUX or selinux.get("user") or selinux.get("role"):
        yield "SELinux"
    if context.get("runAsUser") == 0:
        yield "runs as root"
    if context.get("seccompProfile", {}).get("type") == "Unconfined":
        yield "seccomp"


def _container_level(container: dict, pod: dict) -> Iterator[str]:
    context, above = container.get("securityContext", {}), pod["spec"].get("securityContext", {})
    capabilities = context.get("capabilities", {})
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "privilege escalation"
    if "ALL" not in capabilities.get("drop", []):
        yield "capabilities: not all dropped"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "capabilities: added"
    if context.get("runAsNonRoot", above.get("runAsNonRoot")) is not True:
        yield "may run as root"
    if context.get("seccompProfile", above.get("seccompProfile", {})).get("type") not in (
        "RuntimeDefault",
        "Localhost",
    ):
        yield "seccomp"
    if context.get("procMount", "Default") != "Default":
        yield "procMount"
    yield from (f"host ports: {p['hostPort']}" for p in container.get("ports", []) if p.get("hostPort"))
    for handler in (container.get(k, {}) for k in ("livenessProbe", "readinessProbe", "startupProbe")):
        if handler.get("httpGet", {}).get("host") or handler.get("tcpSocket", {}).get("host"):
            yield "host of a probe"
    yield from _shared(context)
