"""A second run: nothing is lost, nothing is landed twice, and upstream is asked as little as can be."""

import threading
from concurrent.futures import ThreadPoolExecutor

from fieldhouse.kit.behaviours import Together
from fieldhouse.kit.faults import Status
from fieldhouse.kit.lab import Lab, Order, Trial, names
from fieldhouse.kit.verdicts import Failed, Skipped

_PATIENCE_S = 5.0  # for the other attempt to begin


def rerun(lab: Lab) -> None:
    """With nothing known, the same files again."""
    with lab.server() as server:
        trial = lab.trial(server.url).ends(0)
    differ = trial.landed.items() ^ lab.baseline.landed.items()
    if differ:
        raise Failed(f"a second run of the same lands other files or bytes: {names(pair for pair, _ in differ)}")


def known_unchanged(lab: Lab) -> None:
    """Everything is known, nothing has changed: nothing is new, nothing is gone."""
    with lab.server() as server:
        trial = lab.trial(server.url, _order(lab)).ends(0)
    _unchanged(trial)


def conditional(lab: Lab) -> None:
    """Requests for files whose validators are known carry them."""
    if not any(entry.etag or entry.last_modified for entry in lab.known):
        raise Failed("its seal has neither `etag` nor `last_modified`, though upstream sent both")
    with lab.server() as server:
        lab.trial(server.url, _order(lab)).ends(0)
        asked = {path: server.seen(path) for path in server.paths if path in lab.upstream.files}
    for path, requests in asked.items():
        for request in requests:
            if request.method == "GET" and not {"if-none-match", "if-modified-since"} & request.headers.keys():
                raise Failed(f"{path} is known, and was asked for without If-None-Match or If-Modified-Since")


def by_hash(lab: Lab) -> None:
    """Upstream answers 200 with the same bytes to everything: they are still as they were."""
    answers = {path: Status(200, {"ETag": '"another"'}, body) for path, body in lab.upstream.files.items()}
    with lab.server(answers) as server:
        trial = lab.trial(server.url, _order(lab)).ends(0)
    _unchanged(trial)


def resumed(lab: Lab) -> None:
    """One file has changed since: that one is landed, and then the lake has what a first run would have landed."""
    changed = lab.upstream.changed(lab.target)
    if changed is None:
        raise Skipped(f"how {lab.target} could change is not known to the kit")
    faults = {lab.target: lab.upstream.answer(lab.target, changed)}
    with lab.server(faults) as server:
        trial = lab.trial(server.url, _order(lab)).ends(0)
        fresh = lab.trial(server.url).ends(0)
    differ = trial.landed.items() ^ fresh.landed.items()
    if differ:
        lost = names({pair for pair, _ in differ})
        raise Failed(f"after {lab.target} has changed, the lake would not hold what upstream has: {lost}")
    again = [f for f in trial.seal.of("new") if lab.baseline.landed.get((f.feed, f.key)) == f.sha256]
    if again:
        raise Failed(f"{again[0].feed}/{again[0].key} has not changed, and is landed again")


def parallel(lab: Lab) -> None:
    """Two attempts of one run, each with its own OUT, and one TMPDIR."""
    gate = threading.Barrier(2, timeout=_PATIENCE_S)
    answers = {lab.target: Together(gate, lab.upstream.answer(lab.target))}
    with lab.server(answers) as server, ThreadPoolExecutor(max_workers=2) as pool:
        tries = [pool.submit(lab.trial, server.url, Order(attempt=n), temporary=lab.shared) for n in (1, 2)]
        trials = [found.result() for found in tries]
    for trial in trials:
        if trial.ends(0).landed != lab.baseline.landed:
            raise Failed("two attempts at once do not land the same files")


def _order(lab: Lab) -> Order:
    return Order(known=lab.known, state=lab.baseline.seal.state)


def _unchanged(trial: Trial) -> None:
    for status in ("new", "gone"):
        found = {(file.feed, file.key) for file in trial.seal.files if file.status == status}
        if found:
            raise Failed(f"nothing has changed, and it seals as {status}: {names(found)}")
