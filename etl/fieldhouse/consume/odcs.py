"""A dataset of a release as a document of the Open Data Contract Standard, version 3.1 (https://bitol.io).

What a release promises stands in its manifest. Limits of values (ranges, patterns, sets) are taken from the declared
contract, as long as that is the one that the release was made by.
"""

from collections.abc import Mapping
from importlib.util import find_spec

from fieldhouse import contracts as declared
from fieldhouse.consume.described import Description, Meaning, notice
from fieldhouse.contracts import Column, Contract
from fieldhouse.errors import UsageError

Document = dict[str, object]
VERSION = "v3.1.0"
NULLS = "A null means not known, never zero."
#: Per type of a contract the logical type of the standard, and its options.
LOGICAL: dict[str, tuple[str, Document]] = {
    "string": ("string", {}),
    "bool": ("boolean", {}),
    "int16": ("integer", {}),
    "int32": ("integer", {"format": "i32"}),
    "int64": ("integer", {"format": "i64"}),
    "float64": ("number", {}),
    "date": ("date", {"format": "yyyy-MM-dd"}),
    "timestamp": ("timestamp", {"timezone": True, "defaultTimezone": "UTC"}),
    "list<string>": ("array", {}),
}


def text(described: Description) -> str:
    """The document as YAML; UsageError where the library that writes it is not installed."""
    if find_spec("yaml") is None:
        raise UsageError("PyYAML is not installed", hint="pip install 'fieldhouse[site]'")
    import yaml

    return str(yaml.safe_dump(document(described), sort_keys=False, allow_unicode=True, width=110))


def document(described: Description) -> Document:
    """The document as plain data, with references between datasets as relationships, and units as custom properties."""
    d = described
    limits = _limits(d)
    return {
        "apiVersion": VERSION,
        "kind": "DataContract",
        "id": d.name,
        "name": d.title,
        "version": d.version,
        "status": "active",
        "domain": d.name.split(".", maxsplit=1)[0],
        "dataProduct": "Fieldhouse",
        "description": {"purpose": d.doc, "usage": f'fh.load("{d.name}", release={d.release})', "limitations": NULLS},
        "schema": [
            {
                "name": d.name,
                "logicalType": "object",
                "physicalType": "parquet",
                "description": d.doc,
                "dataGranularityDescription": f"One row a {', '.join(d.grain)}",
                "properties": [_property(d, column, limits.get(column.name)) for column in d.columns],
            }
        ],
        "customProperties": [
            {"property": "layer", "value": d.layer},
            {"property": "release", "value": d.release},
            {"property": "sort", "value": list(d.sort)},
            {"property": "licences", "value": [f"{n}: {notice(told)}" for n, told in sorted(d.licences.items())]},
        ],
    }


def _limits(d: Description) -> Mapping[str, Column]:
    contract = declared.load_all().get(d.name)
    return {column.name: column for column in contract.columns} if contract and _same(contract, d) else {}


def _same(contract: Contract, d: Description) -> bool:
    told = [(c.name, c.type, c.null, c.unit) for c in d.columns]
    return contract.version == d.version and told == [(c.name, c.type, c.null, c.unit) for c in contract.columns]


def _property(d: Description, column: Meaning, limits: Column | None) -> Document:
    logical, options = LOGICAL[column.type]
    options = {**options, **_bounds(limits)}
    key = column.name in d.grain
    found: Document = {
        "name": column.name,
        "logicalType": logical,
        "physicalType": column.type,
        "description": column.doc,
        "required": not column.null,
    }
    if key:
        found |= {"primaryKey": True, "primaryKeyPosition": d.grain.index(column.name) + 1}
    if options:
        found["logicalTypeOptions"] = options
    if logical == "array":
        found["items"] = {"logicalType": "string"}
    if column.unit:
        found["customProperties"] = [{"property": "unit", "value": column.unit}]
    if column.references and logical != "array":
        found["relationships"] = [{"to": f"{column.references}.{_key(column.references)}"}]
    if limits and limits.values:
        rule = {"type": "library", "metric": "invalidValues", "arguments": {"validValues": list(limits.values)}}
        found["quality"] = [{**rule, "mustBe": 0}]
    if limits and limits.pii:
        found["classification"] = "personal"
    return found


def _bounds(limits: Column | None) -> Document:
    if limits is None:
        return {}
    low_high = dict(zip(("minimum", "maximum"), limits.range or (), strict=False))
    return {**low_high, **({"pattern": limits.pattern} if limits.pattern else {})}


def _key(dataset: str) -> str:
    """The one column of an entity's grain; by convention its name where the dataset is declared no more."""
    contract = declared.load_all().get(dataset)
    return contract.grain[0] if contract else f"{dataset.rpartition('.')[2]}_id"
