"""Bronze: a good upstream is landed and sealed truthfully."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fieldhouse.extract.program import InImage, Native
from fieldhouse.kit.behaviours import Packed
from fieldhouse.kit.lab import Lab, Trial, names
from fieldhouse.kit.verdicts import Failed, Skipped

_NOBODY = 61234


def lands(lab: Lab) -> None:
    """Exit 0, a seal, at least one new file."""
    trial = lab.baseline.ends(0)
    if not trial.sealed:
        raise Failed("it ended with 0 and left no manifest.json in OUT")
    if not any(path.is_file() for path in (trial.out / "files").rglob("*")):
        raise Failed("there is no file below OUT/files")


def truth(lab: Lab) -> None:
    """The pipeline would land it."""
    if not lab.baseline.seal.of("new"):
        raise Failed("the seal names no new file")


def unchanged_bytes(lab: Lab) -> None:
    """Every file, or its archive, is one that upstream served."""
    served = {hashlib.sha256(body).hexdigest() for body in lab.upstream.files.values()}
    for file in lab.baseline.seal.of("new"):
        found = file.archive.sha256 if file.archive else file.sha256
        if found not in served:
            what = "its archive's hash" if file.archive else "its hash"
            raise Failed(f"{file.feed}/{file.key}: {what} is that of no file that upstream served")


def coding(lab: Lab) -> None:
    """With Content-Encoding: gzip the same is landed."""
    body = lab.upstream.files[lab.target]
    with lab.server({lab.target: Packed(body)}) as server:
        trial = lab.trial(server.url).ends(0)
    _same(trial, lab.baseline, "with Content-Encoding: gzip")


def seal_last(lab: Lab) -> None:
    """No file is younger than the seal."""
    out = lab.baseline.out
    sealed = (out / "manifest.json").stat().st_ctime_ns
    late = [path for path in (out / "files").rglob("*") if path.is_file() and path.stat().st_ctime_ns > sealed]
    if late:
        raise Failed(f"{late[0].relative_to(out)} was written after manifest.json")


def inside(lab: Lab) -> None:
    """Neither the request's folder nor the current one nor HOME have changed; OUT holds what belongs there."""
    trial = lab.baseline
    places = {"the current folder": trial.folder / "home", "the request's folder": trial.folder / "in"}
    for what, place in places.items():
        strange = _strange(place, ("request.json", "known.ndjson") if place.name == "in" else ())
        if strange:
            raise Failed(f"it wrote {strange} into {what}")
    if strange := _strange(trial.out, ("files", "tmp", "manifest.json")):
        raise Failed(f"it wrote {strange} into OUT, beside files/, tmp/ and manifest.json")


def any_user(lab: Lab) -> None:
    """Where it owns nothing and may do nothing, it lands the same: an image as a user without a name."""
    with lab.server() as server:
        trial = lab.trial(server.url, program=_nobody(lab.subject.program), writable_home=False).ends(0)
    _same(trial, lab.baseline, "as a user who may write nothing but OUT and TMPDIR")


def _nobody(program: Native | InImage) -> Native | InImage:
    """A command stays with its user, who can read its files; if that is root, it is one without capabilities."""
    if isinstance(program, InImage):
        return replace(program, user=_NOBODY)
    if os.geteuid():
        return program
    if not shutil.which("setpriv"):
        raise Skipped("as root without setpriv nothing can be forbidden; an image shows it")
    return replace(program, command=("setpriv", "--inh-caps=-all", "--bounding-set=-all", *program.command))


def _same(trial: Trial, first: Trial, how: str) -> None:
    differ = trial.landed.items() ^ first.landed.items()
    if differ:
        raise Failed(f"{how} it lands other files or bytes: {names(pair for pair, _ in differ)}")


def _strange(folder: Path, known: Sequence[str]) -> str:
    return ", ".join(sorted(path.name for path in folder.iterdir() if path.name not in known))
