"""A contract's columns as Arrow and DuckDB know them."""

import dataclasses

import pytest

from fieldhouse import contracts
from fieldhouse.contracts import TYPES, Column, Contract
from fieldhouse.lake import duck, schema

CONTRACT = Contract(
    "d.t",
    "T",
    "",
    "normalized",
    "1.0.0",
    ("id",),
    (),
    (Column("id", "string", "doc"), Column("n", "int32", "doc", unit="goals")),
)


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_of_a_contract_is_the_same_in_arrow_and_duckdb(type_: str) -> None:
    found = duck.connect().sql(f"SELECT NULL::{schema.DUCKDB[type_]} AS c").to_arrow_table().schema.field("c").type
    if type_ != "list<string>":  # DuckDB calls the element otherwise
        assert found == schema.arrow_type(type_)
    assert str(found).startswith(str(schema.arrow_type(type_))[:4])


def test_the_arrow_schema_says_what_may_be_null() -> None:
    found = schema.arrow((Column("a", "string", "doc"), Column("b", "date", "doc", null=True)))
    assert [(f.name, str(f.type), f.nullable) for f in found] == [("a", "string", False), ("b", "date32[day]", True)]


def changed(**values: object) -> Contract:
    return dataclasses.replace(
        CONTRACT, columns=(CONTRACT.columns[0], dataclasses.replace(CONTRACT.columns[1], **values))
    )


@pytest.mark.parametrize("change", [{"name": "m"}, {"type": "int64"}, {"null": True}, {"unit": "points"}])
def test_what_readers_rely_on_changes_the_digest(change: dict[str, object]) -> None:
    assert schema.digest(changed(**change)) != schema.digest(CONTRACT)


@pytest.mark.parametrize("change", [{"doc": "better words"}, {"range": (0, 9)}, {"pii": True}])
def test_prose_and_checks_do_not_change_the_digest(change: dict[str, object]) -> None:
    assert schema.digest(changed(**change)) == schema.digest(CONTRACT)


def test_the_grain_belongs_to_the_digest() -> None:
    assert schema.digest(dataclasses.replace(CONTRACT, grain=("id", "n"))) != schema.digest(CONTRACT)


def test_all_declared_datasets_have_a_schema() -> None:
    for contract in contracts.load_all().values():
        assert schema.arrow(contract.columns).names == list(contract.names)
        assert [c["name"] for c in schema.describe(contract)] == list(contract.names)
    assert len({schema.digest(c) for c in contracts.load_all().values()}) == len(contracts.load_all())
