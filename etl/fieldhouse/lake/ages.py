"""How old sources are in a release: counted from each newest complete landing to the moment of the cut."""

from dataclasses import asdict, dataclass
from datetime import datetime

from fieldhouse.lake.runs import Inputs


@dataclass(frozen=True)
class Age:
    """One source as a release takes it: the landing, when that was landed, and its age in days at the cut.

    `limit_days`: beyond it the source is stale; None where that was not said.
    """

    source: str
    landing: int
    time: str
    age_days: float
    limit_days: float | None = None

    @property
    def stale(self) -> bool:
        """Whether it is older than it may be."""
        return self.limit_days is not None and self.age_days > self.limit_days

    def doc(self) -> dict[str, object]:
        """As it stands in a release's manifest, under the source's name."""
        return {**{name: value for name, value in asdict(self).items() if name != "source"}, "stale": self.stale}


def days(time: str, now: str) -> float:
    """Days from one ISO time to another, to a tenth of a minute; never less than none."""
    seconds = (datetime.fromisoformat(now) - datetime.fromisoformat(time)).total_seconds()
    return max(0.0, round(seconds / 86400, 4))


def at_cut(inputs: Inputs) -> dict[str, Age]:
    """Per source its age when the run's inputs were pinned: the same whenever it is asked."""
    return {
        name: Age(name, pin.landing, pin.time, days(pin.time, inputs.time), pin.limit_days)
        for name, pin in inputs.sources.items()
    }
