"""The examples of docs/examples, run on the sample's release as a reader runs them; their pictures are checked in."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from demo_lake import Ended

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
#: Per script what it makes.
MADE = {"league_table": ("league_table.svg",), "elo": ("elo.svg",), "career": ("career.md", "career.svg")}
NUMBER = re.compile(r"-?\d+\.\d+")


def run(script: str, lake: Path, folder: Path) -> str:
    """Run a script as its head says; what it printed."""
    variables = {**os.environ, "FIELDHOUSE_LAKE": str(lake), "MPLCONFIGDIR": str(folder / "matplotlib")}
    call = [sys.executable, "-W", "error", str(EXAMPLES / f"{script}.py"), str(folder)]
    done = subprocess.run(call, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def lake(demo: tuple[Path, Ended]) -> Path:
    """The sample's lake, to be read."""
    return demo[0]


def same(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but the last places of their numbers, which are a processor's business."""
    if NUMBER.sub("", one) != NUMBER.sub("", other):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(abs(float(a) - float(b)) < 0.01 for a, b in pairs)


@pytest.mark.parametrize("script", MADE)
def test_an_example_makes_what_is_checked_in(script: str, lake: Path, tmp_path: Path) -> None:
    said = run(script, lake, tmp_path)
    assert said.splitlines()[-1].startswith(str(tmp_path))
    for name in MADE[script]:
        made = (tmp_path / name).read_text(encoding="utf-8")
        checked_in = (EXAMPLES / name).read_text(encoding="utf-8")
        assert same(made, checked_in), f"run `python docs/examples/{script}.py docs/examples` on the lake of the demo"


def test_the_same_release_gives_the_same_picture(lake: Path, tmp_path: Path) -> None:
    run("elo", lake, tmp_path / "one")
    run("elo", lake, tmp_path / "other")
    assert (tmp_path / "one" / "elo.svg").read_bytes() == (tmp_path / "other" / "elo.svg").read_bytes()


def test_the_rating_expects_better_than_no_rating(lake: Path, tmp_path: Path) -> None:
    said = run("elo", lake, tmp_path)
    error, always = (
        float(x) for x in re.search(r"error (0\.\d+), of always expecting 0\.\d+: (0\.\d+)", said).groups()
    )
    assert error < 0.9 * always


def test_the_career_is_that_of_the_raw_record(lake: Path, tmp_path: Path) -> None:
    run("career", lake, tmp_path)
    page = (tmp_path / "career.md").read_text(encoding="utf-8")
    season, raw = re.search(r"The season (\d+).*?```json\n(.*?)\n```", page, re.DOTALL).groups()
    runs = re.search(r'"HR": (\d+)', raw).group(1)
    assert re.search(rf"^\| {season} \|.*\| {runs} \|", page, re.MULTILINE)
    assert "CC-BY-SA-3.0" in page


def test_every_example_is_run() -> None:
    scripts = {path.stem for path in EXAMPLES.glob("*.py")}
    assert scripts - {"picture"} == set(MADE)
    assert {p.name for p in EXAMPLES.glob("*.svg")} == {
        n for names in MADE.values() for n in names if n.endswith(".svg")
    }
