"""The pipeline's image: small, quick to start, for any user, and its tables are those of any other machine."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse import contracts, embedded, plan, sources
from fieldhouse.lake import open_store, releases

pytestmark = pytest.mark.images

TIMES = """
import subprocess, time
def once():
    began = time.perf_counter()
    subprocess.run(["fieldhouse", "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
print(min(once() for _ in range(7)))
"""
UNCOMPILED = """
import pathlib, sysconfig
folder = pathlib.Path(sysconfig.get_path("purelib"))
names = {path.parent.parent / path.name.split(".")[0] for path in folder.rglob("__pycache__/*.pyc")}
print([str(path) for path in folder.rglob("fieldhouse/**/*.py") if path.with_suffix("") not in names])
"""


def test_it_is_under_800_megabytes(pipeline_image) -> None:
    assert pipeline_image.size < 800e6


def test_help_is_there_in_an_instant(images, pipeline_image) -> None:
    assert "Sports tables by name" in images.run(pipeline_image, "--help").stdout
    found = images.run(pipeline_image, "-c", TIMES, entrypoint="python")
    assert float(found.stdout) < 0.6


def test_all_bytecode_is_compiled(images, pipeline_image) -> None:
    assert images.run(pipeline_image, "-c", UNCOMPILED, entrypoint="python").stdout == "[]\n"


def test_it_finds_itself_in_order_as_any_user(images, pipeline_image) -> None:
    found = images.run(pipeline_image, "doctor", "--json")
    assert found.returncode == 0, found.stdout + found.stderr
    checks = {check["name"]: check for check in json.loads(found.stdout)["checks"]}
    assert (
        checks["packages"]["state"] == checks["pipeline packages"]["state"] == checks["declarations"]["state"] == "ok"
    )


def test_a_wrong_call_and_a_missing_lake_have_their_codes(images, pipeline_image) -> None:
    assert images.run(pipeline_image, "nothing").returncode == 64
    assert images.run(pipeline_image, "cut", "--lake", "/nowhere").returncode == 69


def test_its_stages_make_the_release_that_this_machine_makes(
    images, pipeline_image, upstream: Path, tmp_path: Path, owned: Callable[[Path], Path]
) -> None:
    """What landed here is cut, normalized, conformed, denormalized, audited and published there: equal content."""
    here = tmp_path / "here"
    assert not embedded.run(open_store(str(here)), ["international_results"], mirror=upstream).failed
    there = tmp_path / "there"
    for folder in ("raw", "landings"):
        shutil.copytree(here / folder, there / folder)
    owned(there)
    for task in plan.release_tasks([sources.find("international_results")], contracts.load_all()):
        found = images.run(pipeline_image, *task.arguments, "--run", "r1", "--lake", there, "--json", mounts=[there])
        assert found.returncode == 0, found.stdout + found.stderr
    contents = [releases.read(open_store(str(lake)), None).content for lake in (here, there)]
    assert contents[0] == contents[1]
