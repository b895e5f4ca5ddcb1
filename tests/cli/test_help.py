"""The help is quick, complete, and the same as its reference."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fieldhouse.cli import reference
from fieldhouse.errors import Exit

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "commands.md"
HEAVY = (
    "pandas",
    "numpy",
    "pyarrow",
    "duckdb",
    "great_expectations",
    "polars",
    "rich",
    "sqlglot",
    "obstore",
    "urllib3",
)
VERBS = dict(reference.commands())


@pytest.mark.parametrize("args", [["--help"], ["load", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    code = f"""
import json, sys
from fieldhouse.cli.ending import end
code = end({args!r})
print(json.dumps([code, sorted(name for name in {HEAVY!r} if name in sys.modules)]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]


def test_help_lists_every_verb_in_a_section(fieldhouse) -> None:
    told = fieldhouse("--help").out
    for path in VERBS:
        assert re.search(rf"^  {path.split()[0]} +\S", told, re.MULTILINE), path


def test_help_names_every_exit_code(fieldhouse) -> None:
    told = fieldhouse("--help").out.split("Exit codes:")[1]
    assert {int(number) for number in re.findall(r"\b\d+\b", told)} == {int(code) for code in Exit}


@pytest.mark.parametrize("path", VERBS)
def test_every_verb_has_the_options_that_all_have(path: str) -> None:
    options = {option for param in VERBS[path].params for option in param.opts}
    assert {"--lake", "--json", "--debug"} <= options


@pytest.mark.parametrize("path", VERBS)
def test_every_verb_option_and_argument_says_what_it_is(path: str) -> None:
    assert VERBS[path].help
    assert [param.name for param in VERBS[path].params if not getattr(param, "help", "")] == []


def test_the_reference_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.render(), (
        "python -m fieldhouse.cli.reference > docs/commands.md"
    )


@pytest.mark.parametrize("path", VERBS)
def test_the_reference_documents_every_verb(path: str) -> None:
    assert f"\n### {path}\n" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", Exit, ids=lambda code: code.name)
def test_the_reference_documents_every_exit_code(code: Exit) -> None:
    assert f"\n| {int(code)} | {code.name.lower()} | " in PAGE.read_text(encoding="utf-8")


def test_the_arguments_of_every_task_of_the_plan_are_a_verb() -> None:
    from fieldhouse import contracts, plan, sources

    for task in plan.graph(list(sources.load_all().values()), contracts.load_all()).tasks:
        verb, *rest = task.arguments
        takes = {kind: [p for p in VERBS[verb].params if p.param_type_name == kind] for kind in ("argument", "option")}
        options = {name for option in takes["option"] for name in option.opts}
        assert len(takes["argument"]) == len(rest) - len(task.options), task.id
        assert options.issuperset(task.options[::2]), task.id


def test_version_is_that_of_the_package(fieldhouse) -> None:
    import fieldhouse as package

    assert fieldhouse("--version").out == f"fieldhouse {package.__version__}\n"
