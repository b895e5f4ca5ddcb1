"""`source ls`: the sources that are declared, and what the lake has of each; what was set aside is in `source aside`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fieldhouse.cli import aside, check, screen
from fieldhouse.cli.call import Call, group, verb
from fieldhouse.cli.screen import Head
from fieldhouse.errors import UnavailableError

if TYPE_CHECKING:
    from fieldhouse.lake.store import Store
    from fieldhouse.sources import Source

app = group("source", "The sources of data.")
app.add_typer(aside.app)
verb(app)(check.new)
verb(app)(check.check)


@verb(app)
def ls(call: Call) -> None:
    """All sources, and what the lake has of each."""
    from fieldhouse import sources

    try:
        store: Store | None = call.store()
    except UnavailableError as error:
        store = None
        screen.hint(f"note: {error.message}; nothing has landed")
    found = [_described(source, store) for source in sources.load_all().values()]
    if call.json:
        screen.print_json({"lake": call.lake, "sources": found})
        return
    rows = [
        (
            s["name"],
            s["licence"],
            s["schedule"],
            s["landing"],
            s["files"],
            s["landed"] and _age(s),
            s["title"],
        )
        for s in found
    ]
    heads = (
        Head("source"),
        Head("licence"),
        Head("schedule (UTC)"),
        Head("landing", right=True),
        Head("files", right=True),
        Head("age", right=True),
        Head("title"),
    )
    screen.table(heads, rows, fold="title")


def _age(described: Mapping[str, object]) -> str:
    days = described["age_days"]
    assert isinstance(days, float)
    return f"{screen.duration(days * 86400)}{', stale' if described['stale'] else ''}"


def _described(source: "Source", store: "Store | None") -> dict[str, object]:
    from fieldhouse.lake import ages, landings

    number = landings.newest_complete(store, source.name) if store else 0
    landed = landings.read(store, source.name, number).time if store and number else None
    age = ages.days(landed, datetime.now(UTC).isoformat()) if landed else None
    return {
        "name": source.name,
        "title": source.title,
        "licence": source.licence,
        "homepage": source.homepage,
        "schedule": source.schedule,
        "feeds": list(source.feeds),
        "landing": number or None,
        "landed": landed,
        "age_days": age,
        "limit_days": source.max_age_days,
        "stale": age is not None and age > source.max_age_days,
        "files": len(landings.snapshot(store, source.name, number)) if store else 0,
    }
