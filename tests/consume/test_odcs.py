"""Contracts as documents of the Open Data Contract Standard: valid by its schema, and true to the release."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import fieldhouse as fh
from fieldhouse import contracts
from fieldhouse.consume import odcs
from fieldhouse.consume.described import of_table
from fieldhouse.lake import schema
from fieldhouse.lake.releases import Release, Table


@pytest.fixture(scope="session")
def standard() -> jsonschema.Draft201909Validator:
    """The standard's own schema, from the package of its authors' community."""
    text = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft201909Validator(json.loads(text))


def described(name: str, version: str = "") -> Any:
    """A dataset as a release has it that was made by the declared contract."""
    c = contracts.load_all()[name]
    table = Table(name, c.title, c.doc, c.layer, version or c.version, c.grain, c.order, schema.digest(c), (), ())
    table = Table(**{**vars(table), "columns": tuple(schema.describe(c))})
    licences = {"toy": {"licence": "CC0-1.0", "attribution": "Toy", "homepage": "https://example.org"}}
    return of_table(table, Release(3, 2, "2020-01-01", "r", "c", "c", {}, licences, {}, (), {name: table}, {}))


def columns(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in document["schema"][0]["properties"]}


@pytest.mark.parametrize("name", sorted(contracts.load_all()))
def test_every_contract_is_valid(name: str, standard: jsonschema.Draft201909Validator) -> None:
    document = yaml.safe_load(odcs.text(described(name)))
    assert [error.message for error in standard.iter_errors(document)] == []
    assert list(columns(document)) == list(contracts.load_all()[name].names)


def test_the_schema_refuses_what_is_none(standard: jsonschema.Draft201909Validator) -> None:
    document = odcs.document(described("core.team")) | {"schema": [{"name": "core.team", "columns": []}]}
    assert list(standard.iter_errors(document))


def test_types_keys_references_units_and_limits_are_told() -> None:
    found = columns(odcs.document(described("baseball.salary")))
    assert found["person_id"]["relationships"] == [{"to": "core.person.person_id"}]
    assert [name for name, column in found.items() if column.get("primaryKey")] == ["person_id", "season", "team_id"]
    assert found["salary"]["customProperties"] == [{"property": "unit", "value": "USD"}]
    assert found["season"]["logicalTypeOptions"]["minimum"] == 1800
    assert found["league"]["required"] is False
    sides = columns(odcs.document(described("core.participation")))
    assert sides["side"]["quality"][0]["arguments"]["validValues"]
    assert sides["side"]["quality"][0]["mustBe"] == 0


def test_a_release_of_another_version_promises_no_limits_of_today() -> None:
    found = columns(odcs.document(described("baseball.salary", version="0.9.0")))
    assert "minimum" not in found["season"].get("logicalTypeOptions", {})


def test_a_release_says_where_it_is_from(lake: Path, standard: jsonschema.Draft201909Validator) -> None:
    document = odcs.document(fh.describe("football.standing"))
    told = {item["property"]: item["value"] for item in document["customProperties"]}  # type: ignore[attr-defined]
    assert told["release"] == 2
    assert told["licences"] == ["openfootball: CC0-1.0, openfootball"]
    assert not list(standard.iter_errors(document))
