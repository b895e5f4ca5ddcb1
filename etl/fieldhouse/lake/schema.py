"""A contract's columns as Arrow and as DuckDB types; the digest that a release records of them."""

from typing import TYPE_CHECKING

from fieldhouse.contracts import Column, Contract
from fieldhouse.lake import documents

if TYPE_CHECKING:
    import pyarrow as pa

DUCKDB = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "list<string>": "VARCHAR[]",
}


def arrow_type(column_type: str) -> "pa.DataType":
    """The Arrow type of a contract's type."""
    import pyarrow as pa

    return {
        "string": pa.string(),
        "bool": pa.bool_(),
        "int16": pa.int16(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "list<string>": pa.list_(pa.string()),
    }[column_type]


def arrow(columns: tuple[Column, ...]) -> "pa.Schema":
    """The Arrow schema of columns."""
    import pyarrow as pa

    return pa.schema([pa.field(c.name, arrow_type(c.type), nullable=c.null) for c in columns])


def describe(contract: Contract) -> list[dict[str, object]]:
    """The columns as they stand in a release's manifest: name, type, null, unit and what they reference."""
    return [
        {
            "name": c.name,
            "type": c.type,
            "null": c.null,
            "unit": c.unit,
            "references": c.references,
            "doc": c.doc,
        }
        for c in contract.columns
    ]


def digest(contract: Contract) -> str:
    """SHA-256 of what readers rely on: names, types, nullability, units and grain, not the prose."""
    columns = [[c.name, c.type, c.null, c.unit] for c in contract.columns]
    return documents.digest([contract.name, columns, list(contract.grain)])
