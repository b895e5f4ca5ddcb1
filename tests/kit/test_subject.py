"""What `source check` is told to try: a declared source, an image, a command."""

import sys
from pathlib import Path

import pytest

from fieldhouse.errors import ConfigurationError, UsageError
from fieldhouse.extract.program import InImage, Native
from fieldhouse.kit import subject

BROKEN = Path(__file__).with_name("broken")
ENGINE = """#!{python}
import sys
words = sys.argv[1:]
if words == ["version"]:
    print("Client: Docker Engine")
elif words[0] == "image" and words[-1] == "leagues:1":
    print({label!r} if "--format" in words else "[]")
else:
    sys.exit(1)
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that has one image, whose label names a source."""
    script = tmp_path / "engine"
    script.write_text(ENGINE.format(python=sys.executable, label="international_results"))
    script.chmod(0o755)
    monkeypatch.setenv("FIELDHOUSE_CONTAINER_RUNTIME", str(script))


def test_a_source_is_run_as_it_is_declared() -> None:
    found = subject.load(["openfootball"], None)
    assert found.source.name == "openfootball"
    assert isinstance(found.program, Native)


def test_an_image_serves_the_source_that_its_label_names(engine: None) -> None:
    found = subject.load(["leagues:1"], None)
    assert found.source.name == "international_results"
    assert isinstance(found.program, InImage)
    assert (found.program.image, found.program.loopback) == ("leagues:1", True)


def test_a_declaration_goes_before_an_images_label(engine: None) -> None:
    assert subject.load(["leagues:1"], BROKEN / "source.toml").source.name == "broken"


def test_an_image_that_is_not_here_is_told(engine: None) -> None:
    with pytest.raises(ConfigurationError, match="there is no such image"):
        subject.load(["leagues:2"], None)


def test_words_of_a_command_that_are_files_stay_the_same_wherever_it_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(BROKEN)
    found = subject.load(["python3", "-B", "extractor.py"], BROKEN / "source.toml")
    assert found.program == Native(("python3", "-B", str(BROKEN / "extractor.py")))


def test_a_command_needs_a_declaration() -> None:
    with pytest.raises(UsageError, match="--declaration"):
        subject.load(["python3", "-B"], None)
