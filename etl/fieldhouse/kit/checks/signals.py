"""Ends that come from outside: SIGTERM, and a disk without room."""

import os
import shutil
import subprocess
import threading
from dataclasses import replace

from fieldhouse.extract.program import InImage, Native
from fieldhouse.kit.behaviours import Held
from fieldhouse.kit.faults import Behaviour
from fieldhouse.kit.lab import Lab, Trial
from fieldhouse.kit.verdicts import Failed, Skipped

_DISK_KIB = 8
_FILE = 256 << 10
_GRACE_S = 10.0
# In a mount namespace of its own OUT, its last argument, is a disk of 8 KiB.
_SMALL_DISK = 'for out; do :; done; mount -t tmpfs -o "size=$0k" kit "$out" && exec "$@"'


def sigterm(lab: Lab) -> None:
    """While it asks for the first file, within a body, and while it waits for the last."""
    body = lab.upstream.files[lab.target]
    points: dict[str, dict[str, tuple[bytes, int]]] = {
        "at its first request": dict.fromkeys(lab.upstream.files, (b"", 0)),
        "within a body": {lab.target: (body, max(1, len(body) // 2))},
        "at its last request": {lab.paths[-1]: (b"", 0)},
    }
    program = _first_process(lab.subject.program)
    for where, held in points.items():
        reached = threading.Event()
        faults: dict[str, Behaviour] = {path: Held(reached, *what) for path, what in held.items()}
        with lab.server(faults) as server:
            trial = lab.trial(server.url, program=program, stop=reached)
        _stopped(trial, where)


def _first_process(program: Native | InImage) -> Native | InImage:
    """As in a container: process 1 of its namespace, for which SIGTERM does nothing by default."""
    alone = _alone("--pid", "--fork")
    if isinstance(program, InImage) or not _works([*alone, "true"]):
        return program
    return replace(program, command=(*alone, *program.command))


def _stopped(trial: Trial, where: str) -> None:
    code = trial.ended.exit_code
    if trial.ended.killed != "stopped":
        raise Failed(f"{where} it ended with {code} before it was stopped")
    if code == 137:
        raise Failed(f"{where} SIGTERM did not end it within {_GRACE_S:g} s: it was killed")
    if code != 143:
        raise Failed(f"{where} SIGTERM ended it with {code}; 143 is expected")
    if trial.sealed:
        raise Failed(f"{where} SIGTERM ended it, and it left a seal all the same")


def disk_full(lab: Lab) -> None:
    """OUT has room for 8 KiB, and upstream sends more."""
    longer = lab.upstream.longer(lab.target, _FILE)
    if longer is None and len(lab.upstream.files[lab.target]) < 4 * _DISK_KIB << 10:
        raise Skipped(f"{lab.target} is too small to fill a disk with")
    faults: dict[str, Behaviour] = {lab.target: longer} if longer else {}
    with lab.server(faults) as server:
        trial = lab.trial(server.url, program=_on_small_disk(lab.subject.program))
    trial.ends(74)


def _on_small_disk(program: Native | InImage) -> Native | InImage:
    if isinstance(program, InImage):
        return replace(program, out_kib=_DISK_KIB)
    alone = _alone("--mount")
    if not _works([*alone, "mount", "-t", "tmpfs", "kit", "/mnt"]):
        raise Skipped("this machine lets nobody mount a small disk; an image shows it")
    return replace(program, command=(*alone, "sh", "-c", _SMALL_DISK, str(_DISK_KIB), *program.command))


def _alone(*namespaces: str) -> list[str]:
    return ["unshare", *namespaces, *(["--map-root-user"] if os.geteuid() else [])]


def _works(command: list[str]) -> bool:
    if not shutil.which(command[0]):
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
