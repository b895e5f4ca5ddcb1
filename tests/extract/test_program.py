"""How a source's program runs here: in its image where an engine has it, else by its command, else it says what is missing.

The engine is played by a script that notes what it is told and, for `run`, runs what the image would, without a container.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse.errors import ConfigurationError
from fieldhouse.extract import program
from fieldhouse.extract.program import InImage, Native, NotRunnable
from fieldhouse.sources import Limits, Source

LIMITS = Limits(deadline_s=60, silence_s=60)
DECLARATION = """
name = "leagues"
title = "Leagues"
homepage = "https://leagues.example"
licence = "CC0-1.0"
attribution = ""
owner = "data"
schedule = "0 6 * * *"
rank = 1
[extractor]
language = "shell"
{extractor}
[feeds.table]
format = "csv"
key = "table.csv"
"""
ENGINE = """#!{python}
import json, os, signal, subprocess, sys
with open({notes!r}, "a") as notes:
    notes.write(json.dumps(sys.argv[1:]) + "\\n")
verb = sys.argv[1]
if verb == "version":
    print("Client: Podman Engine")
elif verb == "image":
    sys.exit(0 if sys.argv[-1] in {images!r} else 1)
elif verb == "run":
    process = subprocess.Popen({program!r})
    signal.signal(signal.SIGTERM, lambda number, frame: process.send_signal(number))
    sys.exit(process.wait())
