"""Texts that a broken step left: read in the wrong encoding, with blanks at an end, or a word for nothing as a value."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fieldhouse.lake.duck import name, text
from fieldhouse.stages.audit.comparing import Change

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: UTF-8 that was read as Latin-1 or Windows-1252, what could not be read at all, control characters, blanks at an end.
_BROKEN = r"^\s|\s$|\x{FFFD}|[\x{C2}\x{C3}][\x{80}-\x{BF}]|\x{E2}\x{20AC}|[\x00-\x08\x0B-\x1F\x7F]"
#: What programs write for a value that there is not. Some people are called so, but never many of them on one day.
_NOTHING = ("null", "NULL", "None", "nan", "NaN", "N/A", "NA", "undefined", "#N/A", "")
#: So many broken texts more than there were are too many.
TOO_MANY = 10


def damaged(value: str) -> str:
    """SQL for: this text is broken."""
    return f"(regexp_matches({value}, {text(_BROKEN)}) OR {value} IN ({', '.join(map(text, _NOTHING))}))"


def count(con: "DuckDBPyConnection", change: Change, columns: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Per column of texts how many texts of rows that differ are broken, of how many rows, beyond those that were."""
    texts = [c for c in columns if change.contract.column(c).type == "string"]
    if not texts:
        return {}
    wanted = ", ".join(f"count(*) FILTER (WHERE {damaged(name(c))})" for c in texts)
    (was,), ((rows, *has),) = (
        con.execute(f"SELECT {', '.join([*more, wanted])} FROM {table}").fetchall()
        for more, table in (((), "was"), (("count(*)",), "has"))
    )
    more = {c: now - before for c, before, now in zip(texts, was, has, strict=True)}
    return {c: (_unusual(con, change, c, n), rows) for c, n in more.items()}


def _unusual(con: "DuckDBPyConnection", change: Change, column: str, broken: int) -> int:
    """`broken`; 0 where such texts were usual in the column all along."""
    if broken < TOO_MANY:
        return max(broken, 0)
    ((before, rows),) = con.execute(
        f"SELECT count(*) FILTER (WHERE {damaged(name(column))}), count(*) FROM {name(change.earlier)}"
    ).fetchall()
    return 0 if 100 * before > rows else broken
