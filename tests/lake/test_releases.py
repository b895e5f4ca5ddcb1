"""Releases: one winner a number, the newest is found without a hint, content says what a reader sees."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from object_stores import Serve

from fieldhouse.errors import NotFound
from fieldhouse.lake import Store, open_store, releases
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release, Table


def test_without_a_release(store: Store) -> None:
    assert releases.newest(store) == 0
    with pytest.raises(NotFound, match="has no release yet"):
        releases.read(store)


def test_a_release_is_read_as_it_was_made(
    store: Store, part: Callable[..., Part], publish: Callable[..., Release]
) -> None:
    made = publish(part(1), part(2))
    assert releases.read(store) == made
    assert releases.read(store, 1).datasets["core.team"].rows == 2


def test_a_number_is_taken_once(store: Store, part: Callable[..., Part], publish: Callable[..., Release]) -> None:
    made = publish(part(1))
    assert not releases.create(store, dataclasses.replace(made, run="another"))
    assert releases.read(store, 1).run == "run"


def test_a_release_that_is_not_there_names_the_newest(store: Store, publish: Callable[..., Release]) -> None:
    publish()
    publish()
    with pytest.raises(NotFound, match="has no release 7") as caught:
        releases.read(store, 7)
    assert caught.value.hint == "the newest is 2"


@pytest.mark.parametrize("hint", [None, b"", b"1\n", b"2\n", b"3\n", b"9\n", b"half a hin", b"\xff", b"-1"])
def test_the_newest_is_found_whatever_the_hint_says(
    store: Store, publish: Callable[..., Release], hint: bytes | None
) -> None:
    for _ in range(3):
        publish()
    store.delete(["releases/latest"])
    if hint is not None:
        store.hint("releases/latest", hint)
    assert releases.newest(store) == 3


@pytest.mark.parametrize("store", ["folder"], indirect=True)
@pytest.mark.parametrize("hint", [None, b"1\n", b"2\n", b"9\n"])
def test_the_newest_is_found_by_probing_where_nothing_can_be_listed(
    store: Store, publish: Callable[..., Release], serve: Serve, hint: bytes | None
) -> None:
    for _ in range(3):
        publish()
    store.delete(["releases/latest"])
    if hint is not None:
        store.hint("releases/latest", hint)
    assert releases.newest(open_store(serve(Path(store.url)).url)) == 3


def table(*found: Part, version: str = "1.0.0", schema: str = "s", doc: str = "") -> dict[str, Table]:
    return {"core.team": Table("core.team", "T", doc, "normalized", version, ("n",), ("n",), schema, (), found)}


def test_content_is_equal_exactly_if_what_readers_see_is(part: Callable[..., Part]) -> None:
    base = releases.content(table(part(1), part(2)), {"core.team.origin": (part(3),)})
    assert base == releases.content(table(part(1), part(2), doc="prose"), {"core.team.origin": (part(3),)})
    others = [
        releases.content(table(part(2), part(1)), {"core.team.origin": (part(3),)}),
        releases.content(table(part(1)), {"core.team.origin": (part(3),)}),
        releases.content(table(part(1), part(2), version="1.1.0"), {"core.team.origin": (part(3),)}),
        releases.content(table(part(1), part(2), schema="t"), {"core.team.origin": (part(3),)}),
        releases.content(table(part(1), part(2)), {"core.team.origin": (part(4),)}),
        releases.content(table(part(1), part(2)), {}),
        releases.content({}, {"core.team.origin": (part(3),)}),
    ]
    assert len({base, *others}) == len(others) + 1


def test_a_release_names_all_its_files(
    store: Store, part: Callable[..., Part], publish: Callable[..., Release]
) -> None:
    audit = {"core": {"counts": {}, "notes": [{"document": "audits/ab/abc.json"}, {"state": "warning"}]}}
    made = publish(part(1), part(2), audit=audit)
    assert [p.path for p in made.parts] == [part(1).path, part(2).path]
    assert releases.read(store).verdicts == {"audits/ab/abc.json"}
