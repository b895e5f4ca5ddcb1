"""Where a site is written: only in place of nothing, or of a site; whole, or not at all."""

from pathlib import Path

import pytest
from demo_lake import process

from fieldhouse.errors import StorageError, UsageError
from fieldhouse.site import folder

FILES = {"index.html": "<p>one", "datasets/core.team.html": "<p>two"}


def contents(path: Path) -> dict[str, str]:
    return {str(p.relative_to(path)): p.read_text() for p in path.rglob("*") if p.is_file()}


def test_a_site_replaces_an_older_one_as_a_whole(tmp_path: Path) -> None:
    folder.replace(tmp_path / "site", 1, {**FILES, "gone.html": ""})
    folder.check(tmp_path / "site")
    written = folder.replace(tmp_path / "site", 2, FILES)
    assert set(contents(tmp_path / "site")) == {*FILES, folder.MARK}
    assert (written.release, written.files) == (2, 3)
    assert written.bytes == sum(map(len, contents(tmp_path / "site").values()))
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_an_empty_folder_becomes_a_site(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    folder.check(tmp_path / "site")
    folder.replace(tmp_path / "site", 1, FILES)
    assert contents(tmp_path / "site")["index.html"] == "<p>one"


@pytest.mark.parametrize("foreign", ["notes.txt", ".git/config", "datasets/mine.html"])
def test_files_of_somebody_else_are_not_overwritten(tmp_path: Path, foreign: str) -> None:
    folder.replace(tmp_path / "site", 1, FILES)
    (tmp_path / "site" / foreign).parent.mkdir(exist_ok=True)
    (tmp_path / "site" / foreign).write_text("mine")
    with pytest.raises(UsageError, match=foreign):
        folder.check(tmp_path / "site")


def test_a_folder_that_is_no_site_a_file_and_a_link_are_refused(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "full")
    for name, said in (("full", "thesis.tex"), ("file", "no folder"), ("link", "no folder"), ("no/where", "no folder")):
        with pytest.raises(UsageError, match=said):
            folder.check(tmp_path / name)


def test_a_damaged_list_of_files_protects_what_is_there(tmp_path: Path) -> None:
    folder.replace(tmp_path / "site", 1, FILES)
    (tmp_path / "site" / folder.MARK).write_text('{"files": 1}')
    with pytest.raises(UsageError, match="is no site"):
        folder.check(tmp_path / "site")


def test_a_site_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.replace(tmp_path / "site", 1, FILES)
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if ".new-" in self.name:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(StorageError, match="No space left"):
        folder.replace(tmp_path / "site", 2, {"index.html": "new"})
    assert contents(tmp_path / "site")["index.html"] == "<p>one"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_the_verb_says_what_it_wrote_and_refuses_before_it_reads(lake: Path, tmp_path: Path) -> None:
    done = process("site", "-o", tmp_path / "site", "--lake", lake, "--json")
    assert done.json["release"] == 1
    assert done.json["files"] == len(contents(tmp_path / "site"))
    (tmp_path / "site" / "mine.txt").write_text("mine")
    refused = process("site", "-o", tmp_path / "site", "--lake", tmp_path / "no-lake", "--json")
    assert refused.code == 64
    assert "mine.txt" in refused.error["message"]
    assert process("site", "-o", tmp_path / "other", "--lake", lake, "--release", "7", "--json").code == 64
    assert not (tmp_path / "other").exists()
