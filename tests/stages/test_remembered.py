"""On what it depends whether conform takes a dataset as it was: its rows, and the links of the sources that feed it."""

from collections.abc import Mapping

import pytest

from fieldhouse import contracts, sources
from fieldhouse.lake.parts import Part
from fieldhouse.stages.conform import remembered

LINKS = {
    ("person", "lahman"): "a",
    ("person", "chadwick_register"): "b",
    ("team", "lahman"): "c",
    ("match", "openfootball"): "d",
}


def _key(dataset: str, links: Mapping[tuple[str, str], str], **parts: str) -> str:
    every = contracts.load_all()
    found = {
        (source, dataset): [Part(f"{source}/{dataset}", "", 1, 1, sha256)]
        for source, sha256 in {"lahman": "0", **parts}.items()
    }
    return remembered.key(every[dataset], every, list(sources.load_all().values()), found, links, 1)


@pytest.mark.parametrize(
    ("kind", "source", "merged_anew"),
    [
        ("person", "lahman", True),
        ("team", "lahman", True),
        ("person", "chadwick_register", False),  # it feeds no seasons of players
        ("match", "openfootball", False),
    ],
)
def test_only_links_of_what_its_own_sources_name_matter(kind, source, merged_anew):
    changed = {**LINKS, (kind, source): "changed"}
    again = _key("baseball.batting_season", changed)
    assert (again != _key("baseball.batting_season", LINKS)) == merged_anew


def test_an_entity_rests_on_its_rows_and_on_what_they_are_linked_to():
    before = _key("core.person", LINKS, chadwick_register="1")
    assert before == _key("core.person", LINKS, chadwick_register="1")
    assert before != _key("core.person", LINKS, chadwick_register="2")
    assert before != _key("core.person", LINKS)
    for source in ("lahman", "chadwick_register"):
        linked_anew = {**LINKS, ("person", source): "changed"}
        assert before != _key("core.person", linked_anew, chadwick_register="1")
