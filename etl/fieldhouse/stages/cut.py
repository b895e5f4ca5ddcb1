"""cut: pin what a release is made from. Written once a run; every later task reads only this."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from fieldhouse import settings, sources
from fieldhouse.errors import DataError
from fieldhouse.lake import landings, releases, runs
from fieldhouse.lake.runs import Inputs, Meter, Pinned, Receipt
from fieldhouse.lake.store import Store


def run(store: Store, run_id: str, only: tuple[str, ...] = ()) -> Receipt:
    """Pin the newest complete landing of every source (or of those in `only`), the code's digest and the parent release.

    A source whose extraction failed or was refused is pinned as it landed last, however old that is. One that has
    never landed completely is left out and named in the notes; DataError where none has landed.
    """
    meter = Meter()
    runs.check_run(run_id)
    pinned: dict[str, Pinned] = {}
    absent = []
    for source in (sources.find(name) for name in only or tuple(sources.load_all())):
        number = landings.newest_complete(store, source.name)
        if number:
            time = landings.read(store, source.name, number).time
            pinned[source.name] = Pinned(number, time, source.max_age_days)
        else:
            absent.append(source.name)
    if not pinned:
        raise DataError(
            f"nothing has landed of {', '.join(absent)}",
            hint="`fieldhouse extract SOURCE` and `fieldhouse land SOURCE`",
        )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    inputs = runs.write_inputs(store, Inputs(run_id, now, releases.newest(store), code_digest(), pinned))
    notes = tuple({"source": name, "note": _absence(store, name)} for name in absent)
    receipt = Receipt(run_id, "cut", 1, counts={"sources": len(inputs.sources)}, notes=notes)
    return runs.leave(store, meter.stamp(receipt))


def _absence(store: Store, source: str) -> str:
    landed = "has landed only in part" if landings.numbers(store, source) else "has never landed"
    return f"{landed} and is left out"


def code_digest(home: Path | None = None) -> str:
    """SHA-256 over all declarations: what a release was made with, beside the package's version."""
    home = home or settings.home()
    found = hashlib.sha256()
    for folder in ("containers", "datasets", "quality"):
        for path in sorted((home / folder).rglob("*")):
            if path.is_file() and path.suffix in (".toml", ".sql", ".csv", ".py") and "sample" not in path.parts:
                found.update(f"{path.relative_to(home)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