"""


@pytest.fixture
def leagues(declare: Callable[[str], Source]) -> Callable[..., Source]:
    def leagues(extractor: str, *, dockerfile: bool = True) -> Source:
        source = declare(DECLARATION.format(extractor=extractor))
        if dockerfile:
            (source.folder / "Dockerfile").touch()
        return source

    return leagues


class Engine:
    """A played engine: the images it has, and what it was told."""

    def __init__(self, folder: Path) -> None:
        self.script, self.notes = folder / "engine", folder / "notes"

    def play(self, images: list[str], runs: list[str]) -> None:
        text = ENGINE.format(python=sys.executable, notes=str(self.notes), images=images, program=runs)
        self.script.write_text(text)
        self.script.chmod(0o755)

    def told(self, verb: str) -> list[list[str]]:
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [words for words in map(json.loads, lines) if words[0] == verb]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    found = Engine(tmp_path)
    found.play(["fieldhouse/leagues:dev"], ["true"])
    monkeypatch.setenv("FIELDHOUSE_CONTAINER_RUNTIME", str(found.script))
    return found


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def request_in(tmp_path: Path) -> tuple[Path, Path]:
    request, out = tmp_path / "in" / "request.json", tmp_path / "out"
    request.parent.mkdir()
    out.mkdir()
    request.write_text("{}")
    return request, out


def test_a_generic_extractor_needs_neither(leagues, no_engine) -> None:
    found = program.find(leagues('uses = "http"'))
    assert found == Native((sys.executable, "-m", "fieldhouse.extract.http"))


def test_the_image_goes_before_the_command(leagues, engine: Engine) -> None:
    found = program.find(leagues('command = ["sh"]'))
    assert isinstance(found, InImage)
    assert found.image == "fieldhouse/leagues:dev"


def test_without_its_image_the_command_is_run(leagues, engine: Engine) -> None:
    engine.play([], [])
    assert program.find(leagues('command = ["sh", "-e"]')) == Native(("sh", "-e"))


def test_a_command_may_be_a_file_of_the_source(leagues, no_engine) -> None:
    source = leagues('command = ["native"]')
    (source.folder / "native").touch()
    assert program.find(source) == Native((str(source.folder / "native"),))


def test_a_setting_chooses(leagues, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDHOUSE_RUNNER", "native")
    assert isinstance(program.find(leagues('command = ["sh"]')), Native)
    monkeypatch.setenv("FIELDHOUSE_RUNNER", "magic")
    with pytest.raises(ConfigurationError, match="auto, image, native"):
        program.find(leagues('command = ["sh"]'))


def test_a_name_with_a_registry_is_pulled_and_one_without_never(leagues, engine: Engine) -> None:
    engine.play([], [])
    with pytest.raises(NotRunnable):
        program.find(leagues(""))
    assert engine.told("pull") == []
    found = program.find(leagues('image = "registry.example/leagues:7"'))
    assert isinstance(found, InImage)
    assert engine.told("pull") == [["pull", "registry.example/leagues:7"]]


def test_what_cannot_run_says_all_that_is_missing_in_a_line(leagues, no_engine) -> None:
    with pytest.raises(NotRunnable) as found:
        program.find(leagues('command = ["native"]\nneeds = ["cargo", "cc"]'))
    assert str(found.value) == (
        "leagues cannot run on this machine: its image fieldhouse/leagues:dev needs podman or docker; "
        "its command needs cargo, cc on PATH"
    )


def test_an_engine_without_the_image_is_told_how_to_make_it(leagues, engine: Engine) -> None:
    engine.play([], [])
    with pytest.raises(
        NotRunnable, match=r"build -t fieldhouse/leagues:dev containers/leagues` makes it; it has no command"
    ):
        program.find(leagues(""))


def test_an_image_that_takes_from_other_folders_is_built_from_the_repository(leagues, engine: Engine) -> None:
    engine.play([], [])
    source = leagues("")
    (source.folder / "Dockerfile").write_text("FROM scratch\nCOPY containers/sdk/elixir/lib lib\n")
    with pytest.raises(NotRunnable, match=r"leagues:dev -f containers/leagues/Dockerfile \.` makes it"):
        program.find(source)


def test_an_engine_that_is_set_and_does_not_work_is_an_error(leagues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDHOUSE_CONTAINER_RUNTIME", "false")
    with pytest.raises(ConfigurationError, match="FIELDHOUSE_CONTAINER_RUNTIME"):
        program.find(leagues(""))


def test_a_container_is_restricted_as_a_pod_is(leagues, engine: Engine, tmp_path: Path) -> None:
    request, out = request_in(tmp_path)
    found = program.find(leagues(""), mirror="http://127.0.0.1:8000")
    ended = found.run(request, out, limits=LIMITS, log=lambda _: None)
    assert ended.exit_code == 0
    [told] = engine.told("run")
    user = next(word for word in told if word.startswith("--user="))
    assert {
        "--rm",
        "--pull=never",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--network=host",
        f"--volume={request.parent}:/in:ro",
        f"--volume={out}:/out:rw",
    } <= set(told)
    assert not user.startswith("--user=0:")
    assert told[-3:] == ["fieldhouse/leagues:dev", "/in/request.json", "/out"]


def test_only_a_mirror_of_this_machine_needs_its_network(leagues, engine: Engine, tmp_path: Path) -> None:
    request, out = request_in(tmp_path)
    program.find(leagues(""), mirror="https://mirror.example").run(request, out, limits=LIMITS, log=lambda _: None)
    assert "--network=host" not in engine.told("run")[0]


def test_proxies_are_passed_on_by_name(
    leagues, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:password@proxy.example:3128")
    request, out = request_in(tmp_path)
    program.find(leagues("")).run(request, out, limits=LIMITS, log=lambda _: None)
    [told] = engine.told("run")
    assert told[told.index("HTTPS_PROXY") - 1] == "--env"
    assert not any("password" in word for word in told)


def test_its_exit_code_and_log_are_those_of_the_program(leagues, engine: Engine, tmp_path: Path) -> None:
    line = json.dumps({"level": "error", "msg": "no such season", "code": 69})
    engine.play(["fieldhouse/leagues:dev"], ["sh", "-c", f"echo '{line}' >&2; exit 69"])
    request, out = request_in(tmp_path)
    shown: list[str] = []
    ended = program.find(leagues("")).run(request, out, limits=LIMITS, log=lambda record: shown.append(record.msg))
    assert (ended.exit_code, ended.last_error and ended.last_error.msg) == (69, "no such season")
    assert shown == ["no such season"]
    assert len(engine.told("rm")) == 1  # nothing is left of what did not end well


@pytest.mark.parametrize(("code", "told"), [(125, 126), (126, 126), (127, 127)])
def test_an_engine_that_fails_is_no_crash_of_the_extractor(
    leagues, engine: Engine, tmp_path: Path, code: int, told: int
) -> None:
    engine.play(["fieldhouse/leagues:dev"], ["sh", "-c", f"echo 'Error: no runtime' >&2; exit {code}"])
    request, out = request_in(tmp_path)
    ended = program.find(leagues("")).run(request, out, limits=LIMITS, log=lambda _: None)
    assert (ended.exit_code, ended.last_error and ended.last_error.msg) == (told, "Error: no runtime")


def test_a_stop_reaches_it_and_no_container_is_left(leagues, engine: Engine, tmp_path: Path) -> None:
    engine.play(["fieldhouse/leagues:dev"], ["sh", "-c", "trap 'exit 143' TERM; echo up; while :; do sleep 0.05; done"])
    request, out = request_in(tmp_path)
    stop = threading.Event()
    found = program.find(leagues(""))
    ended = found.run(request, out, limits=LIMITS, log=lambda _: stop.set(), stop=stop)
    assert (ended.exit_code, ended.killed) == (143, "stopped")
    name = engine.told("run")[0][engine.told("run")[0].index("--name") + 1]
    assert (engine.told("kill"), engine.told("rm")) == ([["kill", name]], [["rm", "-f", name]])


KILLED = """
import sys
from pathlib import Path
from fieldhouse.extract import program
from fieldhouse.extract.container import Engine
from fieldhouse.sources import Limits
found = program.InImage(Engine((sys.argv[1],)), "fieldhouse/leagues:dev")
found.run(Path(sys.argv[2]), Path(sys.argv[3]), limits=Limits(), log=lambda record: print(record.msg, flush=True))
"""


def test_no_container_is_left_when_this_process_is_killed(engine: Engine, tmp_path: Path) -> None:
    engine.play(["fieldhouse/leagues:dev"], ["sh", "-c", "echo up; while :; do sleep 0.05; done"])
    request, out = request_in(tmp_path)
    command = [sys.executable, "-c", KILLED, str(engine.script), str(request), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGKILL)
    until = time.monotonic() + 30
    while not engine.told("rm") and time.monotonic() < until:
        time.sleep(0.05)
    assert len(engine.told("rm")) == 1
