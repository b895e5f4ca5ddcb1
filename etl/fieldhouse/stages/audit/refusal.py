"""What is said where an audit refuses: which checks of which dataset, how much is wrong, and what to look at."""

from collections.abc import Mapping, Sequence

from fieldhouse.errors import DataError

#: Checks that are told in full; the rest is counted.
TOLD = 10


def refusal(domain: str, counts: Mapping[str, int], notes: Sequence[Mapping[str, object]]) -> DataError:
    """The error of an audit in which a critical check failed, or one could not be run; from its receipt alone."""
    stops = [n for n in notes if _stops(n)]
    where = " and ".join(str(n["document"]) for n in notes if "document" in n)
    lines = [f"the audit of {domain} refuses: {_summary(counts)}; nothing is published"]
    lines += [line for note in stops[:TOLD] for line in _told(note)]
    if len(stops) > TOLD:
        lines.append(f"  and {len(stops) - TOLD} more")
    traces = [t for note in stops for t in _texts(note.get("trace"))]
    hint = f"`{traces[0]}` shows the raw records; " if traces else ""
    return DataError("\n".join(lines), hint=f"{hint}all verdicts stand in the lake's {where}")


def is_accepted(note: Mapping[str, object]) -> bool:
    """Whether all that the check found wrong is accepted."""
    return bool(note.get("accepted")) and not note.get("left")


def _stops(note: Mapping[str, object]) -> bool:
    return note.get("state") == "error" or (note.get("severity") == "critical" and not is_accepted(note))


def _summary(counts: Mapping[str, int]) -> str:
    said = f"{counts['failed']} of {counts['checks']} checks failed"
    return f"{said}, {counts['errors']} could not be run" if counts["errors"] else said


def _told(note: Mapping[str, object]) -> list[str]:
    column = f".{note['column']}" if note["column"] else ""
    head = f"  {note['dataset']}{column}, {note['rule']}: {note['doc']}"
    if note["state"] == "error":
        return [head, f"    could not be run: {note['message']}"]
    count = note["unexpected"]
    if not count:
        return [head, "    it does not hold"]
    verb = "is" if count == 1 else "are"
    return [head, f"    {count} {verb} wrong, first:", *(f"      {key}" for key in _texts(note["keys"]))]


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
