"""The forms in which rows are handed over, and how an Arrow table becomes each of them."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, TypeAlias

from fieldhouse.consume.nearest import missing
from fieldhouse.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    Rows: TypeAlias = pd.DataFrame | pa.Table | pl.DataFrame

Engine = Literal["pandas", "arrow", "polars", "duckdb"]
ENGINES: tuple[str, ...] = ("pandas", "arrow", "polars", "duckdb")


def check(engine: str, allowed: tuple[str, ...] = ENGINES) -> None:
    """NotFound unless the engine is one of those allowed; UsageError if it is not installed."""
    if engine not in allowed:
        raise missing("fieldhouse", "engine", engine, allowed, hint=f"engine is one of {', '.join(allowed)}")
    if engine == "polars":
        from importlib.util import find_spec

        if find_spec("polars") is None:
            raise UsageError("polars is not installed", hint="pip install 'fieldhouse[polars]', or take engine='arrow'")


def deliver(table: "pa.Table", engine: str, nullable: Collection[str]) -> "Rows":
    """The table as a pandas frame (see `frame`), an Arrow table or a polars frame."""
    if engine == "arrow":
        return table
    if engine == "polars":
        import polars as pl

        return pl.DataFrame(pl.from_arrow(table))
    return frame(table, nullable)


def frame(table: "pa.Table", nullable: Collection[str]) -> "pd.DataFrame":
    """The table as a pandas frame in which an integer never becomes a float.

    Integers and booleans are NumPy's, and pandas' nullable `Int32`, `boolean` … in the columns named `nullable`.
    Texts are `str`, dates `datetime64[ms]`, instants `datetime64[us, UTC]`, lists `list[pyarrow]`, decimals floats.
    """
    import pyarrow as pa
    import pyarrow.types as t

    for position, field in enumerate(table.schema):
        if t.is_decimal(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(pa.float64()))
    special = {
        i: found for i, f in enumerate(table.schema) if (found := _dtype(f.type, f.name in nullable)) is not None
    }
    plain = table.select([i for i in range(table.num_columns) if i not in special])
    result: pd.DataFrame = plain.to_pandas(date_as_object=False)
    for position, dtype in special.items():
        values = dtype.__from_arrow__(table.column(position))  # type: ignore[attr-defined]
        result.insert(position, table.schema[position].name, values, allow_duplicates=True)
    return result


def _dtype(arrow: "pa.DataType", nullable: bool) -> "pd.api.extensions.ExtensionDtype | None":
    """The pandas dtype that keeps this type's nulls; None where the usual one does."""
    import pandas as pd
    import pyarrow.types as t

    if t.is_list(arrow):
        return pd.ArrowDtype(arrow)
    if nullable and t.is_boolean(arrow):
        return pd.BooleanDtype()
    if nullable and t.is_integer(arrow):
        name = str(arrow)  # int32, uint8
        found: pd.api.extensions.ExtensionDtype = getattr(
            pd, name.replace("int", "Int").replace("uI", "UI") + "Dtype"
        )()
        return found
    return None
