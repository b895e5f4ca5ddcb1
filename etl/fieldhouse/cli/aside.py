"""`source aside ls`, `show`, `retry` and `accept`: works through what was set aside, attempts and records."""

import getpass
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import complete, screen
from fieldhouse.cli.call import Call, group, verb
from fieldhouse.cli.screen import Head
from fieldhouse.errors import UsageError

if TYPE_CHECKING:
    from fieldhouse.explain.aside import Reason
    from fieldhouse.lake.aside import Refused
    from fieldhouse.lake.landings import Landing
    from fieldhouse.lake.store import Store
    from fieldhouse.sources import Source

app = group("aside", "What was set aside: refused attempts, and records that do not fit.")
#: Records that are shown on the screen; JSON has all.
SHOWN = 20

Sources = Annotated[
    list[str] | None,
    typer.Argument(metavar="SOURCE", help="Sources; all, if none is named.", autocompletion=complete.sources),
]
Id = Annotated[
    str, typer.Argument(metavar="ID", help="What `source aside ls` calls it.", autocompletion=complete.refused)
]


@verb(app)
def ls(
    call: Call,
    sources: Sources = None,
    all_: Annotated[bool, typer.Option("--all", help="Also attempts that need nobody any more.")] = False,
) -> None:
    """What was set aside of each source, why, how much, and since when."""
    from fieldhouse import sources as declared
    from fieldhouse.explain import aside as looking

    chosen = [declared.find(name) for name in sources] if sources else list(declared.load_all().values())
    store = call.store()
    attempts = [line for source in chosen for line in _attempts(store, source)]
    wanted = [line for line in attempts if all_ or line["state"] == "open"]
    reasons = [reason for source in chosen for reason in looking.reasons(store, source)]
    if call.json:
        records = [{**asdict(reason), "records": len(reason.records), "files": reason.files} for reason in reasons]
        screen.print_json({"lake": store.url, "attempts": wanted, "records": records})
        return
    _say_attempts(wanted)
    if wanted and reasons:
        screen.say()
    _say_reasons(reasons)
    hidden = len(attempts) - len(wanted)
    if not wanted and not reasons:
        screen.say("Nothing waits for anybody.")
    else:
        screen.hint("\n`fieldhouse source aside show ID` says more, and what can be done")
    if hidden:
        screen.hint(f"{hidden} refused attempts have been landed or overtaken; --all lists them")


def _attempts(store: "Store", source: "Source") -> "Iterator[dict[str, object]]":
    from fieldhouse.lake import aside

    for refused in aside.read_all(store, source.name):
        yield _attempt(store, refused)


def _attempt(store: "Store", refused: "Refused") -> dict[str, object]:
    """A refused attempt in JSON's terms, with what can be done with it."""
    from fieldhouse.lake import aside
    from fieldhouse.stages import aside as stage

    found = stage.state(store, refused)
    accepted = aside.accepted(store, refused)
    return {
        "id": refused.id,
        "source": refused.source,
        "since": refused.time,
        "why": refused.why,
        "lies": list(refused.lies),
        "over": list(refused.over),
        "exit": refused.exit,
        "state": found.kind,
        "landing": found.number or None,
        "acceptable": refused.acceptable and found.kind == "open",
        "accepted": asdict(accepted) if accepted else None,
        "files": len(refused.files),
        "bytes": sum(kept.bytes for kept in refused.files),
    }


def _say_attempts(found: Sequence[dict[str, object]]) -> None:
    if not found:
        return
    screen.heading("Refused attempts")
    rows = [(a["id"], screen.moment(str(a["since"])), _state(a), _first(a)) for a in found]
    screen.table((Head("id"), Head("since"), Head("state"), Head("why")), rows, fold="why")


def _state(attempt: dict[str, object]) -> str:
    by = {"overtaken": " by", "landed": " as"}.get(str(attempt["state"]), "")
    return f"{attempt['state']}{by} {attempt['landing']}" if by else str(attempt["state"])


def _first(attempt: dict[str, object]) -> str:
    """The first thing that is wrong, and how many more."""
    problems = [*_texts(attempt["lies"]), *_texts(attempt["over"])] or [str(attempt["why"])]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0]}{more}"


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _say_reasons(found: "Sequence[Reason]") -> None:
    if not found:
        return
    screen.heading("Records set aside")
    rows = [
        (r.id, screen.number(len(r.records)), screen.number(r.files), screen.moment(r.since or ""), r.rule)
        for r in found
    ]
    heads = (Head("id"), Head("records", right=True), Head("files", right=True), Head("since"), Head("reason"))
    screen.table(heads, rows, fold="reason")


