"""The commonest messages, word for word: each file in messages/ holds a call, what it prints, and its exit code.

`LAKE` stands for a lake with a release, `EMPTY` for one without, `NOWHERE` for a folder that is not there, `CHANGED` for a
mirror whose records changed their type. FIELDHOUSE_TEST_REWRITE=1 writes what is printed now; then read the difference.
"""

import json
import os
import shlex
from pathlib import Path

import pytest

REWRITE = os.environ.get("FIELDHOUSE_TEST_REWRITE")  # before the environment is cleaned
MESSAGES = sorted((Path(__file__).parent / "messages").glob("*.txt"))


@pytest.fixture
def places(lake: Path, mirror: Path, tmp_path: Path) -> dict[str, str]:
    empty = tmp_path / "empty"
    (empty / "landings").mkdir(parents=True)
    file = next(mirror.rglob("en.1.json"))
    league = json.loads(file.read_text(encoding="utf-8"))
    league["matches"][1]["score"]["ft"] = "1:1"
    file.write_text(json.dumps(league), encoding="utf-8")
    return {"LAKE": str(lake), "EMPTY": str(empty), "NOWHERE": str(tmp_path / "nowhere"), "CHANGED": str(mirror)}


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: file.stem)
def test_the_message_is(file: Path, places: dict[str, str], fieldhouse) -> None:
    call = file.read_text(encoding="utf-8").splitlines()[0]
    words = shlex.split(call.removeprefix("$ fieldhouse "))
    done = fieldhouse(*(places.get(word, word) for word in words))
    message = done.err[done.err.index("error: ") :]
    for name, place in places.items():
        message = message.replace(place, name)
    told = f"{call}\n{message}exit {done.code}\n"
    if REWRITE:
        file.write_text(told, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == told


def test_every_message_says_what_to_do_next() -> None:
    silent = [file.stem for file in MESSAGES if "→" not in file.read_text(encoding="utf-8")]
    # The nearest or all names that exist are the next step.
    assert set(silent) <= {"season_that_is_not_there", "unknown_source"}
