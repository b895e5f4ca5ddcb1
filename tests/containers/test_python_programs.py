"""Programs of containers/ that are written in Python: their own tests, and what they have in common."""

import subprocess
import sys
from pathlib import Path

import pytest

CONTAINERS = Path(__file__).resolve().parents[2] / "containers"
SDK = CONTAINERS / "sdk/python"
PROGRAMS = [SDK, *sorted(path.parents[1] for path in CONTAINERS.glob("*/extractor/__init__.py"))]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_its_own_tests_pass(program: Path) -> None:
    """They need pytest and nothing else, as in the stage that builds the image."""
    command = [
        sys.executable,
        "-B",
        "-W",
        "error",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "tests",
    ]
    found = subprocess.run(command, cwd=program, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-5000:] + found.stderr


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_its_types_hold(program: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=/dev/null", "extract.py"]
    found = subprocess.run(command, cwd=program, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("program", PROGRAMS[1:], ids=lambda path: path.name)
def test_what_it_copied_is_the_sdk_as_it_is_now(program: Path) -> None:
    def modules(folder: Path) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8") for path in (folder / "extractor").glob("*.py")}

    assert modules(program) == modules(SDK)
