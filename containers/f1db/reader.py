"""Reads f1db's YAML into records: every scalar is the text that stands in the file.

By the rules of YAML 1.1 `time: 15:00` is the number 900 (seasons/2024/races/01-bahrain/race.yml), `NO` is false and a bare
date is a date. Here only what stands plainly for nothing (an empty value, `~`, `null`) is null; types are the declaration's.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml

#: The record sets are called as their feeds are, without the plural.
SETS = {
    "drivers": "driver",
    "constructors": "constructor",
    "circuits": "circuit",
    "grands_prix": "grand_prix",
    "countries": "country",
    "races": "race",
    "race_results": "race_result",
    "sprint_race_results": "sprint_race_result",
    "fastest_laps": "fastest_lap",
    "driver_standings": "driver_standing",
    "constructor_standings": "constructor_standing",
    "entrants": "entrant",
}
_NOTHING = ("", "~", "null", "Null", "NULL")
_DEEPEST = 20


def read(feed: str, path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """The records of one file: its document, or the elements of the list that it is."""
    document = load(path.read_bytes())
    for record in document if isinstance(document, list) else [document]:
        if not isinstance(record, dict):
            raise ValueError(f"a mapping is expected, {record!r:.60} found")
        yield SETS[feed], record


def load(data: bytes) -> object:
    """The one document of a YAML file, of texts, nulls, lists and dicts; ValueError says where it is something else.

    Aliases and tags are refused: nobody writes them here, and a few lines of them can stand for gigabytes.
    """
    try:
        events = [event for event in yaml.parse(data, Loader=yaml.CBaseLoader) if not _frames(event)]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(" ".join(str(error).split())) from error
    if not events:
        return []
    reader = iter(events)
    document = _node(next(reader), reader, 0)
    if next(reader, None) is not None:
        raise ValueError("there is a second document")
    return document


def _frames(event: yaml.Event) -> bool:
    return isinstance(
        event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentStartEvent | yaml.DocumentEndEvent
    )


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> object:
    """What begins with this event, as deep as it goes."""
    if isinstance(event, yaml.AliasEvent) or event.anchor or event.tag:
        raise ValueError(f"line {event.start_mark.line + 1}: an alias, an anchor or a tag")
    if depth > _DEEPEST:
        raise ValueError(f"line {event.start_mark.line + 1}: nested deeper than {_DEEPEST} levels")
    if isinstance(event, yaml.ScalarEvent):
        return None if not event.style and event.value in _NOTHING else event.value
    if isinstance(event, yaml.SequenceStartEvent):
        return list(_items(events, depth))
    return _mapping(events, depth)


def _items(events: Iterator[yaml.Event], depth: int) -> Iterator[object]:
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        yield _node(event, events, depth + 1)


def _mapping(events: Iterator[yaml.Event], depth: int) -> dict[str, object]:
    found: dict[str, object] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        if not isinstance(event, yaml.ScalarEvent):
            raise ValueError(f"line {event.start_mark.line + 1}: a key that is no text")
        if event.value in found:
            raise ValueError(f"line {event.start_mark.line + 1}: the key {event.value!r} stands twice")
        found[event.value] = _node(next(events), events, depth + 1)
    return found
