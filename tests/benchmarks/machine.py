"""What the figures were measured on, and whether it was quiet enough to be believed."""

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PACKAGES = ("fieldhouse", "duckdb", "pyarrow", "pandas", "dlt")


@dataclass(frozen=True)
class Machine:
    """Processor, cores, memory (GiB), the load of the last minute, and the versions of what was measured."""

    processor: str
    cores: int
    memory_gib: float
    load: float
    python: str
    versions: dict[str, str]

    @property
    def busy(self) -> bool:
        """Whether more was running than there are cores."""
        return self.load > self.cores


def look() -> Machine:
    """This machine, now."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        load=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        versions={name: version for name in PACKAGES if (version := _version(name))},
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
