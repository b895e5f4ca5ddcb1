"""`source new`: a folder that declares a source, whose extractor is gold as it stands and whose sample becomes tables."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from fieldhouse import settings, sources
from fieldhouse.errors import ConfigurationError, UsageError
from fieldhouse.kit import scaffold, templates

SDKS = settings.home() / "containers" / "sdk"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the real datasets and SDKs, and no source yet."""
    (tmp_path / "containers").mkdir()
    (tmp_path / "containers" / "sdk").symlink_to(SDKS, target_is_directory=True)
    for name in ("datasets", "quality"):
        (tmp_path / name).symlink_to(settings.home() / name, target_is_directory=True)
    monkeypatch.setenv("FIELDHOUSE_HOME", str(tmp_path))
    sources.load_all.cache_clear()
    yield tmp_path
    sources.load_all.cache_clear()


@pytest.mark.parametrize("language", [name for name in templates.NEEDS if (SDKS / name / "Dockerfile").is_file()])
def test_it_is_a_declared_source_with_a_copy_of_the_sdk(home: Path, language: str) -> None:
    plan = scaffold.plan_new("open_leagues", language)
    assert not plan.folder.exists()
    scaffold.make(plan)
    source = sources.read(plan.folder / "source.toml")
    assert (source.name, source.rank, source.extractor.language) == ("open_leagues", 1, language)
    native = plan.folder / "native"
    assert native.stat().st_mode & stat.S_IXOTH
    for path in SDKS.joinpath(language).rglob("*"):
        copied = plan.folder / path.relative_to(SDKS / language)
        if path.suffix in (".ex", ".py", ".rs", ".sh") and not {"_build", "target"} & set(path.parts):
            assert copied.read_bytes() == path.read_bytes()
    dockerfile = (plan.folder / "Dockerfile").read_text()
    assert f"sdk/{language}" not in dockerfile
    assert 'LABEL fieldhouse.source="open_leagues"' in dockerfile


def test_its_rank_is_the_next_one(home: Path) -> None:
    scaffold.make(scaffold.plan_new("one", "python"))
    sources.load_all.cache_clear()
    assert "rank = 2\n" in scaffold.plan_new("two", "python").files["source.toml"]


def test_nothing_is_overwritten(home: Path) -> None:
    (home / "containers" / "mine").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        scaffold.plan_new("mine", "python")


@pytest.mark.parametrize("name", ["Leagues", "my-leagues", "../leagues", "1st", ""])
def test_a_name_is_a_plain_word(home: Path, name: str) -> None:
    with pytest.raises(UsageError):
        scaffold.plan_new(name, "python")


def test_a_language_without_an_sdk_is_told(home: Path) -> None:
    with pytest.raises(UsageError, match="elixir, python, rust, shell"):
        scaffold.plan_new("leagues", "cobol")
    (home / "containers" / "sdk").unlink()
    with pytest.raises(ConfigurationError, match="sdk/python"):
        scaffold.plan_new("leagues", "python")


def test_what_cannot_be_finished_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = scaffold.plan_new("leagues", "python")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(OSError, match="No space"):
        scaffold.make(plan)
    assert os.listdir(home / "containers") == ["sdk"]


@pytest.mark.parametrize("language", templates.NATIVE)
def test_the_script_that_runs_it_is_plain_shell(language: str, tmp_path: Path) -> None:
    (tmp_path / "native").write_text(templates.NATIVE[language])
    subprocess.run(["sh", "-n", tmp_path / "native"], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", tmp_path / "native"], check=True)
