"""What an image needs because of the language of its program: environment, memory, how long it takes to stop."""

from collections.abc import Mapping
from dataclasses import dataclass

from fieldhouse.pods.settings import Language


@dataclass(frozen=True)
class Runtime:
    """How programs of one language are run with a read-only root and under a memory limit.

    `memory_mib`: the least that makes sense. `grace_s`: seconds between SIGTERM and SIGKILL; the protocol gives an
    extractor 10.
    """

    env: Mapping[str, str]
    memory_mib: int
    grace_s: int = 15


RUNTIMES: Mapping[Language, Runtime] = {
    # Bytecode is compiled in the image; lines appear when they are printed.
    "python": Runtime({"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}, 256),
    # A release writes its start-up files to RELEASE_TMP, by default into its own folder; a crash dump is as large as
    # the heap and would fill the small /tmp; nodes of a cluster are not looked for.
    "elixir": Runtime(
        {
            "RELEASE_TMP": "/tmp",  # noqa: S108  (an emptyDir of the pod's own)
            "RELEASE_DISTRIBUTION": "none",
            "ERL_CRASH_DUMP_BYTES": "0",
            "LANG": "C.UTF-8",
        },
        384,
    ),
    "rust": Runtime({"RUST_BACKTRACE": "1"}, 64),
    # A shell as PID 1 ends its child only after the signal is handled, which it is when the child returns.
    "shell": Runtime({"LANG": "C.UTF-8"}, 64, grace_s=20),
}
