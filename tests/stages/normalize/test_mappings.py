"""Mappings that do not keep what they promise, and results that are remembered as long as nothing they rest on changes."""

import pytest

from fieldhouse.errors import ConfigurationError, DataError

GROUNDS = {"ground/g.csv": "name,city,size\nRoker Park,Sunderland,22500\nElm Park,Reading,18000\n"}
MAPPING = "SELECT name AS venue_id, name, city, NULL::VARCHAR AS country, _record FROM raw"


@pytest.fixture
def mapping(toy):
    """Writes the mapping of grounds."""

    def write(sql, dataset="core.venue"):
        folder = toy.folder / "normalize" / "ground"
        (folder / "core.venue.sql").unlink(missing_ok=True)
        (folder / f"{dataset}.sql").write_text(sql, encoding="utf-8")

    return write


def test_a_record_that_no_mapping_uses_is_an_error_that_names_it(toy, mapping):
    mapping(f"{MAPPING} WHERE city <> 'Reading'")
    with pytest.raises(DataError, match=r"no mapping uses and no rule passes over, such as g.csv ground 1") as told:
        toy.normalize(GROUNDS)
    assert "passed_over in source.toml" in str(told.value)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (MAPPING.replace("city, ", ""), "missing columns: city; unknown: none"),
        (MAPPING.replace(", _record", ""), "missing columns: _record"),
        (MAPPING.replace("city,", "city, size,"), "unknown: size"),
        (MAPPING.replace("raw", "grounds"), "does not run"),
        (MAPPING.replace("name, city", "name, no_such_column AS city"), "does not run"),
    ],
)
def test_a_mapping_with_other_columns_is_an_error_that_names_the_file(toy, mapping, sql, said):
    mapping(sql)
    with pytest.raises(ConfigurationError, match=r"core\.venue\.sql") as told:
        toy.normalize(GROUNDS)
    assert said in str(told.value)


@pytest.mark.parametrize("dataset", ["core.stadium", "core.account", "football.standing"])
def test_a_mapping_for_a_dataset_that_no_source_fills(toy, mapping, dataset):
    mapping(MAPPING, dataset)
    with pytest.raises(ConfigurationError, match="is no normalized dataset that sources fill"):
        toy.normalize(GROUNDS)


def test_a_result_is_remembered_until_object_mapping_or_declaration_change(toy, mapping):
    mapping(MAPPING)
    assert not toy.normalize(GROUNDS).remembered
    assert toy.world.normalize("toy", "r2").remembered
    mapping(MAPPING + " -- the same, said otherwise")
    assert not toy.world.normalize("toy", "r3").remembered
    toy.declare(corrections="typo,ground,ground,name = 'Elm Park',city,Reading,set,Berkshire,moved,a map\n")
    assert not toy.world.normalize("toy", "r4").remembered
    assert not toy.normalize({"ground/g.csv": GROUNDS["ground/g.csv"] + "Ibrox,Glasgow,50000\n"}, "r5").remembered


def test_rows_lead_back_to_feed_key_object_and_record(toy):
    receipt = toy.normalize(GROUNDS)
    rows = toy.world.rows(receipt, "toy/core.venue")
    found = {(r["name"], r["_from_feed"], r["_from_key"], r["_from_records"], r["_from_ordinal"]) for r in rows}
    assert found == {("Roker Park", "ground", "g.csv", "ground", 0), ("Elm Park", "ground", "g.csv", "ground", 1)}
    assert {len(r["_from_object"]) for r in rows} == {64}


def test_nothing_landed_is_nothing_to_do(toy):
    receipt = toy.world.normalize("toy")
    assert (receipt.outputs, receipt.counts["buckets"]) == ((), 0)
