"""What tasks noticed and let pass, in a line each: new fields upstream, stale corrections, checks that warn."""

from collections.abc import Iterable, Mapping

#: Notes of one task that are told; receipts and releases have all.
TOLD = 5


def lines(notes: Iterable[Mapping[str, object]]) -> list[str]:
    """The first notes as text, and how many more there are."""
    found = [text for note in notes if (text := line(note))]
    more = [f"… and {len(found) - TOLD:,} more notes"] if len(found) > TOLD else []
    return found[:TOLD] + more


def line(note: Mapping[str, object]) -> str:
    """One note as text; empty for one that tells a person nothing."""
    if "kind" in note:
        where = "/".join(str(note[key]) for key in ("feed", "example"))
        told = f"declared {note['declared']}, found {note['found']}"
        return f"{where}: {note['kind']} field {note['field']}: {told} ({_times(note['count'])})"
    if "doc" in note:
        column = f".{note['column']}" if note.get("column") else ""
        wrong = f" ({_times(note['unexpected'], 'row')})" if note["unexpected"] else ""
        severity = "accepted" if note.get("accepted") and not note.get("left") else note["severity"]
        return f"{note['dataset']}{column}: {severity}: {note['doc']}{wrong}"
    if "note" in note:
        left = {key: value for key, value in note.items() if key not in ("note", "task", "source") and value}
        told = ", ".join(f"{key} {value}" for key, value in left.items())
        return f"{note.get('source', '')} {note['note']}{': ' + told if told else ''}".lstrip()
    return ""


def _times(count: object, what: str = "record") -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
