"""Settings of pods: read from the environment, wrong ones named, all of them documented."""

import re
from pathlib import Path

import pytest

from fieldhouse.errors import ConfigurationError
from fieldhouse.pods import settings
from fieldhouse.pods.settings import SETTINGS, PodSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "kubernetes.md").read_text(encoding="utf-8")


def test_without_an_environment_the_defaults_hold() -> None:
    assert settings.read({}) == PodSettings()


def test_one_setting_holds_prefix_and_version_of_all_images() -> None:
    found = settings.read({"FIELDHOUSE_PODS_IMAGE": "registry.example/fh-{name}:1.2"})
    assert found.image_of("pipeline") == "registry.example/fh-pipeline:1.2"
    assert found.image_of("international_results") == "registry.example/fh-international-results:1.2"


def test_one_image_can_be_pinned_by_its_digest() -> None:
    pinned = f"registry.example/fh@sha256:{'0' * 64}"
    assert settings.read({"FIELDHOUSE_PODS_IMAGES": f"pipeline={pinned}"}).image_of("pipeline") == pinned


def test_a_source_can_have_another_extractor() -> None:
    found = settings.read({"FIELDHOUSE_PODS_EXTRACTORS": "results=elixir:localhost/results:dev, other=rust:x"})
    assert found.extractors == {"results": ("elixir", "localhost/results:dev"), "other": ("rust", "x")}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMAGE", "fieldhouse:1"),
        ("IMAGES", "pipeline"),
        ("EXTRACTORS", "results=cobol:image"),
        ("EXTRACTORS", "results=elixir"),
        ("NAMESPACE", "Field House"),
        ("USER", "0"),
        ("USER", "root"),
        ("SPILL", "8"),
        ("PARALLEL", "0"),
        ("PARALLEL", "many"),
        ("DEFERRABLE", "yes"),
        ("POLL_S", "0"),
        ("POLL_S", "nan"),
        ("PATIENCE_S", "a while"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"FIELDHOUSE_PODS_{name} is "):
        settings.read({f"FIELDHOUSE_PODS_{name}": value})


def test_a_proxy_that_may_hold_a_password_is_never_shown() -> None:
    found = settings.read({"FIELDHOUSE_PODS_PROXY": "http://user:hush@proxy:3128"})
    assert "hush" not in repr(found)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_the_page_documents_every_setting(setting) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{setting.variable}` |"))
    assert not setting.default or f"`{setting.default}`" in row


def test_the_page_documents_no_setting_that_is_none() -> None:
    assert set(re.findall(r"FIELDHOUSE_PODS_[A-Z_]*[A-Z]", PAGE)) == {s.variable for s in SETTINGS}
