"""Errors for names and numbers that nothing has: they say which comes nearest, and where all of them are listed."""

from collections.abc import Iterable

from fieldhouse.errors import NotFound


def nearest(wanted: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `wanted`, also if only its part after the dot does; None if none does."""
    import difflib

    names = sorted(set(known))
    folded = {name.lower(): name for name in reversed(names)}
    found = difflib.get_close_matches(wanted.lower(), folded, n=1, cutoff=0.6)
    if found:
        return folded[found[0]]
    last = {name.rpartition(".")[2].lower(): name for name in reversed(names)}
    found = difflib.get_close_matches(wanted.rpartition(".")[2].lower(), last, n=1, cutoff=0.6)
    return last[found[0]] if found else None


def missing(where: str, what: str, wanted: object, known: Iterable[str | int], *, hint: str = "") -> NotFound:
    """The error for `where` (a release, a dataset) that has no `what` called `wanted`."""
    found = set(known)
    names = sorted(map(str, found))
    numbers = [value for value in found if isinstance(value, int)]
    close: str | int | None = nearest(str(wanted), names)
    if isinstance(wanted, int) and numbers:
        close = min(numbers, key=lambda number: (abs(number - wanted), number))
    if close is not None:
        tail = f"; the nearest is {close!r}"
    elif names and len(names) <= 12:
        tail = f"; there are {', '.join(names)}"
    elif names:
        tail = f"; there are {len(names)}, from {names[0]!r} to {names[-1]!r}"
    else:
        tail = ""
    return NotFound(f"{where} has no {what} {wanted!r}{tail}", hint=hint)
