"""fh.load and fh.scan: the rows of one dataset, of which only what is asked for is read."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from fieldhouse.consume import engines, lazy, read
from fieldhouse.consume.engines import Engine
from fieldhouse.consume.opened import open_release
from fieldhouse.consume.selection import Seasons, Where, nullable, select

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from fieldhouse.consume.engines import Rows

Columns = str | Sequence[str]
Lake = str | Path


@overload
def load(
    name: str,
    release: int | None = ...,
    columns: Columns | None = ...,
    seasons: Seasons | None = ...,
    where: Where | None = ...,
    engine: Literal["pandas"] = ...,
    lake: Lake | None = ...,
) -> "pd.DataFrame": ...
@overload
def load(
    name: str,
    release: int | None = ...,
    columns: Columns | None = ...,
    seasons: Seasons | None = ...,
    where: Where | None = ...,
    *,
    engine: Literal["arrow"],
    lake: Lake | None = ...,
) -> "pa.Table": ...
@overload
def load(
    name: str,
    release: int | None = ...,
    columns: Columns | None = ...,
    seasons: Seasons | None = ...,
    where: Where | None = ...,
    *,
    engine: Literal["polars"],
    lake: Lake | None = ...,
) -> "pl.DataFrame": ...
@overload
def load(
    name: str,
    release: int | None = ...,
    columns: Columns | None = ...,
    seasons: Seasons | None = ...,
    where: Where | None = ...,
    *,
    engine: Literal["duckdb"],
    lake: Lake | None = ...,
) -> "duckdb.DuckDBPyRelation": ...
def load(
    name: str,
    release: int | None = None,
    columns: Columns | None = None,
    seasons: Seasons | None = None,
    where: Where | None = None,
    engine: Engine = "pandas",
    lake: Lake | None = None,
) -> "Rows | duckdb.DuckDBPyRelation":
    """The rows of a dataset such as `football.team_match`, in its declared order.

    `seasons`: a label or several: `"2015-16"`, `2018`, `["2014-15", "2015-16"]`; in datasets whose seasons are years, the
    year. `where`: a condition in DuckDB's SQL, `"home_goals > 5"`, or a mapping from columns to a value or several:
    `{"competition": ["en.1", "en.2"]}`.
    Parts that cannot hold such rows are not opened, columns not named in `columns` not read.

    In pandas, columns that can be null are `Int32`, `boolean` and so on, never floats by accident; texts are `str`,
    dates `datetime64[ms]`, instants `datetime64[us, UTC]`, lists `list[pyarrow]`. A null means "not known".
    `engine="duckdb"` gives a relation of DuckDB's default connection, for use with `duckdb.sql`.
    `release` pins a release; without it the newest is read. `lake` is a folder or URL, by default FIELDHOUSE_LAKE.

    Raises NotFound for an unknown dataset, column, season, release or engine (it names the nearest), UsageError for
    values of a wrong type or a condition that does not work, UnavailableError where there is no lake.
    """
    engines.check(engine)
    opened = open_release(release, lake)
    selection = select(opened.table(name), columns, seasons, where)
    read.check_seasons(opened.store, selection)
    if engine == "duckdb":
        return lazy.relation(opened.store, selection, ordered=True)
    table = read.rows(opened.store, selection)
    return engines.deliver(table, engine, nullable(selection.table))


@overload
def scan(
    name: str,
    release: int | None = ...,
    columns: Columns | None = ...,
    seasons: Seasons | None = ...,
    where: Where | None = ...,
    engine: Literal["polars"] = ...,
    lake: Lake | None = ...,
) -> "pl.LazyFrame": ...
@overload
def scan(
    name: str,
    release: int | None = ...,
    columns: Columns | None = ...,
    seasons: Seasons | None = ...,
    where: Where | None = ...,
    *,
    engine: Literal["duckdb"],
    lake: Lake | None = ...,
) -> "duckdb.DuckDBPyRelation": ...
def scan(
    name: str,
    release: int | None = None,
    columns: Columns | None = None,
    seasons: Seasons | None = None,
    where: Where | None = None,
    engine: Literal["polars", "duckdb"] = "polars",
    lake: Lake | None = None,
) -> "pl.LazyFrame | duckdb.DuckDBPyRelation":
    """The same selection as `load`, lazily: a polars LazyFrame or a DuckDB relation, read when it is collected.

    Further filters and projections are pushed down into the Parquet files. The order of rows is not promised.
    Raises what `load` raises.
    """
    engines.check(engine, ("polars", "duckdb"))
    opened = open_release(release, lake)
    selection = select(opened.table(name), columns, seasons, where)
    read.check_seasons(opened.store, selection)
    if engine == "duckdb":
        return lazy.relation(opened.store, selection, ordered=False)
    return lazy.frame(opened.store, selection)
