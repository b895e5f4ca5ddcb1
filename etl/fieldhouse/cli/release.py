"""`release ls` and `release show`: the releases of a lake, and what one was made from; other verbs beside."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import complete, diff, keeping, screen
from fieldhouse.cli.call import Call, group, verb
from fieldhouse.cli.screen import Head
from fieldhouse.consume import notes

if TYPE_CHECKING:
    from fieldhouse.lake.releases import Release

app = group("release", "The releases of the lake.")
keeping.register(app)
diff.register(app)


@verb(app)
def ls(call: Call) -> None:
    """All releases, oldest first."""
    from fieldhouse.lake import releases, tags

    store = call.store()
    found = releases.every(store)
    named = tags.by_release(store)
    if call.json:
        listed = [{**_line(release), "tags": named.get(release.number, [])} for release in found]
        screen.print_json({"lake": store.url, "releases": listed})
        return
    if not found:
        screen.hint(f"{store.url} has no release yet; `fieldhouse run` makes one")
        return
    heads = [Head("release", right=True), Head("published"), Head("rows", right=True), Head("sources"), Head("content")]
    rows = [[r.number, screen.moment(r.time), screen.number(_rows(r)), _sources(r), r.content[:12]] for r in found]
    if named:
        heads.append(Head("tags"))
        rows = [[*row, ", ".join(named.get(release.number, ()))] for row, release in zip(rows, found, strict=True)]
    screen.table(heads, rows, fold="sources")


def _sources(release: "Release") -> str:
    late = release.stale
    return ", ".join(f"{name} (stale)" if name in late else name for name in sorted(release.inputs))


def _line(release: "Release") -> dict[str, object]:
    return {
        "number": release.number,
        "parent": release.parent,
        "time": release.time,
        "run": release.run,
        "content": release.content,
        "rows": _rows(release),
        "sources": sorted(release.inputs),
        "stale": release.stale,
    }


def _rows(release: "Release") -> int:
    return sum(table.rows for table in release.datasets.values())


@verb(app, "release")
def show(
    call: Call,
    number: Annotated[
        int | None,
        typer.Argument(
            metavar="N", min=1, help="The release; the newest if left out.", autocompletion=complete.releases
        ),
    ] = None,
) -> None:
    """What a release was made from, how its records were accounted for, and what its audit found."""
    from fieldhouse.consume.opened import open_release

    opened = open_release(number or call.release, call.lake)
    release = opened.release
    if call.json:
        screen.print_json(
            {
                **_line(release),
                "code": release.code,
                "inputs": release.inputs,
                "licences": release.licences,
                "accounts": accounts(release),
                "audit": release.audit,
                "notes": release.notes,
                "datasets": {
                    n: {"rows": t.rows, "version": t.version, "parts": len(t.parts)}
                    for n, t in release.datasets.items()
                },
            }
        )
        return
    screen.heading(f"Release {release.number}, {screen.moment(release.time)}, lake {opened.store.url}")
    screen.say(f"parent {release.parent or 'none'} · run {release.run} · content {release.content}")
    _show_inputs(release)
    _show_accounts(release)
    _show_audit(release)
    screen.heading("\nDatasets")
    rows = [(t.name, t.version, screen.number(t.rows), screen.number(len(t.parts))) for t in release.datasets.values()]
    screen.table((Head("dataset"), Head("version"), Head("rows", right=True), Head("parts", right=True)), rows)


def _show_inputs(release: "Release") -> None:
    screen.heading("\nMade from")
    rows = []
    for name, pin in release.inputs.items():
        licence = release.licences.get(name, {}).get("licence", "")
        rows.append((name, pin["landing"], pin["files"], screen.moment(str(pin["time"])), _age(pin), licence))
    heads = (
        Head("source"),
        Head("landing", right=True),
        Head("files", right=True),
        Head("landed"),
        Head("age at release", right=True),
        Head("licence"),
    )
    screen.table(heads, rows)


def _age(pin: Mapping[str, object]) -> str:
    days = pin["age_days"]
    assert isinstance(days, float | int)
    return f"{screen.duration(days * 86400)}{', stale' if pin.get('stale') else ''}"


def accounts(release: "Release") -> list[dict[str, object]]:
    """Records by source, feed and outcome, without the names of rules."""
    found: Counter[tuple[str, str, str]] = Counter()
    for row in release.accounts:
        records = row["records"]
        assert isinstance(records, int)
        found[str(row["source"]), str(row["feed"]), str(row["outcome"])] += records
    return [
        {"source": source, "feed": feed, "outcome": outcome, "records": records}
        for (source, feed, outcome), records in sorted(found.items())
    ]


def _show_accounts(release: "Release") -> None:
    screen.heading("\nRecords (core.account names the rules)")
    rows = [(a["source"], a["feed"], a["outcome"], f"{a['records']:,}") for a in accounts(release)]
    screen.table((Head("source"), Head("feed"), Head("outcome"), Head("records", right=True)), rows)


def _show_audit(release: "Release") -> None:
    from fieldhouse.cli.progress import audited

    screen.heading("\nAudit")
    for domain, found in release.audit.items():
        counts = found["counts"] if isinstance(found, dict) else {}
        told = found["notes"] if isinstance(found, dict) else []
        screen.say(f"{domain}: {audited(counts)}")
        for text in notes.lines(told):
            screen.say(f"  {text}")
    if release.notes:
        screen.heading("\nNoticed")
        for text in notes.lines(release.notes):
            screen.say(text)
