"""What shells offer after TAB: verbs, names of declarations and of a lake; quickly, and without a word of complaint."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
#: CPU seconds that a keystroke may take.
QUICK = 0.3
CODE = f"""
import json, sys, time
from fieldhouse.cli.ending import end
code = end([])
heavy = sorted(name for name in {HEAVY!r} if sys.modules.get(name))
print(json.dumps([code, heavy, time.process_time()]), file=sys.stderr)
"""


def offered(typed: str, shell: str = "bash", **env: str) -> tuple[set[str], list]:
    """What is offered for the last word of the line; and how the call ended, heavy modules, CPU seconds."""
    words = {
        "bash": {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": typed},
        "fish": {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FIELDHOUSE_")}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**clean, **words, "_FIELDHOUSE_COMPLETE": f"complete_{shell}", **env},
        capture_output=True,
        text=True,
        check=True,
    )
    if shell == "zsh":
        found = set(re.findall(r"""^(?:_arguments '\*: :\(\()?"([^"]+)\"""", done.stdout, re.MULTILINE))
    else:
        found = {line.split("\t")[0] for line in done.stdout.split("\n") if line}
    return found, json.loads(done.stderr.splitlines()[-1])


@pytest.fixture(scope="module")
def tagged(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's lake with a tag."""
    from fieldhouse.lake import open_store, tags

    copy = tmp_path_factory.mktemp("tagged") / "lake"
    shutil.copytree(lake, copy)
    tags.give(open_store(str(copy)), "paper-2026", 1)
    return copy


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("fieldhouse de", {"demo", "describe", "denormalize"}),
        ("fieldhouse load football.st", {"football.standing"}),
        ("fieldhouse run open", {"openfootball"}),
        ("fieldhouse audit co", {"core"}),
        ("fieldhouse load football.standing --release ", {"1"}),
        ("fieldhouse release untag pa", {"paper-2026"}),
        ("fieldhouse release show ", {"1"}),
    ],
)
def test_names_are_offered(tagged: Path, shell: str, typed: str, expected: set[str]) -> None:
    found, (code, heavy, _) = offered(typed, shell, FIELDHOUSE_LAKE=str(tagged))
    assert (found, code, heavy) == (expected, 0, [])


@pytest.mark.parametrize("typed", ["fieldhouse ", "fieldhouse load ", "fieldhouse release show "])
def test_a_keystroke_takes_little(tagged: Path, typed: str) -> None:
    # The least of some: what else the machine does is none of ours.
    taken = [offered(typed, FIELDHOUSE_LAKE=str(tagged))[1][2] for _ in range(5)]
    assert min(taken) <= QUICK


def test_runs_are_offered_the_newest_first(tagged: Path) -> None:
    found, _ = offered("fieldhouse conform --run ", FIELDHOUSE_LAKE=str(tagged))
    assert found == {path.name for path in (tagged / "runs").iterdir()}


@pytest.mark.parametrize("typed", ["fieldhouse --lake {} release show ", "fieldhouse release show --lake {} "])
def test_the_lake_may_stand_in_the_line(tagged: Path, typed: str) -> None:
    assert offered(typed.format(tagged))[0] == {"1"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("lake", ["nowhere", "s3://bucket/lake", "/dev/null", "~nobody-at-all/lake", ""])
@pytest.mark.parametrize("typed", ["release show ", "release untag ", "conform --run "])
def test_where_there_is_no_lake_nothing_is_offered_and_nothing_said(shell: str, lake: str, typed: str) -> None:
    found, (code, heavy, _) = offered(f"fieldhouse {typed}", shell, FIELDHOUSE_LAKE=lake)
    assert (found, code, heavy) == (set(), 0, [])


def test_where_there_are_no_declarations_nothing_is_offered_and_nothing_said(tmp_path: Path) -> None:
    found, (code, heavy, _) = offered("fieldhouse run ", FIELDHOUSE_HOME=str(tmp_path))
    assert (found, code, heavy) == (set(), 0, [])


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which `fieldhouse` is this one."""
    script = tmp_path / "bin" / "fieldhouse"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fieldhouse.cli "$@"\n')
    script.chmod(0o755)
    return f"{script.parent}:{os.environ['PATH']}"


def test_bash_itself_completes(path: str) -> None:
    line = """
eval "$(fieldhouse --show-completion bash)"
COMP_WORDS=(fieldhouse load football.sc); COMP_CWORD=2
_fieldhouse_completion fieldhouse
echo "${COMPREPLY[@]}"
"""
    done = subprocess.run(
        ["bash", "-c", line], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("football.scorer\n", "")


@pytest.mark.parametrize(
    ("shell", "file", "start"),
    [
        ("bash", ".bash_completions/fieldhouse.sh", ".bashrc"),
        ("zsh", ".zfunc/_fieldhouse", ".zshrc"),
        ("fish", ".config/fish/completions/fieldhouse.fish", None),
    ],
)
def test_completion_is_installed_once_however_often(
    tmp_path: Path, apart, shell: str, file: str, start: str | None
) -> None:
    for _ in range(2):
        done = apart("--install-completion", shell, env={"HOME": str(tmp_path)})
        assert (done.code, done.err) == (0, "")
        assert f"{shell} completion installed" in done.out
    shown = apart("--show-completion", shell).out
    assert (tmp_path / file).read_text().strip() == shown.strip()
    if start:
        text = (tmp_path / start).read_text()
        assert text.count("fieldhouse") <= 1 or text.count("source") == 1


@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
def test_another_shell_is_refused_with_those_that_there_are(apart, option: str) -> None:
    done = apart(option, "tcsh")
    assert done.code == 64
    assert "completion is made for bash, zsh, fish, not for tcsh" in done.err
    assert "→" in done.err


def test_without_a_name_the_shell_around_is_meant(path: str) -> None:
    done = subprocess.run(
        ["bash", "-c", "fieldhouse --show-completion; true"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "complete -o default -F _fieldhouse_completion fieldhouse" in done.stdout
