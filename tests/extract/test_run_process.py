"""Running an extractor as a process: however it misbehaves, it ends, and its end is told for what it is."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fieldhouse.errors import (
    ConfigurationError,
    DataError,
    Exit,
    FieldhouseError,
    InternalError,
    RefusedError,
    StorageError,
    TemporaryError,
    UnavailableError,
    UsageError,
)
from fieldhouse.extract import log as log_module
from fieldhouse.extract import runner
from fieldhouse.extract.log import LogRecord
from fieldhouse.extract.runner import Crashed, Ended, Killed, raise_for, run_process
from fieldhouse.extract.seal import SealRefused, Unsealed, verify
from fieldhouse.sources import Limits, Source

LIMITS = Limits(deadline_s=30, silence_s=30)


def run(
    script: str, out: Path, *, limits: Limits = LIMITS, shell: str = "sh", **options
) -> tuple[Ended, list[LogRecord]]:
    """Run a tiny extractor, a shell or Python script that gets REQUEST and OUT as $1 and $2."""
    records: list[LogRecord] = []
    command = [shell, "-c", textwrap.dedent(script), *(["extractor"] if shell == "sh" else [])]
    ended = run_process(command, out / "request.json", out, limits=limits, log=records.append, **options)
    return ended, records


def run_and_stop(script: str, out: Path) -> tuple[Ended, list[LogRecord]]:
    """The same, and stop it as soon as it has said something."""
    records: list[LogRecord] = []
    stop = threading.Event()

    def log(record: LogRecord) -> None:
        records.append(record)
        stop.set()

    return run_process(["sh", "-c", script], out / "r", out, limits=LIMITS, log=log, stop=stop), records


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_dead(pid: int) -> None:
    until = time.monotonic() + 10
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not alive(pid)


def test_it_gets_request_and_output_folder_as_arguments(tmp_path: Path) -> None:
    ended, records = run('echo "$1 $2"', tmp_path)
    assert ended == Ended(0)
    assert records == [LogRecord("info", f"{tmp_path}/request.json {tmp_path}")]


def test_both_streams_are_the_log(tmp_path: Path) -> None:
    _, records = run("""echo plain; echo '{"level": "warning", "msg": "slow", "feed": "a", "n": 1}' >&2""", tmp_path)
    assert sorted(records, key=lambda r: r.level) == [
        LogRecord("info", "plain"),
        LogRecord("warning", "slow", {"feed": "a", "n": 1}),
    ]


def test_the_last_error_line_says_why(tmp_path: Path, source: Source) -> None:
    script = """
        echo '{"level": "error", "msg": "first", "code": 70}'
        echo '{"level": "error", "msg": "429", "code": 75, "retry_after_s": 120, "feed": "season", "key": "a"}'
        echo 'done'; exit 75"""
    ended, _ = run(script, tmp_path)
    assert ended.last_error
    assert ended.last_error.msg == "429"
    with pytest.raises(TemporaryError, match=r"leagues: the extractor ended with 75.*season/a: 429") as caught:
        raise_for(ended, source)
    assert caught.value.retry_after_s == 120


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (64, UsageError),
        (65, DataError),
        (69, UnavailableError),
        (70, InternalError),
        (74, StorageError),
        (75, TemporaryError),
        (77, RefusedError),
        (78, ConfigurationError),
        (126, ConfigurationError),
        (127, ConfigurationError),
        (137, Killed),
        (143, Killed),
        (1, Crashed),
        (130, Crashed),
        (255, Crashed),
    ],
)
def test_each_exit_code_is_its_error(tmp_path: Path, source: Source, code: int, error: type[FieldhouseError]) -> None:
    ended, _ = run(f"exit {code}", tmp_path)
    with pytest.raises(error) as caught:
        raise_for(ended, source)
    assert type(caught.value) is error


def test_crashes_and_kills_are_retried() -> None:
    assert Crashed.exit == Killed.exit == Exit.TEMPORARY


def test_exit_0_alone_raises_nothing(tmp_path: Path, source: Source) -> None:
    raise_for(run("exit 0", tmp_path)[0], source)


def test_an_entrypoint_that_does_not_exist_is_127_and_one_that_cannot_run_126(tmp_path: Path) -> None:
    def end(command: str) -> int:
        return run_process([command], tmp_path / "r", tmp_path, limits=LIMITS, log=print).exit_code

    (tmp_path / "text").write_text("no program")
    assert end(str(tmp_path / "none")) == 127
    assert end(str(tmp_path / "text")) == 126


def test_killed_by_somebody_is_no_success(tmp_path: Path, source: Source) -> None:
    ended, _ = run("kill -s KILL $$", tmp_path)
    assert ended == Ended(137, "signal")
    with pytest.raises(Killed, match="killed by a signal"):
        raise_for(ended, source)


def test_the_deadline_ends_it(tmp_path: Path, source: Source) -> None:
    ended, _ = run("exec sleep 60", tmp_path, limits=replace(LIMITS, deadline_s=0.2))
    assert ended == Ended(143, "deadline")
    with pytest.raises(Killed, match=r"limits\.deadline_s = 60 seconds"):
        raise_for(ended, source)


def test_silence_ends_it_and_a_line_in_time_does_not(tmp_path: Path, source: Source) -> None:
    quiet = replace(LIMITS, silence_s=0.8)
    ended, _ = run("for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.1; done", tmp_path, limits=quiet)
    assert ended == Ended(0)
    ended, _ = run("echo start; exec sleep 60", tmp_path, limits=quiet)
    assert ended == Ended(143, "silence")
    with pytest.raises(Killed, match="no log line"):
        raise_for(ended, source)


def test_exit_0_after_the_kill_is_no_success(tmp_path: Path, source: Source) -> None:
    """The BEAM ends with 0 on SIGTERM."""
    ended, _ = run_and_stop("trap 'exit 0' TERM; echo ready; sleep 60 & wait", tmp_path)
    assert ended == Ended(0, "stopped")
    with pytest.raises(Killed):
        raise_for(ended, source)


def test_who_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "GRACE_S", 0.2)
    ended, records = run_and_stop("trap '' TERM; echo $$; while :; do sleep 0.05; done", tmp_path)
    assert ended == Ended(137, "stopped")
    wait_until_dead(int(records[0].msg))


def test_a_child_that_ignores_sigterm_does_not_outlive_it(tmp_path: Path) -> None:
    """Also not where the extractor itself ended well and the child holds its streams open."""
    ended, records = run("(trap '' TERM; exec sleep 60) & echo $!", tmp_path)
    assert ended == Ended(0)
    wait_until_dead(int(records[0].msg))


def test_who_left_the_group_does_not_hold_the_run_up(tmp_path: Path) -> None:
    started = time.monotonic()
    ended, records = run("setsid sleep 60 & echo $!", tmp_path)
    assert ended == Ended(0)
    assert time.monotonic() - started < 20
    os.kill(int(records[0].msg), signal.SIGKILL)


def test_a_stop_from_outside_ends_it(tmp_path: Path, source: Source) -> None:
    stop = threading.Event()
    stop.set()
    ended, _ = run("exec sleep 60", tmp_path, stop=stop)
    assert ended == Ended(143, "stopped")
    with pytest.raises(Killed, match="because the run was"):
        raise_for(ended, source)


def test_an_error_in_the_log_callback_ends_the_extractor_too(tmp_path: Path) -> None:
    pids: list[int] = []

    def log(record: LogRecord) -> None:
        pids.append(int(record.msg))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_process(["sh", "-c", "echo $$; exec sleep 60"], tmp_path / "r", tmp_path, limits=LIMITS, log=log)
    wait_until_dead(pids[0])


PARENT = """
import sys
from pathlib import Path
from fieldhouse.extract.runner import run_process
from fieldhouse.sources import Limits
script = "trap '' TERM; (trap '' TERM; exec sleep 60) & echo $$ $!; wait"
run_process(["sh", "-c", script], Path("r"), Path("."), limits=Limits(), log=lambda r: print(r.msg, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_does_not_outlive_a_killed_pipeline(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=tmp_path) as parent:
        assert parent.stdout
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(number)
        parent.wait()
    for pid in pids:
        wait_until_dead(pid)


def test_a_flood_of_log_is_bounded_drained_and_its_last_error_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "MAX_LOG", 100_000)
    script = """
        i=0; while [ $i -lt 300 ]; do echo "$(printf %01000d $i)"; i=$((i+1)); done
        echo '{"level": "error", "msg": "why", "code": 65}'; exit 65"""
    ended, records = run(script, tmp_path)
    assert ended.exit_code == 65
    assert ended.last_error
    assert ended.last_error.msg == "why"
    assert sum(len(record.msg) for record in records) < 110_000
    assert "what follows is not shown" in records[-1].msg


def test_a_line_without_end_is_cut_and_counts_as_one(tmp_path: Path) -> None:
    ended, records = run("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo after", tmp_path)
    assert ended == Ended(0)
    assert [len(record.msg) <= log_module.MAX_LINE + 10 for record in records] == [True, True]
    assert records[0].msg.endswith("(cut)")
    assert records[1].msg == "after"


def test_the_environment_is_exactly_what_is_given(tmp_path: Path) -> None:
    _, records = run("echo $A-$HOME", tmp_path, env={"A": "1", "PATH": os.environ["PATH"]})
    assert records == [LogRecord("info", "1-")]


LIAR = """
import hashlib, json, os, pathlib, sys
out = pathlib.Path(sys.argv[2])
(out / "files/season").mkdir(parents=True)
(out / "files/season/a").write_bytes(b"[]")
entry = {"feed": "season", "key": "a", "status": "new", "bytes": 2, "sha256": hashlib.sha256(b"[]").hexdigest()}
seal = {"protocol": 1, "source": "leagues", "run": "day-1", "attempt": 1, "files": [entry], "state": None}
%s
(out / "manifest.json").write_text(json.dumps(seal))
"""


@pytest.mark.parametrize(
    ("lie", "problem"),
    [
        pytest.param("entry['sha256'] = '0' * 64", "the seal says 0000", id="wrong hash"),
        pytest.param("(out / 'files/season/b').write_text('x')", "does not name it", id="extra file"),
        pytest.param("(out / 'files/season/b').symlink_to('/etc/passwd')", "symbolic link", id="link"),
        pytest.param("os.link(out / 'files/season/a', out / 'tmp')", "hard link", id="hard link"),
        pytest.param("entry['key'] = '../../../a'", "leads elsewhere", id="hostile key"),
        pytest.param("seal['run'] = 'day-0'", "another request", id="another request's manifest"),
        pytest.param("seal['files'] *= 2", "named 2 times", id="twice"),
    ],
)
def test_a_lying_extractor_lands_nothing_and_is_reported(
    tmp_path: Path, source: Source, lie: str, problem: str
) -> None:
    ended, _ = run(LIAR % lie, tmp_path, shell=sys.executable)
    raise_for(ended, source)  # it claims success
    with pytest.raises(SealRefused, match=problem):
        verify(tmp_path, source=source, run="day-1", attempt=1, known={})


def test_success_without_a_seal_is_unsealed(tmp_path: Path, source: Source) -> None:
    ended, _ = run("exit 0", tmp_path)
    raise_for(ended, source)
    with pytest.raises(Unsealed):
        verify(tmp_path, source=source, run="day-1", attempt=1, known={})
