"""Reading releases: tables by name for pandas, Arrow, polars and DuckDB. All a reader needs is a manifest and Parquet."""
