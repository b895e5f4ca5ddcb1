"""What pods ask for and may use, stage by stage. Memory asked for is memory limited: nobody's pod is killed for another's."""

from collections.abc import Mapping
from dataclasses import dataclass

#: Cores that a stage asks for, and the most that it may use.
_CPU: Mapping[str, tuple[str, int]] = {
    "extract": ("100m", 1),
    "land": ("250m", 1),
    "read": ("500m", 1),
    "cut": ("100m", 1),
    "normalize": ("500m", 2),
    "conform": ("500m", 2),
    "denormalize": ("500m", 2),
    "audit": ("500m", 2),
    "publish": ("100m", 1),
    "warehouse": ("250m", 2),
}
REQUEST_MIB = 512  # the init container that writes a request
TMP_MIB = 256  # /tmp, which no stage spills to


@dataclass(frozen=True)
class Resources:
    """Memory in MiB, cores as Kubernetes writes them."""

    memory_mib: int
    cpu: str
    cores: int

    def doc(self) -> dict[str, dict[str, str]]:
        """As it stands in a container."""
        memory = f"{self.memory_mib}Mi"
        return {
            "requests": {"cpu": self.cpu, "memory": memory},
            "limits": {"cpu": str(self.cores), "memory": memory},
        }

    @property
    def sql_memory(self) -> str:
        """What the SQL of a stage may hold before it spills: the limit, less what Python and its libraries need."""
        return f"{max(128, self.memory_mib * 6 // 10)}MB"


def of(stage: str, memory_mib: int) -> Resources:
    """The resources of a stage whose task has this much memory."""
    cpu, cores = _CPU.get(stage, ("250m", 1))
    return Resources(memory_mib, cpu, cores)
