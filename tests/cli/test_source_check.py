"""`source new` and `source check`: from nothing to a source that is gold and lands; what the kit says, and its exit codes."""

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from fieldhouse import settings

BROKEN = Path(__file__).parents[1] / "kit" / "broken"
EXTRACTOR = (sys.executable, "-S", "-E", BROKEN / "extractor.py")


@pytest.fixture
def own(home: Path) -> dict[str, str]:
    (home / "containers" / "sdk").symlink_to(settings.home() / "containers" / "sdk", target_is_directory=True)
    return {"FIELDHOUSE_HOME": str(home), "FIELDHOUSE_RUNNER": "native"}


def test_a_new_source_is_gold_at_once_and_its_sample_is_released(own: dict[str, str], tmp_path: Path, apart) -> None:
    made = apart("source", "new", "open_leagues", "--lang", "python", env=own)
    assert made.code == 0, made.err
    assert "source check open_leagues" in made.out
    checked = apart("source", "check", "open_leagues", "--large", "128", "--json", env=own)
    assert (checked.code, checked.json["level"]) == (0, "gold"), checked.out
    shown = apart("demo", "open_leagues", "--lake", tmp_path / "lake", env=own)
    assert shown.code == 0, shown.err
    found = apart("sql", "SELECT count(*) AS n FROM core.competition", "--lake", tmp_path / "lake", "--json", env=own)
    assert found.json["rows"] == [{"n": 3}]


def test_a_command_is_checked_with_a_declaration(tmp_path: Path, apart) -> None:
    words = ("--declaration", BROKEN / "source.toml", "--only", "html", "--junit", tmp_path / "junit.xml", "--")
    done = apart("source", "check", *words, *EXTRACTOR)
    assert done.code == 0, done.out
    assert [line.split()[2] for line in done.out.splitlines() if line.startswith("ok")] == [
        "declaration",
        "lands",
        "truth",
        "html",
    ]
    suite = ET.parse(tmp_path / "junit.xml").getroot()
    assert suite.attrib["failures"] == "0"


def test_what_fails_ends_with_65_unless_a_lower_level_is_asked_for(apart) -> None:
    words = ("--declaration", BROKEN / "source.toml", "--only", "html")
    flawed = ("--", *EXTRACTOR, "--flaw", "html")
    done = apart("source", "check", *words, *flawed)
    assert done.code == 65
    assert "FAILED   silver html               it ended with 0; 65 is expected" in done.out
    assert apart("source", "check", *words, "--level", "bronze", *flawed).code == 0


def test_a_waiver_needs_no_check_but_a_reason(tmp_path: Path, apart) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    text = (BROKEN / "source.toml").read_text()
    (folder / "source.toml").write_text(f'{text}\n[waivers]\nhtml = "upstream sends pages of HTML as data"\n')
    words = ("--declaration", folder / "source.toml", "--only", "html", "--json", "--", *EXTRACTOR, "--flaw", "html")
    done = apart("source", "check", *words)
    assert (done.code, done.json["checks"][-1]["state"]) == (0, "waived")
    assert done.json["checks"][-1]["why"] == "upstream sends pages of HTML as data"
    (folder / "source.toml").write_text(f'{text}\n[waivers]\nhtml = "no"\n')
    refused = apart("source", "check", *words)
    assert (refused.code, refused.json["level"]) == (65, None)
    assert "a reason in words is expected" in refused.json["checks"][0]["why"]


def test_a_declaration_that_cannot_be_read_fails_its_check_and_blocks_the_others(tmp_path: Path, apart) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "source.toml").write_text((BROKEN / "source.toml").read_text().replace('"csv"', '"cvs"'))
    done = apart("source", "check", "--declaration", folder / "source.toml", "--json", "--", *EXTRACTOR)
    states = [check["state"] for check in done.json["checks"]]
    assert (done.code, states[0], set(states[1:])) == (65, "failed", {"blocked"})


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("no_such_source",), 78, "no source is called that"),
        (("--", "sh", "-c", "true"), 64, "--declaration"),
        (("openfootball", "--level", "platinum"), 64, "bronze, silver, gold"),
        (("openfootball", "--only", "nothing"), 78, "there is no check 'nothing'"),
    ],
)
def test_a_wrong_call_is_refused(words: tuple[str, ...], code: int, said: str, tmp_path: Path, apart) -> None:
    done = apart("source", "check", *words, env={"PATH": str(tmp_path)})  # where no engine is
    assert (done.code, said in json.dumps(done.err)) == (code, True), done.err
