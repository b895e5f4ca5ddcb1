"""How calls end: each error with its exit code and a next step; a signal with nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fieldhouse.errors import BY_EXIT, Exit, FieldhouseError


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every verb that opens a lake fail with this error."""

    def raise_it(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("fieldhouse.lake.store.open_store", raise_it)


@pytest.mark.parametrize(
    "kind", sorted(set(BY_EXIT.values()), key=lambda kind: kind.exit), ids=lambda kind: kind.__name__
)
def test_every_class_of_error_ends_with_its_exit_code(kind: type[FieldhouseError], fieldhouse, monkeypatch) -> None:
    fail_with(monkeypatch, kind("something is wrong", hint="mend it"))
    done = fieldhouse("release", "ls")
    assert (done.code, done.out, done.err) == (kind.exit, "", "error: something is wrong\n  → mend it\n")


def test_an_error_in_json_is_one_object_on_standard_error(fieldhouse, monkeypatch) -> None:
    fail_with(monkeypatch, BY_EXIT[Exit.TEMPORARY]("busy", hint="wait"))
    done = fieldhouse("release", "ls", "--json")
    assert (done.code, done.out) == (75, "")
    assert json.loads(done.err) == {"error": "TemporaryError", "exit": 75, "message": "busy", "hint": "wait"}


def test_an_unexpected_error_is_one_line_and_a_next_step(fieldhouse, monkeypatch) -> None:
    fail_with(monkeypatch, KeyError("colour"))
    done = fieldhouse("release", "ls")
    assert done.code == 70
    assert done.err.splitlines()[0] == "error: KeyError: 'colour'"
    assert "--debug" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("args", [("--debug", "release", "ls"), ("release", "ls", "--debug")], ids=["before", "after"])
def test_debug_adds_the_traceback(args: tuple[str, ...], fieldhouse, monkeypatch) -> None:
    fail_with(monkeypatch, KeyError("colour"))
    assert "Traceback" in fieldhouse(*args).err


def test_a_full_disk_is_an_error_of_storage(fieldhouse, monkeypatch) -> None:
    fail_with(monkeypatch, OSError(28, "No space left on device", "/lake/raw"))
    done = fieldhouse("release", "ls")
    assert (done.code, done.err.splitlines()[0]) == (74, "error: /lake/raw: No space left on device")


def test_ctrl_c_ends_with_130(fieldhouse, monkeypatch) -> None:
    fail_with(monkeypatch, KeyboardInterrupt())
    done = fieldhouse("release", "ls")
    assert (done.code, done.err) == (130, "error: interrupted; nothing half-done is visible\n")


@pytest.mark.parametrize(
    "args",
    [("loaad",), ("load",), ("load", "--limit", "many", "x"), ("ls", "--colour"), ("release",), ()],
    ids=" ".join,
)
def test_a_wrong_call_ends_with_64_where_others_end_with_2(args: tuple[str, ...], fieldhouse) -> None:
    done = fieldhouse(*args)
    assert (done.code, done.out) == (64, "")
    assert done.err


def test_options_may_stand_before_the_verb_or_after_it_and_the_latter_wins(lake: Path, fieldhouse) -> None:
    assert fieldhouse("--lake", lake, "--json", "ls").json["release"] == 1
    assert fieldhouse("--lake", "nowhere", "ls", "--lake", lake, "--json").json["release"] == 1


def test_an_option_that_a_verb_has_no_use_for_is_refused(fieldhouse) -> None:
    done = fieldhouse("--release", 3, "plan")
    assert done.code == 64
    assert "`plan` has no use for --release" in done.err


def test_a_reader_that_has_enough_is_no_error(lake: Path) -> None:
    verb = f"{sys.executable} -m fieldhouse.cli load football.team_match --lake {lake} -o -"
    line = f"set -o pipefail; {verb} | head -n 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


SLOW = """
name = "slow"
title = "A source that never ends"
homepage = "https://example.org"
licence = "CC0-1.0"
attribution = "nobody"
owner = "nobody"
schedule = "0 5 * * *"
rank = 9

[extractor]
language = "shell"
command = ["sh", "-c", "echo $$ > {pid}; echo begun; sleep 60", "sh"]

[feeds.feed]
format = "text"
"""
#: Who runs the tests may ignore Ctrl-C, and what is ignored is inherited.
UNIGNORED = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_extractor_too_and_leaves_nothing_half_done(
    home: Path, tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    folder = home / "containers" / "slow"
    folder.mkdir()
    pid = tmp_path / "pid"
    (folder / "source.toml").write_text(SLOW.format(pid=pid), encoding="utf-8")
    verb = [sys.executable, "-m", "fieldhouse.cli", "run", "slow", "--lake", str(tmp_path / "lake")]
    running = subprocess.Popen(
        [sys.executable, "-c", UNIGNORED, *verb],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FIELDHOUSE_HOME": str(home)},
    )
    extractor = wait_for_pid(pid)
    running.send_signal(sent)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (code, "")
    assert "nothing half-done is visible" in err.splitlines()[-1]
    assert not Path(f"/proc/{extractor}").exists()
    assert [p for p in (tmp_path / "lake").rglob("*") if p.is_file()] == []


def wait_for_pid(file: Path) -> int:
    for _ in range(3000):
        if file.exists() and re.fullmatch(r"\d+\n", text := file.read_text(encoding="utf-8")):
            return int(text)
        time.sleep(0.01)
    raise AssertionError("the extractor has not begun")


def test_the_command_ends_with_the_code_of_main(tmp_path: Path) -> None:
    env = {**os.environ, "FIELDHOUSE_LAKE": str(tmp_path / "none")}
    done = subprocess.run(
        [sys.executable, "-m", "fieldhouse.cli", "release", "ls"], env=env, check=False, capture_output=True
    )
    assert done.returncode == 69
