"""Runs an image as a restricted pod would be run: no root, no capabilities, a read-only root, a memory limit."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from fieldhouse import settings
from fieldhouse.errors import ConfigurationError

#: Where a container sees its request's folder, and its output.
INBOX, OUT = Path("/in"), Path("/out")
#: Whom a container runs as where this process is root, which a container must not be.
USER = 54321
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PASSED_ON = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
)
_CGROUPS = (Path("/proc/self/cgroup"), Path("/sys/fs/cgroup/cgroup.controllers"))


@dataclass(frozen=True)
class Engine:
    """A container engine of this machine: podman, docker, or a command that takes what they take."""

    command: tuple[str, ...]
    podman: bool = False

    def has(self, image: str) -> bool:
        """Whether the image is on this machine."""
        return self._call("image", "inspect", image).returncode == 0

    def pull(self, image: str) -> bool:
        """Fetch an image from its registry; whether that worked."""
        return self._call("pull", image).returncode == 0

    def label(self, image: str, name: str) -> str:
        """A label of an image on this machine; empty where it has none."""
        found = self._call("image", "inspect", "--format", f'{{{{index .Config.Labels "{name}"}}}}', image)
        text = found.stdout.strip()
        return "" if found.returncode or text == "<no value>" else text

    def endings(self, container: str) -> list[list[str]]:
        """The commands that end a container in any case, and forget it."""
        return [[*self.command, "kill", container], [*self.command, "rm", "-f", container]]

    def _call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(  # noqa: S603  (the engine that this machine has, no shell)
                [*self.command, *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
            )
        except OSError as error:
            return subprocess.CompletedProcess(arguments, 127, "", str(error))


@dataclass(frozen=True)
class Container:
    """One container to be: what is mounted (on this machine → in it, writable or not), and what it may use.

    `user`: whom it runs as; None for this process's own user. `loopback`: it must reach this machine's own servers.
    `out`: the writable folder; None for a small one in memory of `out_kib` that is lost with it.
    """

    image: str
    inbox: Path
    out: Path | None
    memory_mib: int
    loopback: bool = False
    mounts: Sequence[Path] = ()
    user: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    out_kib: int = 0


def engine() -> Engine | None:
    """The engine of this machine; None where there is none. ConfigurationError where the one that is set does not work."""
    given = settings.setting("FIELDHOUSE_CONTAINER_RUNTIME")
    if given:
        found = _probe(tuple(shlex.split(given)))
        if found is None:
            raise ConfigurationError(
                f"FIELDHOUSE_CONTAINER_RUNTIME is {given!r}, which does not answer `version`",
                hint="name a command that takes what podman and docker take, or unset it",
            )
        return found
    return next((found for name in ("podman", "docker") if shutil.which(name) and (found := _probe((name,)))), None)


@cache
def _probe(command: tuple[str, ...]) -> Engine | None:
    """The engine behind a command, if it can run containers: docker's client without its daemon cannot."""
    found = Engine(command)._call("version")
    return None if found.returncode else Engine(command, podman="podman" in found.stdout.lower())


def command(engine: Engine, container: Container, name: str) -> list[str]:
    """The command that runs a container called `name`; what follows it are the arguments of its entrypoint."""
    return [
        *engine.command,
        *("run", "--rm", "--pull=never", "--name", name, "--log-driver=none"),
        *("--cap-drop=ALL", "--security-opt=no-new-privileges", "--read-only"),
        *(["--read-only-tmpfs=false"] if engine.podman else []),
        *("--tmpfs", "/tmp:rw,nosuid,nodev,mode=1777,size=64m"),  # noqa: S108  (the container's own)
        *_limits(container.memory_mib),
        *_user(engine, container.user),
        *(["--network=host"] if container.loopback or _proxied_by_loopback() else []),
        *_volumes(container),
        *(word for name in _environment(container.env) for word in ("--env", name)),
        container.image,
    ]


def own(container: Container) -> None:
    """Let the container's user write its output, and read its request, whatever this process's umask is."""
    container.inbox.chmod(0o755)
    for path in container.inbox.iterdir():
        path.chmod(0o644 if path.is_file() else 0o755)
    if container.out and os.geteuid() == 0:
        os.chown(container.out, container.user or USER, container.user or USER)


def _limits(memory_mib: int) -> list[str]:
    controllers = " ".join(path.read_text() for path in _CGROUPS if path.is_file())
    memory = [f"--memory={memory_mib}m", f"--memory-swap={memory_mib}m"] if "memory" in controllers else []
    return memory + (["--pids-limit=512"] if "pids" in controllers else [])


def _user(engine: Engine, user: int | None) -> list[str]:
    own = os.geteuid()
    if own == 0:
        return [f"--user={user or USER}:{user or USER}"]
    # What it writes must be this user's, so that it can be read and removed: as whom else it runs is not ours to say.
    return [f"--user={own}:{os.getegid()}", *(["--userns=keep-id"] if engine.podman else [])]


def _volumes(container: Container) -> list[str]:
    out = (
        f"--volume={container.out}:{OUT}:rw"
        if container.out
        else f"--tmpfs={OUT}:rw,mode=1777,size={container.out_kib}k"
    )
    others = [f"--volume={path}:{path}:ro" for path in container.mounts]
    return [f"--volume={container.inbox}:{INBOX}:ro", out, *others]


def _environment(env: Mapping[str, str]) -> list[str]:
    # Only named: the engine takes the values from its own environment, so that none stands in a list of processes.
    tuned = [name for name in os.environ if name.startswith("FIELDHOUSE_HTTP_")]
    return [*(name for name in _PASSED_ON if name in os.environ), *tuned, *(f"{k}={v}" for k, v in env.items())]


def _proxied_by_loopback() -> bool:
    return any(is_loopback(os.environ.get(name, "")) for name in _PASSED_ON)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine's own loopback interface."""
    return (urlsplit(url).hostname or "") in _LOOPBACK
