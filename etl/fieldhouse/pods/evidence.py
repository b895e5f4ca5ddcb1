"""What a task must have left behind: a pipeline stage its receipt in the lake, an extractor its seal in scratch.

Airflow's workers see both read-only, where FIELDHOUSE_LAKE and FIELDHOUSE_SCRATCH say.
"""

from dataclasses import dataclass
from pathlib import Path

from fieldhouse import settings
from fieldhouse.errors import FieldhouseError
from fieldhouse.lake import open_store, runs
from fieldhouse.lake.runs import Receipt
from fieldhouse.pods import message
from fieldhouse.pods.facts import Facts
from fieldhouse.pods.settings import PodSettings
from fieldhouse.pods.verdict import Proof
from fieldhouse.pods.work import MAIN, Work

SEAL = "manifest.json"


@dataclass(frozen=True)
class Evidence:
    """Whether the proof is there; the receipt, where it is one."""

    proof: Proof
    receipt: Receipt | None = None


def look(work: Work, facts: Facts, pods: PodSettings) -> Evidence:
    """Look for what the work must have left; nothing is raised."""
    try:
        return _seal(work, pods) if work.extracts else _receipt(work, facts)
    except (FieldhouseError, OSError, ValueError, TypeError, KeyError):
        return Evidence("unreadable")


def _seal(work: Work, pods: PodSettings) -> Evidence:
    given = settings.setting("FIELDHOUSE_SCRATCH")
    if not given or not (Path(given) / "runs").is_dir():
        return Evidence("unreadable")
    seal = Path(given) / work.attempt_folder(pods) / "out" / SEAL
    return Evidence("present" if seal.is_file() else "absent")


def _receipt(work: Work, facts: Facts) -> Evidence:
    """The receipt whose digest the container stated: of this run and task, wherever its number."""
    ended = facts.end_of(MAIN)
    stated = message.read(ended.message).receipt if ended else ""
    if not stated:
        return Evidence("absent")
    store = open_store(make=False)
    for found in reversed(runs.receipts(store, work.identity.run, work.task.id)):
        if found.digest == stated:
            return Evidence("present", found)
    return Evidence("absent")


def landing_of(run: str, source: str) -> Receipt | None:
    """The receipt of a source's `land` in a run, if it can be read."""
    try:
        return runs.receipt(open_store(make=False), run, f"land.{source}")
    except (FieldhouseError, OSError, ValueError, TypeError, KeyError):
        return None
