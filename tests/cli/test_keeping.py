"""`release tag`, `untag` and `prune`: which releases stay."""

from pathlib import Path

import pytest

from fieldhouse.cli.keeping import spans


@pytest.fixture
def three(own_lake: Path) -> Path:
    """The demo's lake with three releases of the same tables."""
    first = own_lake / "releases" / "00000001.json"
    text = first.read_text(encoding="utf-8")
    for number in (2, 3):
        copy = text.replace('"number": 1,', f'"number": {number},').replace('"parent": 0,', f'"parent": {number - 1},')
        first.with_name(f"0000000{number}.json").write_text(copy, encoding="utf-8")
    (own_lake / "releases" / "latest").write_text("3\n")
    return own_lake


def numbers(fieldhouse, lake: Path) -> list[int]:
    return [r["number"] for r in fieldhouse("release", "ls", "--lake", lake, "--json").json["releases"]]


def test_a_tagged_release_outlives_others_and_its_tag_is_listed(three: Path, fieldhouse) -> None:
    assert fieldhouse("release", "tag", "paper", 1, "--lake", three).out == "Release 1 is tagged paper.\n"
    dry = fieldhouse("release", "prune", "--keep", 1, "--keep-days", 0, "--dry-run", "--lake", three)
    assert dry.out == "release 1 stays: tagged paper\nWould forget 1 release (2); 2 stay.\n"
    assert numbers(fieldhouse, three) == [1, 2, 3]
    done = fieldhouse("release", "prune", "--keep", 1, "--keep-days", 0, "--lake", three, "--json").json
    assert done == {"dry_run": False, "forget": [2], "stays": {"1": "tagged paper", "3": "among the newest"}}
    assert numbers(fieldhouse, three) == [1, 3]
    assert "paper" in fieldhouse("release", "ls", "--lake", three).out
    assert fieldhouse("load", "core.team", "--release", 1, "--lake", three).code == 0


def test_what_is_forgotten_is_no_release_any_more(three: Path, fieldhouse) -> None:
    assert fieldhouse("release", "prune", "--keep", 1, "--keep-days", 0, "--lake", three).code == 0
    done = fieldhouse("load", "core.team", "--release", 1, "--lake", three)
    assert (done.code, "the nearest is 3" in done.err) == (64, True)


def test_young_releases_stay_unless_that_is_asked_for(three: Path, fieldhouse) -> None:
    assert fieldhouse("release", "prune", "--keep", 1, "--lake", three).out == "Forgot nothing; 3 stay.\n"


def test_a_tag_is_taken_away(three: Path, fieldhouse) -> None:
    assert fieldhouse("release", "tag", "mine", "--lake", three, "--json").json["release"] == 3
    assert fieldhouse("release", "untag", "mine", "--lake", three).out == "Release 3 is no longer tagged mine.\n"
    again = fieldhouse("release", "untag", "mine", "--lake", three)
    assert (again.code, again.err) == (64, "error: no release has the tag 'mine'; tags are none\n")


def test_keeping_none_is_refused(three: Path, fieldhouse) -> None:
    assert fieldhouse("release", "prune", "--keep", 0, "--lake", three).code == 64


@pytest.mark.parametrize(
    ("found", "said"), [((), ""), ((4,), "4"), ((1, 2, 3), "1-3"), ((1, 3, 4, 5, 9), "1, 3-5, 9")], ids=str
)
def test_numbers_are_told_in_short(found: tuple[int, ...], said: str) -> None:
    assert spans(found) == said
