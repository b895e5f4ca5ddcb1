"""land: verify what an extractor sealed by re-hashing it, store the objects, record a numbered landing."""

from fieldhouse import sources
from fieldhouse.errors import TemporaryError
from fieldhouse.lake import runs
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.stages import attempt as attempts
from fieldhouse.stages import landing


def run(store: Store, source_name: str, run_id: str, *, ended: int | None = None) -> Receipt:
    """Land the newest attempt of a run at a source; an attempt that was landed before is not landed twice.

    `ended` is the extractor's exit code, where something else than `extract` ran it and knows.
    Raises Unsealed (try again) where there is no seal, SealRefused (65) with every deviation where it lies; what was
    refused is kept under `aside/` for a look.
    """
    meter = Meter()
    source = sources.find(source_name)
    found = attempts.made(store, source.name, runs.check_run(run_id))
    if not found:
        raise TemporaryError(
            f"{source.name}: the run {run_id!r} has no attempt to land",
            hint=f"`fieldhouse extract {source.name} --run {run_id}` makes one",
        )
    attempt = found[-1]
    if ended is not None:
        attempt.write_exit(ended)
    landed = landing.land(store, source, attempt)
    counts = {"landing": landed.number, "changed": len(landed.changed), "gone": len(landed.gone)}
    notes = ({"note": "partial"},) if landed.partial else ()
    receipt = Receipt(run_id, f"land.{source.name}", attempt.number, counts=counts, notes=notes)
    receipt = runs.leave(store, meter.stamp(receipt))
    attempt.clear()
    return receipt
