"""The checks that a contract implies: its columns and types, its grain, what may be null, ranges, values, references."""

from collections.abc import Collection, Iterator, Mapping

from fieldhouse.contracts import Column, Contract
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake.duck import name
from fieldhouse.stages.audit.checks import QUERY, Expectation

#: Types of contracts as Great Expectations calls them on pandas.
TYPES = {
    "string": "str",
    "bool": "bool",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "float64": "float64",
    "date": "date",
    "timestamp": "Timestamp",
    "list<string>": "list",
}
NUMBERS = ("int16", "int32", "int64", "float64")


def implied(contract: Contract, contracts: Mapping[str, Contract], *, filled: bool, traced: bool) -> list[Expectation]:
    """What the contract promises, as checks.

    `filled`: it must have rows. `traced`: every row must be in its sidecar of origins.
    """
    found = [
        _table(contract, "columns", "expect_table_columns_to_match_ordered_list", column_list=list(contract.names))
    ]
    if filled:
        found.append(_table(contract, "not_empty", "expect_table_row_count_to_be_between", min_value=1))
    found.append(_grain(contract))
    for column in contract.columns:
        found.extend(_column(contract, column, contracts))
    if traced:
        found.append(_traced(contract))
    return found


def _table(contract: Contract, rule: str, type_: str, **kwargs: object) -> Expectation:
    docs = {
        "columns": "The columns are the contract's, in its order.",
        "not_empty": "There are rows.",
        "grain": f"{', '.join(contract.grain)} identify a row.",
    }
    return Expectation(contract.name, rule, type_, kwargs, doc=docs[rule])


def _grain(contract: Contract) -> Expectation:
    if len(contract.grain) == 1:
        return _table(contract, "grain", "expect_column_values_to_be_unique", column=contract.grain[0])
    return _table(contract, "grain", "expect_compound_columns_to_be_unique", column_list=list(contract.grain))


def _column(contract: Contract, column: Column, contracts: Mapping[str, Contract]) -> Iterator[Expectation]:
    def of(rule: str, kind: str, doc: str, /, **kwargs: object) -> Expectation:
        return Expectation(contract.name, rule, kind, {"column": column.name, **kwargs}, doc=doc)

    yield of("type", "expect_column_values_to_be_of_type", f"The type is {column.type}.", type_=TYPES[column.type])
    if not column.null:
        yield of("not_null", "expect_column_values_to_not_be_null", "It is always known.")
    if column.range:
        _fits(contract, column, "range", NUMBERS)
        low, high = column.range
        doc = f"It lies between {low:g} and {high:g}."
        yield of("range", "expect_column_values_to_be_between", doc, min_value=low, max_value=high)
    if column.values:
        _fits(contract, column, "values", ("string",))
        doc = f"It is one of {', '.join(column.values)}."
        yield of("values", "expect_column_values_to_be_in_set", doc, value_set=list(column.values))
    if column.pattern:
        _fits(contract, column, "pattern", ("string",))
        doc = f"It matches {column.pattern}."
        yield of("pattern", "expect_column_values_to_match_regex", doc, regex=column.pattern)
    if column.references:
        yield _reference(contract, column, contracts[column.references])


def _fits(contract: Contract, column: Column, what: str, types: Collection[str]) -> None:
    if column.type not in types:
        raise ConfigurationError(
            f"{contract.path}: {column.name} has {what}, and the type {column.type}; {what} is for {', '.join(types)}"
        )


def _reference(contract: Contract, column: Column, target: Contract) -> Expectation:
    own, key = name(column.name), name(target.grain[0])
    is_list = column.type == "list<string>"
    one = f"(SELECT * REPLACE (unnest({own}) AS {own}) FROM {{batch}})" if is_list else "{batch}"
    query = (
        f"SELECT * FROM {one} WHERE {own} IS NOT NULL"
        f" AND {own} NOT IN (SELECT {key} FROM {target.name} WHERE {key} IS NOT NULL)"
    )
    doc = f"Every {column.name} is in {target.name}."
    kwargs = {"unexpected_rows_query": query}
    return Expectation(contract.name, "reference", QUERY, kwargs, doc=doc, meta={"column": column.name})


def _traced(contract: Contract) -> Expectation:
    grain = ", ".join(map(name, contract.grain))
    query = f"SELECT {grain} FROM {{batch}} EXCEPT SELECT {grain} FROM {contract.name}_origin"
    doc = "Every row leads back to raw records."
    return Expectation(contract.name, "origin", QUERY, {"unexpected_rows_query": query}, doc=doc)
