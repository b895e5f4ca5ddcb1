"""`source ls`: the sources that are declared, and what the lake has of each."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fieldhouse.cli import screen
from fieldhouse.cli.call import Call, group, verb
from fieldhouse.cli.screen import Head
from fieldhouse.errors import UnavailableError

if TYPE_CHECKING:
    from fieldhouse.lake.store import Store
    from fieldhouse.sources import Source

app = group("source", "The sources of data.")


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
    now = datetime.now(UTC)
    rows = [
        (
            s["name"],
            s["licence"],
            s["schedule"],
            s["landing"],
            s["files"],
            s["landed"] and _age(str(s["landed"]), now),
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


def _age(time: str, now: datetime) -> str:
    return screen.duration((now - datetime.fromisoformat(time)).total_seconds())


def _described(source: "Source", store: "Store | None") -> dict[str, object]:
    from fieldhouse.lake import landings

    number = max(landings.numbers(store, source.name), default=0) if store else 0
    landed = landings.read(store, source.name, number).time if store and number else None
    return {
        "name": source.name,
        "title": source.title,
        "licence": source.licence,
        "homepage": source.homepage,
        "schedule": source.schedule,
        "feeds": list(source.feeds),
        "landing": number or None,
        "landed": landed,
        "files": len(landings.snapshot(store, source.name, number)) if store else 0,
    }
