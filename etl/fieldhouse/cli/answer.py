"""Rows as an answer: a table on the screen with a stated number of rows, JSON, or a whole file."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fieldhouse.cli import screen
from fieldhouse.cli.call import Call
from fieldhouse.cli.screen import Head
from fieldhouse.errors import StorageError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows on the screen where no limit is given.
ROWS = 20
LIMIT_HELP = f"At most this many rows; without it {ROWS} on the screen, all in JSON and files."
OUTPUT_HELP = "Write .csv, .parquet, .json or .ndjson; - writes CSV to standard output."


@dataclass(frozen=True)
class Target:
    """Where rows go: a file (None: standard output), and how they are written."""

    path: Path | None
    write: "Callable[[pa.Table, BinaryIO], None]"


def target(output: str, *, force: bool) -> Target | None:
    """Where `-o` leads, before anything is read; None without it. UsageError where it cannot be written."""
    if not output:
        return None
    if output == "-":
        return Target(None, _csv)
    path = Path(output).expanduser()
    if path.suffix not in WRITERS:
        raise UsageError(
            f"{output}: how to write {path.suffix or 'a file without suffix'} is not known", hint=OUTPUT_HELP
        )
    if path.is_dir() or (path.exists() and not force):
        raise UsageError(f"{output} is there already", hint="--force overwrites a file")
    if not path.parent.is_dir():
        raise UsageError(f"{output}: there is no folder {path.parent}", hint="make it, or name another")
    return Target(path, WRITERS[path.suffix])


def give(call: Call, table: "pa.Table", to: Target | None, limit: int | None) -> None:
    """Print or write the rows; `limit` cuts them."""
    total = table.num_rows
    cut = table if limit is None else table.slice(0, limit)
    if to is not None:
        _write(call, cut, to)
    elif call.json:
        screen.print_json({"columns": _columns(cut), "rows": _rows(cut), "total": total})
    else:
        shown = table.slice(0, ROWS) if limit is None else cut
        show(shown)
        if shown.num_rows < total:
            screen.hint(f"\n{shown.num_rows:,} of {total:,} rows; --limit shows more, -o FILE writes all")
        elif total != 1:
            screen.hint(f"\n{total:,} rows")


def _columns(table: "pa.Table") -> list[dict[str, object]]:
    return [{"name": field.name, "type": str(field.type)} for field in table.schema]


def _rows(table: "pa.Table") -> list[dict[str, object]]:
    # Two columns of one name, as in SELECT 1, 1, cannot both be a key.
    names: list[str] = []
    for name in table.column_names:
        number = 2
        unique = name
        while unique in names:
            unique, number = f"{name}_{number}", number + 1
        names.append(unique)
    rows: list[dict[str, object]] = table.rename_columns(names).to_pylist()
    return rows


def show(table: "pa.Table") -> None:
    """Print all rows, and the columns that fit."""
    import pyarrow.types as t

    heads = [
        Head(f.name, right=t.is_integer(f.type) or t.is_floating(f.type) or t.is_decimal(f.type)) for f in table.schema
    ]
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    fits = screen.fitting(heads, rows)
    screen.table([heads[i] for i in fits], [[row[i] for i in fits] for row in rows])
    left = [head.name for i, head in enumerate(heads) if i not in fits]
    if left:
        screen.hint("\n" + screen.wrapped(f"{len(left)} more columns: {', '.join(left)}"))


def _write(call: Call, table: "pa.Table", to: Target) -> None:
    if to.path is None:
        to.write(table, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    partial = to.path.with_name(f".{to.path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            to.write(table, file)
        partial.replace(to.path)
    except OSError as error:
        raise StorageError(
            f"{to.path} cannot be written: {error.strerror}", hint="check space and permissions"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    if call.json:
        screen.print_json({"file": str(to.path), "rows": table.num_rows, "bytes": to.path.stat().st_size})
    else:
        screen.say(f"{table.num_rows:,} rows, {to.path.stat().st_size:,} bytes: {to.path}")


def _csv(table: "pa.Table", file: BinaryIO) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv
    import pyarrow.types as t

    for position, field in enumerate(table.schema):
        if t.is_list(field.type):  # a list is one text, its values separated by |
            texts = pc.binary_join(table.column(position).cast(pa.list_(pa.string())), "|")
            table = table.set_column(position, field.name, texts)
    pyarrow.csv.write_csv(table, file)


def _parquet(table: "pa.Table", file: BinaryIO) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, file, compression="zstd")


def _json(table: "pa.Table", file: BinaryIO) -> None:
    file.write(json.dumps(screen.plain(_rows(table)), ensure_ascii=False, indent=1).encode() + b"\n")


def _ndjson(table: "pa.Table", file: BinaryIO) -> None:
    for batch in table.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            file.write(json.dumps(screen.plain(row), ensure_ascii=False).encode() + b"\n")


#: How a file is written, by its suffix.
WRITERS: "dict[str, Callable[[pa.Table, BinaryIO], None]]" = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".json": _json,
    ".ndjson": _ndjson,
}
