"""Entities are linked by equal keys and reviewed aliases; every link says why."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fieldhouse.contracts import Contract, Entity
from fieldhouse.crosswalk import aliases, claims, ids, linking
from fieldhouse.crosswalk.aliases import Alias
from fieldhouse.errors import ConfigurationError, InternalError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEAM = Contract(
    "core.team",
    "T",
    "",
    "normalized",
    "1.0.0",
    ("team_id",),
    (),
    (),
    entity=Entity("team", keys=(("country", "name"), ("code",))),
)
COLUMNS = "team_id name country code"


def linked(con: "DuckDBPyConnection") -> dict[tuple[str, str], tuple[str, str, str]]:
    rows = con.execute("SELECT source, local_id, entity_id, method, evidence FROM link").fetchall()
    assert len({row[:2] for row in rows}) == len(rows)
    return {(source, local): (entity, method, evidence) for source, local, entity, method, evidence in rows}


def test_equal_keys_link_and_the_first_source_mints(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    claim("core.team", COLUMNS, ("two", "t1", "Ajax", "nl", None), ("one", "Ajax", "Ajax", "nl", None))
    linking.link_by_keys(con, TEAM, ())
    own = ids.mint("team", "one", "Ajax")
    assert linked(con) == {
        ("one", "Ajax"): (own, "own", "nl | Ajax"),
        ("two", "t1"): (own, "key", "nl | Ajax"),
    }


def test_any_declared_key_links_and_links_add_up(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    claim(
        "core.team",
        COLUMNS,
        ("one", "a", "Brasil", "br", "BRA"),
        ("two", "b", "Brazil", "br", "BRA"),
        ("three", "c", "Brazil", "br", None),
    )
    linking.link_by_keys(con, TEAM, ())
    assert {entity for entity, _, _ in linked(con).values()} == {ids.mint("team", "one", "a")}


def test_a_key_with_a_gap_links_nothing(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    claim("core.team", COLUMNS, ("one", "a", "Rangers", None, None), ("two", "b", "Rangers", None, None))
    linking.link_by_keys(con, TEAM, ())
    assert len({entity for entity, _, _ in linked(con).values()}) == 2


def test_values_of_different_keys_are_never_compared(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    claim("core.team", COLUMNS, ("one", "a", "b", "a", None), ("two", "b", "x", "y", "a | b"))
    linking.link_by_keys(con, TEAM, ())
    assert len({entity for entity, _, _ in linked(con).values()}) == 2


def test_a_reviewed_alias_links_and_its_evidence_is_kept(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    claim("core.team", COLUMNS, ("one", "Turkey", None, None, None), ("two", "Türkiye", None, None, None))
    linking.link_by_keys(con, TEAM, [Alias("two", "Türkiye", "one", "Turkey", "renamed 2022")])
    assert linked(con)["two", "Türkiye"] == (ids.mint("team", "one", "Turkey"), "alias", "renamed 2022")


def test_aliases_lead_over_names_that_no_record_has(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    claim("core.team", COLUMNS, ("one", "A", None, None, None), ("two", "C", None, None, None))
    linking.link_by_keys(con, TEAM, [Alias("two", "C", "two", "B", "x"), Alias("two", "B", "one", "A", "y")])
    assert {entity for entity, _, _ in linked(con).values()} == {ids.mint("team", "one", "A")}
    assert set(linked(con)) == {("one", "A"), ("two", "C")}
    found = con.execute("SELECT source, id, entity_id FROM rooted").fetchall()
    assert found == [("two", "B", ids.mint("team", "one", "A"))]


def test_an_alias_of_what_nobody_claims_links_nothing(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    claim("core.team", COLUMNS, ("one", "A", None, None, None))
    linking.link_by_keys(con, TEAM, [Alias("two", "X", "two", "Y", "x")])
    assert linked(con) == {("one", "A"): (ids.mint("team", "one", "A"), "own", "")}


def test_the_order_of_rows_does_not_matter(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    rows = [
        ("one", "b", "N", "x", None),
        ("one", "a", "N", "x", None),
        ("two", "c", "N", "x", "k"),
        ("three", "d", "M", "y", "k"),
    ]
    claim("core.team", COLUMNS, *rows)
    linking.link_by_keys(con, TEAM, ())
    one = linked(con)
    con.execute("DELETE FROM link")
    claim("core.team", COLUMNS, *reversed(rows))
    linking.link_by_keys(con, TEAM, ())
    assert linked(con) == one
    assert {entity for entity, _, _ in one.values()} == {ids.mint("team", "one", "a")}


def test_a_dataset_without_an_entity_mints_no_ids() -> None:
    with pytest.raises(InternalError, match=r"core\.x declares no entity"):
        claims.entity_of(Contract("core.x", "X", "", "normalized", "1.0.0", ("a",), (), ()))


def reviewed(home: Path, text: str) -> Path:
    folder = home / "datasets" / "crosswalk"
    folder.mkdir(parents=True)
    (folder / "team.csv").write_text(text, encoding="utf-8")
    return home


HEADER = "source,source_id,scope,same_as_source,same_as_id,evidence\n"


def test_a_scoped_alias_speaks_of_the_scoped_id(tmp_path: Path) -> None:
    home = reviewed(tmp_path, HEADER + "one,AFC,en.3/2025-26,two,AFC Wimbledon,the only AFC there\n")
    assert aliases.read(home) == {
        "team": (Alias("one", "AFC@en.3/2025-26", "two", "AFC Wimbledon", "the only AFC there"),)
    }


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("source,source_id\n", "the columns are"),
        (HEADER + "one,a,,two,b,\n", "empty cell"),
        (HEADER + "one,,,two,b,why\n", "empty cell"),
    ],
)
def test_a_link_without_evidence_is_none(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(ConfigurationError, match=match):
        aliases.read(reviewed(tmp_path, text))
