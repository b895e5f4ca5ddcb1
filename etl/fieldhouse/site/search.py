"""What the search of the pages knows, as a script: a page that was opened from a file may not fetch anything."""

import json
from collections.abc import Iterable, Iterator, Sequence

from fieldhouse.consume.described import Description
from fieldhouse.site.sources import SourcePage

Entry = dict[str, str]


def index(datasets: Sequence[Description], sources: Sequence[SourcePage]) -> str:
    """The script that holds all entries. JSON in ASCII is a JavaScript value, whatever texts hold."""
    entries = [*_datasets(datasets), *_sources(sources), *_columns(datasets)]
    return f"globalThis.fieldhouseIndex = {json.dumps(entries, indent=0)};\n"


def _datasets(datasets: Iterable[Description]) -> Iterator[Entry]:
    for d in datasets:
        yield {"kind": "dataset", "name": d.name, "text": f"{d.title}. {d.doc}", "page": f"datasets/{d.name}.html"}


def _sources(sources: Iterable[SourcePage]) -> Iterator[Entry]:
    for s in sources:
        feeds = ", ".join(feed.name for feed in s.feeds)
        text = f"{s.title or s.name}, {s.licence}. Feeds: {feeds}"
        yield {"kind": "source", "name": s.name, "text": text, "page": f"sources/{s.name}.html"}


def _columns(datasets: Iterable[Description]) -> Iterator[Entry]:
    for d in datasets:
        for column in d.columns:
            unit = f" In {column.unit}." if column.unit else ""
            page = f"datasets/{d.name}.html#column-{column.name}"
            yield {"kind": "column", "name": f"{d.name}.{column.name}", "text": f"{column.doc}{unit}", "page": page}
