"""Upstream on its bad days: each fault has its exit class, and nothing false is sealed."""

import socket

from fieldhouse.kit.behaviours import Noted
from fieldhouse.kit.faults import Behaviour, Chunked, ShortBody, Status
from fieldhouse.kit.faults import html as page
from fieldhouse.kit.faults import retry_after as later
from fieldhouse.kit.lab import Lab, Order, Trial
from fieldhouse.kit.verdicts import Failed

_WAIT_S = 2.0
_SHORT_S = 20.0


def lost(lab: Lab) -> None:
    """Everything is 404: a wrong base looks exactly like that."""
    with lab.server({path: Status(404) for path in lab.upstream.files}) as server:
        lab.trial(server.url).ends(69).unsealed()


def denied(lab: Lab) -> None:
    """403 for one file."""
    with lab.server({lab.target: Status(403)}) as server:
        lab.trial(server.url).ends(77).unsealed()


def server_error(lab: Lab) -> None:
    """500 for one file, for ever; the others may be sealed."""
    with lab.server({lab.target: Status(500)}) as server:
        trial = lab.trial(server.url, Order(deadline_s=_SHORT_S))
        tries = len(server.seen(lab.target))
    _temporary(lab, trial)
    if tries < 2:
        raise Failed("500 was not tried again")


def retry_after(lab: Lab) -> None:
    """429 once, with two seconds to wait, and then the file."""
    times: list[float] = []
    good = lab.upstream.answer(lab.target)
    with lab.server() as server:
        server.on(lab.target, Noted(later(_WAIT_S), times), Noted(good, times))
        trial = lab.trial(server.url).ends(0)
    if trial.landed != lab.baseline.landed:
        raise Failed("after 429 it lands other files")
    if times[1] - times[0] < _WAIT_S - 0.1:
        raise Failed(f"Retry-After said {_WAIT_S:g} s; it asked again after {times[1] - times[0]:.1f} s")


def truncated(lab: Lab) -> None:
    """The connection ends within the body, with a length announced and with chunks."""
    body = lab.upstream.files[lab.target]
    for behaviour in (ShortBody(body, len(body) // 2), Chunked(body[: len(body) // 2], size=512, cut=True)):
        _temporary(lab, _spoilt(lab, behaviour))


def html(lab: Lab) -> None:
    """A page that claims success."""
    _spoilt(lab, page()).ends(65).unsealed()


def unreachable(lab: Lab) -> None:
    """A name that does not exist, and a port where nobody listens."""
    lab.trial("http://no-such-host.invalid", Order(deadline_s=_SHORT_S)).ends(69, 75).unsealed()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    lab.trial(f"http://127.0.0.1:{port}", Order(deadline_s=_SHORT_S)).ends(75).unsealed()


def last_line(lab: Lab) -> None:
    """After 403 the last record is an error whose code is the exit code."""
    trial = _spoilt(lab, Status(403))
    last = trial.log[-1] if trial.log else None
    if last is None or not last.failed:
        raise Failed(f"the last line is no error: {last.msg[:120] if last else 'there is none'}")
    if last.fields.get("code") != trial.ended.exit_code:
        raise Failed(f"the last line says code {last.fields.get('code')!r}; it ended with {trial.ended.exit_code}")


def _spoilt(lab: Lab, behaviour: Behaviour) -> Trial:
    with lab.server({lab.target: behaviour}) as server:
        return lab.trial(server.url, Order(deadline_s=_SHORT_S))


def _temporary(lab: Lab, trial: Trial) -> None:
    """75; what is sealed, if anything is, is true and upstream's."""
    trial.ends(75)
    if not trial.sealed:
        return
    first = lab.baseline.landed
    for file in trial.seal.of("new"):
        if first.get((file.feed, file.key)) != file.sha256:
            raise Failed(f"{file.feed}/{file.key} was cut or failed, and is sealed all the same")
