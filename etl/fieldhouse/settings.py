"""Settings of one process: where the lake, the declarations and scratch space are, and how much may be used.

Each is an environment variable `FIELDHOUSE_…` that a flag of the command line can override.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.errors import ConfigurationError


@dataclass(frozen=True)
class Setting:
    """One environment variable: what it means and what holds without it."""

    variable: str
    default: str
    doc: str


SETTINGS = (
    Setting("FIELDHOUSE_LAKE", "lake", "the lake: a folder, or s3://, gs://, az://; read-only over https://"),
    Setting("FIELDHOUSE_MIRROR", "", "a folder of frozen feeds that stands in for every upstream"),
    Setting("FIELDHOUSE_HOME", "", "the folder that holds containers/, datasets/ and quality/"),
    Setting("FIELDHOUSE_CONFIG", "", "a TOML file whose table [<source>] overrides that source's [config]"),
    Setting("FIELDHOUSE_RUNNER", "auto", "how extractors run here: in their `image`, `native`, or the first that can"),
    Setting("FIELDHOUSE_CONTAINER_RUNTIME", "", "a command that takes what podman and docker take (default: these)"),
    Setting("FIELDHOUSE_IMAGE", "fieldhouse/{name}:dev", "the name of a source's image on this machine"),
    Setting("FIELDHOUSE_SCRATCH", "", "a folder for work in progress (default: the system's temporary folder)"),
    Setting("FIELDHOUSE_MEMORY", "512MB", "memory that one process's SQL may use before it spills to scratch"),
    Setting(
        "FIELDHOUSE_PATIENCE", "120", "seconds after which a bucket or web server that does not answer is given up"
    ),
    Setting(
        "FIELDHOUSE_TERMINATION_LOG", "", "a file to which a stage's verb writes how it ended, for what started it"
    ),
    Setting("FIELDHOUSE_THREADS", "", "threads of one process's SQL (default: the cores it may use)"),
    Setting("FIELDHOUSE_WAREHOUSE", "", "the warehouse: `postgresql://…` or `duckdb:///FILE` (docs/warehouse.md)"),
    Setting("FIELDHOUSE_WAREHOUSE_FILE", "", "a file that holds the warehouse's URL, such as a mounted secret"),
    Setting("FIELDHOUSE_WAREHOUSE_PATIENCE", "600", "seconds that a load waits for another one, or for readers"),
    Setting("FIELDHOUSE_WAREHOUSE_OLD_DAYS", "90", "days for which a view of an older major version stays"),
)
_DEFAULTS = {s.variable: s.default for s in SETTINGS}


def setting(variable: str) -> str:
    """The value of a setting: the environment's, else its default."""
    return os.environ.get(variable) or _DEFAULTS[variable]


def home() -> Path:
    """The folder of the declarations (containers/, datasets/, quality/).

    FIELDHOUSE_HOME, else the checkout this package lies in, else the declarations packed into the wheel.
    """
    here = Path(__file__).resolve().parent
    given = setting("FIELDHOUSE_HOME")
    candidates = [Path(given)] if given else [here.parents[1], here / "declarations"]
    for folder in candidates:
        if (folder / "datasets").is_dir() and (folder / "containers").is_dir():
            return folder
    raise ConfigurationError(
        f"no declarations: none of {', '.join(map(str, candidates))} has the folders containers/ and datasets/",
        hint="point FIELDHOUSE_HOME at a checkout of Fieldhouse, or at a folder laid out like one",
    )


def scratch() -> Path:
    """The folder for work in progress; whatever is in it can be lost."""
    given = setting("FIELDHOUSE_SCRATCH")
    folder = Path(given) if given else Path(tempfile.gettempdir()) / f"fieldhouse-{os.getuid()}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def threads() -> int:
    """How many threads one process's SQL uses."""
    given = setting("FIELDHOUSE_THREADS")
    if given and (not given.isdigit() or int(given) < 1):
        raise ConfigurationError(f"FIELDHOUSE_THREADS is {given!r}: a whole number of at least 1 is needed")
    return int(given) if given else len(os.sched_getaffinity(0))


def patience() -> float:
    """Seconds after which a request to a remote lake is given up."""
    return _amount("FIELDHOUSE_PATIENCE", 86400, "seconds, more than 0 and less than a day, are needed")


def has_warehouse() -> bool:
    """Whether releases are to be loaded into a warehouse."""
    return bool(setting("FIELDHOUSE_WAREHOUSE") or setting("FIELDHOUSE_WAREHOUSE_FILE"))


def warehouse_patience() -> float:
    """Seconds that a load waits for another one, or for readers of the views."""
    return _amount("FIELDHOUSE_WAREHOUSE_PATIENCE", 86400, "seconds, more than 0 and less than a day, are needed")


def warehouse_old_days() -> float:
    """Days for which the warehouse keeps the view of an older major version of a dataset."""
    return _amount(
        "FIELDHOUSE_WAREHOUSE_OLD_DAYS", 36500, "days, more than 0 and less than a hundred years, are needed"
    )


def _amount(variable: str, below: float, needed: str) -> float:
    """A number above 0 and below a bound; ConfigurationError says what is needed."""
    given = setting(variable)
    try:
        amount = float(given)
    except ValueError:
        amount = 0
    if not 0 < amount < below:
        raise ConfigurationError(f"{variable} is {given!r}: {needed}")
    return amount
