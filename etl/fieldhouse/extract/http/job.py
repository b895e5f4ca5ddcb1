"""What the extractor was asked to do: request.json and known.ndjson, read and checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fieldhouse.errors import ConfigurationError, UsageError
from fieldhouse.extract.known import Known
from fieldhouse.interval import Interval, between

Values = Mapping[str, object]


@dataclass(frozen=True)
class Bounds:
    """The request's limits."""

    deadline_s: float
    silence_s: float
    max_bytes: int
    max_file_bytes: int
    max_files: int
    requests_per_second: float
    concurrency: int


@dataclass(frozen=True)
class Job:
    """One request. `known`: what the lake has, by (feed, key). `mirror`: what stands in for the source's bases.

    `interval`: what a backfill asks for; None is the daily case.
    """

    source: str
    run: str
    attempt: int
    feeds: Mapping[str, Values]
    config: Values
    bases: Mapping[str, Mapping[str, str]]
    bounds: Bounds
    known: Mapping[tuple[str, str], Known]
    mirror: str | None
    interval: Interval | None = None

    @property
    def agent(self) -> str:
        """What upstreams see as User-Agent: product, version and whom they can write to."""
        try:
            product = f"fieldhouse/{version('fieldhouse')}"
        except PackageNotFoundError:  # run from a checkout that is not installed
            product = "fieldhouse/unreleased"
        contact = self.config.get("contact", "")
        if not isinstance(contact, str) or not contact.isascii() or not (contact.isprintable() or not contact):
            raise ConfigurationError(f"config.contact is {contact!r}; an address in plain ASCII is expected")
        return f"{product} (+{contact})" if contact else product


def read(path: Path) -> Job:
    """The job that the request at `path` asks for; UsageError where it is not a request that this program knows."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["protocol"] != 1 or values["task"] != "extract":
            raise UsageError(
                f"{path}: protocol {values['protocol']!r}, task {values['task']!r}: 1 and 'extract' are known"
            )
        return _job(values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: no request: {type(error).__name__}: {error}") from error


def _job(values: dict[str, dict[str, object]]) -> Job:
    known = values["known"]
    return Job(
        source=str(values["source"]),
        run=str(values["run"]),
        attempt=int(str(values["attempt"])),
        feeds={name: dict(feed) for name, feed in values["feeds"].items()},  # type: ignore[call-overload]
        config=dict(values["config"]),
        bases={name: dict(base) for name, base in values["bases"].items()},  # type: ignore[call-overload]
        bounds=_bounds(values["limits"]),
        known=_known(Path(str(known))) if known else {},
        mirror=str(values["mirror"]).rstrip("/") if values["mirror"] else None,
        interval=_interval(values.get("interval")),
    )


def _interval(value: dict[str, object] | None) -> Interval | None:
    return None if value is None else between(str(value["start"]), str(value["end"]))


def _bounds(limits: dict[str, object]) -> Bounds:
    bounds = Bounds(**{name: limits[name] for name in Bounds.__dataclass_fields__})  # type: ignore[arg-type]
    for name, value in vars(bounds).items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise ConfigurationError(f"limits.{name} is {value!r}; a number above 0 is expected")
    return bounds


def _known(path: Path) -> dict[tuple[str, str], Known]:
    names = Known.__dataclass_fields__
    found = {}
    with path.open("rb") as file:
        for line in file:
            values = json.loads(line)
            entry = Known(**{name: values[name] for name in names})
            found[entry.feed, entry.key] = entry
    return found
