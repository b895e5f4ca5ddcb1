"""Working through refused attempts: one is landed after all, because a declaration changed or a person accepts it.

An attempt can only be landed right after the landing that was the newest when it was refused: whatever landed since is
newer, and its files would be overwritten by older ones. So of several who try at once, one lands it.
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from fieldhouse import settings, sources
from fieldhouse.errors import DataError, UsageError
from fieldhouse.lake import aside, landings
from fieldhouse.lake.aside import Acceptance, Refused
from fieldhouse.lake.landings import Landing
from fieldhouse.lake.store import Store
from fieldhouse.stages import landing
from fieldhouse.stages.attempt import Attempt


@dataclass(frozen=True)
class State:
    """What can be done with a refused attempt.

    `open`: it can be tried again or accepted; `landed`: as the landing `number`; `overtaken`: by the landing `number`;
    `cleared`: its files are not kept (any more).
    """

    kind: Literal["open", "landed", "overtaken", "cleared"]
    number: int = 0


def state(store: Store, refused: Refused) -> State:
    """What can be done with a refused attempt now."""
    for number in landings.numbers(store, refused.source):
        if number > refused.base:
            found = landings.read(store, refused.source, number)
            if (found.run, found.attempt) == (refused.run, refused.attempt):
                return State("landed", number)
            return State("overtaken", number)
    return State("open") if aside.there(store, refused) else State("cleared")


def retry(store: Store, refused: Refused) -> Landing:
    """Verify a refused attempt by what is declared now, and land it.

    What landed already stays that landing. Raises SealRefused (65) where it is refused again, UsageError where a newer
    landing overtook it or its files are not kept.
    """
    return _land(store, refused, None)


def accept(store: Store, refused: Refused, who: str, reason: str) -> tuple[Landing, Acceptance]:
    """Land a refused attempt although it exceeds limits, and record for good who wants that and why.

    Of several who accept it, the first is recorded. Raises DataError (65) where its seal is not true: that nobody can
    accept; UsageError where a newer landing overtook it, or its files are not kept.
    """
    if refused.lies:
        raise DataError(
            f"{refused.id} cannot be accepted: {refused.lies[0]}",
            hint=f"mend the extractor or its declaration, then `fieldhouse run {refused.source}`; limits can be accepted, "
            "untruths cannot",
        )
    if not who.strip() or not reason.strip():
        raise UsageError(
            "who accepts it, and for what reason?", hint='--who NAME --reason "upstream retired 12 seasons"'
        )
    _refuse_settled(refused, state(store, refused))
    time = datetime.now(UTC).isoformat(timespec="seconds")
    given = Acceptance(aside.digest(store, refused), refused.over, who.strip(), reason.strip(), time)
    recorded = aside.accept(store, refused, given)
    return _land(store, refused, f"{refused.folder}/accepted.json"), recorded


def _refuse_settled(refused: Refused, found: State) -> None:
    if found.kind == "overtaken":
        raise UsageError(
            f"{refused.id} was overtaken: the landing {found.number} of {refused.source} is newer",
            hint=f"`fieldhouse run {refused.source}` compares what upstream has now with that",
        )
    if found.kind == "cleared":
        raise UsageError(
            f"{refused.id}: not all of its files are kept",
            hint=f"`fieldhouse run {refused.source}` fetches them again",
        )


def _land(store: Store, refused: Refused, accepted: str | None) -> Landing:
    source = sources.find(refused.source)
    found = state(store, refused)
    _refuse_settled(refused, found)
    if found.kind == "open":
        with tempfile.TemporaryDirectory(prefix="aside-", dir=settings.scratch()) as folder:
            attempt = Attempt(source.name, refused.run, refused.attempt, Path(folder))
            aside.restore(store, refused, attempt.folder)
            if refused.exit is not None:
                attempt.write_exit(refused.exit)
            landed = landing.land_after(store, source, attempt, refused.base, accepted)
        if landed is not None:
            return landed
        found = state(store, refused)  # somebody was quicker
        _refuse_settled(refused, found)
    return landings.read(store, refused.source, found.number)
