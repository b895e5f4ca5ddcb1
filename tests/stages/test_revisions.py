"""A stage whose code changed has another REVISION: else the lake would remember what the old code made.

`python tests/stages/test_revisions.py --write` records the stages' code after their REVISION was raised;
`--write --no-effect` also where it was not, because the change cannot alter a result (a message, a name, speed).
"""

import ast
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ROOT / "etl" / "fieldhouse"
RECORDED = Path(__file__).with_name("revisions.json")
#: Per stage the module that holds its REVISION, and all whose code decides what it makes.
STAGES = {
    "normalize": ("stages/normalize/units.py", ("stages/normalize/*.py", "lake/parts.py")),
    "conform": (
        "stages/conform/__init__.py",
        ("stages/conform/*.py", "crosswalk/*.py", "lake/tables.py", "lake/schema.py", "lake/parts.py"),
    ),
    "denormalize": (
        "stages/denormalize.py",
        ("stages/denormalize.py", "lake/tables.py", "lake/schema.py", "lake/parts.py"),
    ),
    "copies": (
        "lake/copies.py",
        ("lake/copies.py", "lake/tables.py", "lake/schema.py", "lake/parts.py"),
    ),
    "audit": ("stages/audit/__init__.py", ("stages/audit/*.py",)),
}
#: What says nothing about what code does, or is not the same in all versions of Python.
IGNORED = {"ctx", "kind", "type_comment", "type_params", "lineno", "col_offset", "end_lineno", "end_col_offset"}


def meaning(node: object) -> object:
    """A piece of code without its layout, comments, docstrings and REVISION."""
    if isinstance(node, list):
        return [meaning(item) for item in node if not _says_nothing(item)]
    if isinstance(node, ast.AST):
        fields = {name: meaning(value) for name, value in ast.iter_fields(node) if name not in IGNORED}
        return [type(node).__name__, {name: value for name, value in fields.items() if value not in (None, [])}]
    return node if isinstance(node, str | int | float | bool | None) else repr(node)


def _says_nothing(node: object) -> bool:
    docstring = (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )
    return docstring or _revision(node) is not None


def _revision(node: object) -> int | None:
    match node:
        case ast.Assign(targets=[ast.Name(id="REVISION")], value=ast.Constant(value=int(value))):
            return value
    return None


def digest(sources: Mapping[str, str]) -> str:
    """SHA-256 over what modules mean, by their paths."""
    said = {path: meaning(ast.parse(source)) for path, source in sources.items()}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def current(code: Path = CODE) -> dict[str, dict[str, object]]:
    """Every stage's REVISION and the digest of its code."""
    found = {}
    for stage, (holder, patterns) in STAGES.items():
        paths = sorted({path for pattern in patterns for path in code.glob(pattern)})
        sources = {path.relative_to(code).as_posix(): path.read_text(encoding="utf-8") for path in paths}
        (revision,) = (r for r in map(_revision, ast.parse(sources[holder]).body) if r is not None)
        found[stage] = {"revision": revision, "code": digest(sources)}
    return found


def unrecorded(now: Mapping[str, Mapping], before: Mapping[str, Mapping]) -> Iterator[str]:
    """Which stages changed since they were recorded, and what to do."""
    again = f"python {Path(__file__).relative_to(ROOT).as_posix()} --write"
    for stage, what in now.items():
        recorded = before.get(stage, {"revision": 0, "code": ""})
        if what == recorded:
            continue
        if what["revision"] == recorded["revision"]:
            yield (
                f"{stage}: its code changed and REVISION in {STAGES[stage][0]} is still {what['revision']}. Raise it and "
                f"run `{again}`; if the change cannot alter any result, run `{again} --no-effect`"
            )
        else:
            yield f"{stage}: REVISION is {what['revision']}, recorded is {recorded['revision']}: run `{again}`"


def write(now: Mapping[str, Mapping], before: Mapping[str, Mapping], *, no_effect: bool) -> str:
    """The text to record; ValueError where code changed without another REVISION and nobody said that it does not matter."""
    for stage, what in now.items():
        recorded = before.get(stage, {})
        if not no_effect and what["code"] != recorded.get("code") and what["revision"] == recorded.get("revision"):
            raise ValueError(f"{stage}: its code changed, its REVISION did not; raise it, or say --no-effect")
    return json.dumps(now, indent=2) + "\n"


def _recorded() -> dict[str, dict[str, object]]:
    return json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.is_file() else {}


def test_no_stage_changed_without_another_revision():
    assert list(unrecorded(current(), _recorded())) == []


OLD = {"a.py": 'REVISION = 1\n\ndef f(x):\n    """Say x."""\n    return x + 1\n'}


@pytest.mark.parametrize(
    ("new", "same"),
    [
        ("REVISION = 2\n\ndef f(x):\n    # Nothing new.\n    return (x\n            + 1)\n", True),
        ("REVISION = 1\n\ndef f(x):\n    return x + 2\n", False),
        ("REVISION = 1\n\ndef f(x, y=1):\n    return x + 1\n", False),
        ("REVISION = 1\n\ndef f(x):\n    return f'{x + 1}'\n", False),
    ],
)
def test_only_what_code_does_counts(new, same):
    assert (digest({"a.py": new}) == digest(OLD)) == same


def test_a_change_without_another_revision_is_told_and_not_recorded():
    before = {"conform": {"revision": 3, "code": "old"}}
    changed = {"conform": {"revision": 3, "code": "new"}}
    raised = {"conform": {"revision": 4, "code": "new"}}
    assert "Raise it" in next(unrecorded(changed, before))
    assert "run `" in next(unrecorded(raised, before))
    with pytest.raises(ValueError, match="conform: its code changed"):
        write(changed, before, no_effect=False)
    assert json.loads(write(changed, before, no_effect=True)) == changed
    assert json.loads(write(raised, before, no_effect=False)) == raised


if __name__ == "__main__":
    if "--write" not in sys.argv:
        raise SystemExit(__doc__)
    try:
        RECORDED.write_text(write(current(), _recorded(), no_effect="--no-effect" in sys.argv), encoding="utf-8")
    except ValueError as error:
        raise SystemExit(str(error)) from None
