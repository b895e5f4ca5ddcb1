"""Paths to records, taken apart: `$.rounds[*].matches[*]` leads through lists, `$.teamsData.*` through an object's values."""

import re

#: A level ends where a path goes through all elements of a list, or all values of an object whose keys are no names.
_LEVEL = re.compile(r".*?(?:\[\*\]|\.\*(?=[.\[]|$))")


def levels(path: str) -> list[str]:
    """The steps of a path that lead through many: `.rounds[*]`, `.matches[*]` of `$.rounds[*].matches[*].score`."""
    return _LEVEL.findall(path.removeprefix("$"))


def place(path: str, level: int) -> str:
    """The path down to its `level`th step through many: `$` for none."""
    return "$" + "".join(levels(path)[:level])


def container(step: str) -> tuple[str, str]:
    """Where the many of a step stand, and what they stand in: (`.rounds`, `ARRAY`) of `.rounds[*]`."""
    if step.endswith("[*]"):
        return step.removesuffix("[*]"), "ARRAY"
    return step.removesuffix(".*"), "OBJECT"
