"""`source aside`: what it prints, word for word (asides/*.txt), what it does, and what it refuses.

In the files `LAKE` stands for a lake with an attempt that exceeds a limit, one whose seal lies, and a record whose type
changed; `TIME` for any time, `HASH` for any hash. FIELDHOUSE_TEST_REWRITE=1 writes what is printed now.
"""

import json
import os
import re
import shlex
from pathlib import Path

import pytest

from fieldhouse import sources
from fieldhouse.errors import FieldhouseError
from fieldhouse.extract.request import write_request
from fieldhouse.extract.sealed import Seal, SealedFile, write_seal
from fieldhouse.lake import landings, open_store
from fieldhouse.stages import attempt, extract, land

REWRITE = os.environ.get("FIELDHOUSE_TEST_REWRITE")  # before the environment is cleaned
TOLD = sorted((Path(__file__).parent / "asides").glob("*.txt"))
SOURCE = "openfootball"
KEY = "2015-16/en.1.json"
GONE, LIE = f"{SOURCE}/day-2-1", f"{SOURCE}/day-3-1"
RECORDS = f"{SOURCE}/league/type-score.ft"


def refuse(lake: Path, run: str, file: SealedFile) -> None:
    """Land an attempt that is refused."""
    store, source = open_store(str(lake)), sources.find(SOURCE)
    made = attempt.begin(store, SOURCE, run)
    write_request(made.inbox, source, run, made.number, known=extract._known(store, SOURCE), state=None)
    if file.status == "new":
        path = made.out / file.path
        path.parent.mkdir(parents=True)
        path.write_text("[]")
    write_seal(made.out, Seal(1, SOURCE, run, made.number, (file,)))
    made.write_exit(0)
    with pytest.raises(FieldhouseError):
        land.run(store, SOURCE, run)


@pytest.fixture
def aside_lake(mirror: Path, tmp_path: Path, fieldhouse, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    file = next(mirror.rglob("en.1.json"))
    league = json.loads(file.read_text(encoding="utf-8"))
    league["matches"][1]["score"]["ft"] = "1:1"
    file.write_text(json.dumps(league), encoding="utf-8")
    lake = tmp_path / "lake"
    assert fieldhouse("run", SOURCE, "--mirror", mirror, "--lake", lake).code == 65
    refuse(lake, "day-2", SealedFile("league", KEY, "gone"))
    refuse(lake, "day-3", SealedFile("league", KEY, "new", 2, "0" * 64))
    return lake


@pytest.mark.parametrize("file", TOLD, ids=lambda file: file.stem)
def test_what_is_told_is(file: Path, aside_lake: Path, fieldhouse) -> None:
    call = file.read_text(encoding="utf-8").splitlines()[0]
    words = shlex.split(call.removeprefix("$ fieldhouse "))
    done = fieldhouse(*(str(aside_lake) if word == "LAKE" else word for word in words))
    printed = (done.out + done.err).replace(str(aside_lake), "LAKE")
    printed = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?( UTC|\+00:00)", "TIME", printed)
    printed = re.sub(r"\b[0-9a-f]{64}\b", "HASH", printed)
    printed = re.sub(r"[\d,]+ bytes", "N bytes", printed)  # the request names folders of this machine
    told = f"{call}\n{printed}exit {done.code}\n"
    if REWRITE:
        file.write_text(told, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == told


def test_each_thing_set_aside_is_listed_in_json(aside_lake: Path, fieldhouse) -> None:
    found = fieldhouse("source", "aside", "ls", "--lake", aside_lake, "--json").json
    assert [(a["id"], a["state"], a["acceptable"]) for a in found["attempts"]] == [
        (GONE, "open", True),
        (LIE, "open", False),
    ]
    (record,) = found["records"]
    assert (record["id"], record["records"], record["files"], record["rule"]) == (RECORDS, 1, 1, "type: score.ft")
    assert record["since"]


def test_what_is_accepted_is_used_and_needs_nobody_any_more(aside_lake: Path, fieldhouse) -> None:
    accept = ("source", "aside", "accept", GONE, "--reason", "retired", "--who", "ann", "--lake", aside_lake, "--json")
    done = fieldhouse(*accept).json
    assert (done["landing"], done["gone"], done["accepted"]["who"]) == (2, 1, "ann")
    assert fieldhouse(*accept).json == done
    assert landings.snapshot(open_store(str(aside_lake)), SOURCE, 2) == {}
    assert fieldhouse("source", "aside", "ls", "--lake", aside_lake, "--json").json["attempts"] == []
    states = fieldhouse("source", "aside", "ls", "--all", "--lake", aside_lake, "--json").json["attempts"]
    assert [(a["id"], a["state"], a["landing"]) for a in states] == [(GONE, "landed", 2), (LIE, "overtaken", 2)]


def test_whose_word_it_is_is_the_callers_own(aside_lake: Path, fieldhouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "eve")
    done = fieldhouse("source", "aside", "accept", GONE, "--reason", "right", "--lake", aside_lake, "--json")
    assert done.json["accepted"]["who"] == "eve"


def test_a_lie_is_not_accepted(aside_lake: Path, fieldhouse) -> None:
    done = fieldhouse("source", "aside", "accept", LIE, "--reason", "please", "--lake", aside_lake, "--json")
    assert (done.code, done.error["error"]) == (65, "DataError")


def test_a_reason_shows_its_records_in_json(aside_lake: Path, fieldhouse) -> None:
    found = fieldhouse("source", "aside", "show", RECORDS, "--lake", aside_lake, "--json").json
    (record,) = found["records"]
    assert (record["key"], record["ordinal"], record["value"]) == (KEY, 1, "1:1")
    assert (record["declared"], record["found"]) == ("integers", "text")
    assert len(found["ways_out"]) == 2


def test_nothing_set_aside_is_said(lake: Path, fieldhouse) -> None:
    done = fieldhouse("source", "aside", "ls", "--lake", lake)
    assert (done.code, done.out) == (0, "Nothing waits for anybody.\n")


def test_an_unknown_source_is_refused(lake: Path, fieldhouse) -> None:
    assert fieldhouse("source", "aside", "ls", "openfotball", "--lake", lake).code == 64
