"""Programs of containers/ that are written in Python: their own tests, and their types."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONTAINERS = Path(__file__).resolve().parents[2] / "containers"
SDK = CONTAINERS / "sdk/python"
PROGRAMS = [SDK, *sorted(path.parent for path in CONTAINERS.glob("*/extract.py"))]


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
    env = {**os.environ, "MYPYPATH": str(SDK)}
    found = subprocess.run(command, cwd=program, capture_output=True, text=True, check=False, env=env)
    assert found.returncode == 0, found.stdout
