"""The conformance kit on images: those of the SDKs, and those that `source new` makes, are gold."""

import os
import shutil
from pathlib import Path

import pytest

from fieldhouse import settings, sources
from fieldhouse.extract import container, program
from fieldhouse.extract.program import InImage
from fieldhouse.kit import conformance, scaffold, templates
from fieldhouse.kit.subject import Subject
from fieldhouse.sources import Source

pytestmark = [pytest.mark.images, pytest.mark.usefixtures("engine")]
LARGE = 512 << 20  # under 128 MiB of memory
ROOT = settings.home()
SDKS = ROOT / "containers" / "sdk"
#: Sources of this repository whose extractor has an image of its own.
OWN = sorted(
    path.parent.name for path in (ROOT / "containers").glob("*/Dockerfile") if path.with_name("source.toml").exists()
)
#: Languages whose new source is tried in every run; the others only at night (`make nightly`).
ALWAYS = ("python",)
NIGHTLY = pytest.mark.skipif(not os.environ.get("FIELDHOUSE_TEST_NIGHTLY"), reason="FIELDHOUSE_TEST_NIGHTLY is not set")


def gold(image: str, source: Source) -> None:
    engine = container.engine()
    assert engine
    report = conformance.check(Subject(source, InImage(engine, image, loopback=True)), large=LARGE)
    assert [(v.check, v.state, v.why, v.log) for v in report.verdicts if v.state in ("failed", "blocked")] == []
    assert report.level == "gold"


def test_the_elixir_extractor_is_gold(elixir_image, source: Source) -> None:
    gold(elixir_image.tag, source)


@pytest.mark.parametrize("name", OWN)
def test_a_sources_own_image_is_gold(images, name: str) -> None:
    source = sources.find(name)
    *options, context = program.build_context(source, source.folder)
    options = [str(ROOT / word) if "/" in word else word for word in options]
    image = images.build(program.image_of(source), ROOT / context, *options)
    gold(image.tag, source)


@pytest.mark.parametrize(
    "language",
    [
        pytest.param(name, marks=() if name in ALWAYS else NIGHTLY)
        for name in templates.NEEDS
        if (SDKS / name / "Dockerfile").is_file()
    ],
)
def test_a_new_source_is_gold_in_its_image(
    images, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "containers").mkdir()
    (tmp_path / "containers" / "sdk").symlink_to(SDKS, target_is_directory=True)
    shutil.copytree(settings.home() / "datasets", tmp_path / "datasets")
    monkeypatch.setenv("FIELDHOUSE_HOME", str(tmp_path))
    sources.load_all.cache_clear()
    try:
        plan = scaffold.plan_new(f"new_{language}", language)
    finally:
        sources.load_all.cache_clear()
    scaffold.make(plan)
    source = sources.read(plan.folder / "source.toml")
    image = images.build(program.image_of(source), plan.folder)
    gold(image.tag, source)