@verb(app)
def show(
    call: Call,
    what: Id,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Records on the screen.")] = SHOWN,
) -> None:
    """One attempt or one reason: what is wrong, where, and the ways out."""
    from fieldhouse.explain import aside as looking

    store = call.store()
    found = looking.find(store, what)
    if isinstance(found, looking.Reason):
        ways = looking.ways_out(found)
        if call.json:
            screen.print_json({**asdict(found), "ways_out": ways})
        else:
            _show_reason(found, ways, limit)
        return
    attempt = _attempt(store, found)
    ways = _ways_out(found, attempt)
    if call.json:
        screen.print_json({**attempt, "kept": [asdict(kept) for kept in found.files], "ways_out": ways})
    else:
        _show_attempt(attempt, ways)


def _show_attempt(attempt: dict[str, object], ways: Sequence[str]) -> None:
    screen.heading(f"{attempt['id']}: {_state(attempt)}")
    ended = attempt["exit"]
    screen.say(
        f"refused {screen.moment(str(attempt['since']))}; the extractor ended with "
        f"{'an unknown code' if ended is None else ended}; {attempt['files']} files kept, {attempt['bytes']:,} bytes"
    )
    for title, problems in (("not true", attempt["lies"]), ("over a limit", attempt["over"])):
        for problem in _texts(problems)[:SHOWN]:
            screen.say(f"{title}: {problem}")
    accepted = attempt["accepted"]
    if isinstance(accepted, dict):
        screen.say(f"accepted by {accepted['who']}, {screen.moment(str(accepted['time']))}: {accepted['reason']}")
    _say_ways(ways)


def _ways_out(refused: "Refused", attempt: dict[str, object]) -> list[str]:
    """What can be done with a refused attempt."""
    again = f"`fieldhouse run {refused.source}` asks upstream again"
    match attempt["state"]:
        case "landed":
            return []
        case "overtaken" | "cleared":
            return [again]
    retry = f"`fieldhouse source aside retry {refused.id}` verifies it by what is declared now, and lands it"
    if refused.acceptable:
        accept = f'`fieldhouse source aside accept {refused.id} --reason "…"` lands it as it is: upstream is right'
        return [accept, f"after a change of [limits]: {retry}", again]
    return ["nobody can accept what is not true: mend the extractor or its declaration", retry, again]


def _show_reason(reason: "Reason", ways: Sequence[str], limit: int) -> None:
    count = f"{len(reason.records):,} record{'' if len(reason.records) == 1 else 's'}"
    since = f", since {screen.moment(reason.since)}" if reason.since else ""
    screen.heading(
        f"{reason.id}: {count} in {reason.files:,} file{'' if reason.files == 1 else 's'}{since} ({reason.basis})"
    )
    heads = (Head("file"), Head("record"), Head("reason"), Head("declared"), Head("found"), Head("value"))
    rows = [
        (r.key, f"{r.records} {r.ordinal}" if r.ordinal >= 0 else "all", r.rule, r.declared, r.found, r.value)
        for r in reason.records[:limit]
    ]
    screen.table(heads, rows, fold="value")
    if len(reason.records) > limit:
        screen.hint(f"{limit} of {len(reason.records):,} records; --limit shows more, --json all")
    _say_ways(ways)


def _say_ways(ways: Sequence[str]) -> None:
    if ways:
        screen.say("\nWays out:")
    for way in ways:
        screen.say(f"- {way}")


@verb(app)
def retry(call: Call, what: Id) -> None:
    """Verify a refused attempt again, by what is declared now, and land it."""
    from fieldhouse.stages import aside as stage

    store = call.store()
    landed = stage.retry(store, _refused(store, what))
    _say_landed(call, what, landed, None)


@verb(app)
def accept(
    call: Call,
    what: Id,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why upstream is right; kept for good.")],
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="Who accepts it; you, if left out.")] = None,
) -> None:
    """Land a refused attempt although it exceeds limits: a person has looked, and upstream is right.

    What is not true of a seal nobody can accept.
    """
    from fieldhouse.stages import aside as stage

    store = call.store()
    landed, recorded = stage.accept(store, _refused(store, what), who or _me(), reason)
    _say_landed(call, what, landed, asdict(recorded))


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("who accepts it?", hint="--who NAME") from None


def _refused(store: "Store", what: str) -> "Refused":
    from fieldhouse.explain import aside as looking

    found = looking.find(store, what)
    if isinstance(found, looking.Reason):
        raise UsageError(
            f"{what} are records, which every run judges anew",
            hint=f"`fieldhouse source aside show {what}` says what can be done about them",
        )
    return found


def _say_landed(call: Call, what: str, landed: "Landing", accepted: dict[str, object] | None) -> None:
    if call.json:
        counts = {"changed": len(landed.changed), "gone": len(landed.gone)}
        screen.print_json({"id": what, "landing": landed.number, **counts, "accepted": accepted})
        return
    if accepted:
        screen.say(f"accepted by {accepted['who']}: {accepted['reason']}")
    screen.say(
        f"{what} is landing {landed.number} of {landed.source}: {len(landed.changed):,} files changed, "
        f"{len(landed.gone):,} gone"
    )
    screen.hint("the next `fieldhouse run` makes a release of it")
