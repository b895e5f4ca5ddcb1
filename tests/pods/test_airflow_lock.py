"""What Airflow's side installs is pinned by hashes, agrees with the rest, and reads no tables."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AIRFLOW, TEST, DEV = "requirements-airflow.lock", "requirements-airflow-test.lock", "requirements-dev.lock"


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][^ =]*)==([^ \\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", [AIRFLOW, TEST])
def test_every_package_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    lines = text.splitlines()
    packages = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9]", line)]
    assert len(packages) > 50
    assert [lines[n] for n in packages if "--hash=sha256:" not in lines[n + 1]] == []
    assert "://" not in text


def test_what_is_tested_is_what_is_installed() -> None:
    assert pins(AIRFLOW).items() < pins(TEST).items()


def test_what_both_sides_have_is_of_one_version() -> None:
    ours, theirs = pins(AIRFLOW), pins(DEV)
    assert {name: ours[name] for name in ours.keys() & theirs} == {name: theirs[name] for name in ours.keys() & theirs}


def test_no_library_that_reads_tables_is_installed() -> None:
    assert pins(AIRFLOW).keys() & {"pandas", "polars", "pyarrow", "duckdb", "great-expectations"} == set()


def test_the_extra_and_the_group_ask_for_the_same_airflow() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extra = set(project["project"]["optional-dependencies"]["airflow"])
    assert extra < set(project["dependency-groups"]["airflow"])
