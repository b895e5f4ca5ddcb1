"""What `import fieldhouse` offers, and what it must not cost."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import fieldhouse as fh

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("pandas", "pyarrow", "duckdb", "great_expectations", "obstore", "polars", "numpy", "rich", "typer")


def test_the_public_names_are_those_checked_in() -> None:
    assert fh.__all__ == Path(__file__).with_name("public_names.txt").read_text(encoding="utf-8").split()


def test_every_public_name_is_there_and_documented() -> None:
    for name in fh.__all__:
        assert name == "__version__" or getattr(fh, name).__doc__, name
    assert set(fh.__all__) <= set(dir(fh))


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="lode"):
        fh.lode  # noqa: B018 - the look-up is the test


def test_the_version_is_that_of_the_package() -> None:
    assert fh.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_importing_it_imports_no_heavy_library() -> None:
    code = f"import sys, fieldhouse; print(*(m for m in {HEAVY} if m in sys.modules)); print(fieldhouse.load.__name__)"
    code += f"; print(*(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout.split("\n")[:3] == ["", "load", ""]


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT / "etl")}


def test_importing_it_takes_at_most_50_ms_of_processor_time() -> None:
    code = "import time; t = time.process_time(); import fieldhouse; print(time.process_time() - t)"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
        for _ in range(3)
    ]
    assert min(float(run.stdout) for run in runs) <= 0.05
