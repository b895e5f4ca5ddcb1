"""What is asked is done, no more and no less; what is not understood is refused; what is said can be read."""

import json
from datetime import UTC, datetime

from fieldhouse import plan
from fieldhouse.errors import Exit, UsageError
from fieldhouse.extract.log import LEVELS
from fieldhouse.interval import Interval
from fieldhouse.kit.faults import Status, redirect
from fieldhouse.kit.lab import Lab, Landed, Order, Trial
from fieldhouse.kit.lab import names as named
from fieldhouse.kit.verdicts import Failed, Skipped

_FEEDS = 5  # that are tried
CANARY = "canary-7f3b9c2e51d84a06"
#: A time of which no sports feed has data.
_LONG_AGO = Interval(datetime(1700, 1, 1, tzinfo=UTC), datetime(1700, 1, 2, tzinfo=UTC))


def feeds(lab: Lab) -> None:
    """Asked for one feed, it lands that one, as before. It may refuse one that it cannot land without another, with 64."""
    landed = lab.baseline.landed
    names = sorted({feed for feed, _ in landed})
    if len(lab.source.feeds) == 1:
        raise Skipped("the source has one feed")
    for name in names[:_FEEDS]:
        with lab.server() as server:
            trial = lab.trial(server.url, Order(feeds=[name])).ends(0, Exit.USAGE)
        if trial.ended.exit_code == 0:
            _only(trial, name, landed)
            return
    raise Failed(f"none of its feeds {', '.join(names[:_FEEDS])} can be asked for alone")


def _only(trial: Trial, name: str, landed: Landed) -> None:
    others = {(file.feed, file.key) for file in trial.seal.files if file.feed != name}
    if others:
        raise Failed(f"asked for the feed {name} alone, it sealed {named(others)}")
    if trial.landed != {pair: sha256 for pair, sha256 in landed.items() if pair[0] == name}:
        raise Failed(f"asked for the feed {name} alone, it lands other files of it than before")


def unknown_fields(lab: Lab) -> None:
    """Version 1 may gain fields: in the request, in its limits, beside each key that is known."""

    def edit(request: dict[str, object]) -> None:
        request["kit_new_field"] = {"nested": [1, None]}
        limits = request["limits"]
        assert isinstance(limits, dict)
        limits["kit_new_limit"] = 1

    with lab.server() as server:
        trial = lab.trial(server.url, Order(edit=edit)).ends(0)
    if trial.landed != lab.baseline.landed:
        raise Failed("with fields that it does not know in the request, it lands other files")


def unknown_protocol(lab: Lab) -> None:
    """Protocol 99."""
    _refused(lab, "protocol", 99, 64)


def unknown_task(lab: Lab) -> None:
    """A task that no version has."""
    _refused(lab, "task", "kit-dance", 64)


def configuration(lab: Lab) -> None:
    """A feed of which it knows nothing, with a table that says nothing."""
    _refused(lab, "feeds", {"kit_no_such_feed": {}}, 78)


def _refused(lab: Lab, field: str, value: object, code: int) -> None:
    with lab.server() as server:
        lab.trial(server.url, Order(edit=lambda request: request.update({field: value}))).ends(code).unsealed()


def log(lab: Lab) -> None:
    """A line that begins like JSON is a record with a known level and a message; there is at least one line."""
    records = lab.baseline.log
    if not records:
        raise Failed("it logged nothing at all")
    for record in records:
        if record.level == "info" and record.msg.startswith("{") and not record.fields:
            raise Failed(f"a line of JSON without a `msg` or a level of {', '.join(LEVELS)}: {record.msg[:120]}")
        if "\N{REPLACEMENT CHARACTER}" in record.msg:
            raise Failed(f"a line with control characters, or that is no UTF-8: {record.msg[:120]!r}")


def interval(lab: Lab) -> None:
    """A source that declares intervals lands nothing that is dated elsewhere; any other extractor refuses with 64."""
    try:
        asked = plan.backfilled(lab.source)
    except UsageError:
        with lab.server() as server:
            lab.trial(server.url, Order(interval=_LONG_AGO)).ends(64).unsealed()
        return
    with lab.server() as server:
        trial = lab.trial(server.url, Order(interval=_LONG_AGO, feeds=asked))
    if trial.ends(0, 64, 69).sealed and trial.seal.of("new"):
        new = {(file.feed, file.key) for file in trial.seal.of("new")}
        raise Failed(f"asked for a day in 1700, it landed {named(new)}")


def agent(lab: Lab) -> None:
    """User-Agent has a product with a version, and the contact that `config` names."""
    with lab.server() as server:
        lab.trial(server.url).ends(0)
        sent = [asked.headers.get("user-agent", "") for path in server.paths for asked in server.seen(path)]
    contact = str(lab.source.config.get("contact", ""))
    for text in sent:
        if contact not in text or "/" not in text.split(" ")[0]:
            raise Failed(f"User-Agent is {text!r}; product/version and {contact or 'a contact'} are expected")


def secrets(lab: Lab) -> None:
    """Secrets are planted where they are kept, and where upstreams put signatures; they must not come out again."""
    given = dict.fromkeys(lab.source.secrets or ("token",), CANARY)
    signed = f"{lab.target}?X-Signature={CANARY}"
    with lab.server() as server:
        good = lab.trial(server.url, Order(secrets=given))
    _silent(good, "in a good run")
    with lab.server({lab.target: Status(403)}) as server:
        _silent(lab.trial(server.url, Order(secrets=given)), "when access is denied")
    with lab.server() as server:
        server.on(lab.target, redirect(signed), lab.upstream.answer(lab.target))
        _silent(lab.trial(server.url), "after a redirect to a signed URL")
    good.ends(0)


def _silent(trial: Trial, when: str) -> None:
    for record in trial.log:
        if CANARY in record.msg or CANARY in json.dumps(record.fields):
            raise Failed(f"{when} a secret is in its log: {record.msg[:120].replace(CANARY, '…')}")
    for path in [trial.out / "manifest.json", *(trial.out / "files").rglob("*")]:
        if path.is_file() and CANARY in path.read_text(encoding="utf-8", errors="replace"):
            raise Failed(f"{when} a secret is in OUT/{path.relative_to(trial.out)}")
