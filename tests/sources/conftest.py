"""One small lake a source for all its quirks: test modules say their files in FEEDS, tests read the tables."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest


def written(content: object) -> object:
    """A file of openfootball said short: a list of (round, date, team1, team2, score, more) becomes its JSON."""
    if not isinstance(content, list) or not all(isinstance(row, tuple) for row in content):
        return content
    return json.dumps({"name": "A league", "matches": [match(*row) for row in content]}, ensure_ascii=False)


def match(
    round_name: str | None, date: str, team1: str, team2: str, score: object = None, more: dict | None = None
) -> dict:
    """One record: `score` is {"ft": [2, 1]} or short [2, 1]; None is the empty score, "absent" none at all."""
    said = {"ft": score} if isinstance(score, list) else score or {}
    named = {} if round_name is None else {"round": round_name}
    scored = {} if score == "absent" else {"score": said}
    return {**named, "date": date, "team1": team1, "team2": team2, **scored, **(more or {})}


@pytest.fixture(scope="session")
def published(request: pytest.FixtureRequest, world) -> Callable[[str], list[tuple]]:
    """Answers SQL over the tables of all files that the collected modules of `tests/sources` say in FEEDS."""
    here = Path(__file__).parent
    made = world()
    feeds: dict[str, dict[str, object]] = {}
    for module in dict.fromkeys(item.module for item in request.session.items if here in item.path.parents):
        for source, files in getattr(module, "FEEDS", {}).items():
            assert not set(files) & set(feeds.get(source, {})), f"{module.__name__} says a file that another says"
            feeds.setdefault(source, {}).update(files)
    for source, files in feeds.items():
        made.land(source, {name: written(content) for name, content in files.items()})
    return made.tables().sql
