"""Tables of a page that tests measure: each stands between two comments, and is written where a run asks for that."""

import os
from pathlib import Path

REWRITE = bool(os.environ.get("FIELDHOUSE_TEST_REWRITE"))
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


def write(table: str, heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write a table of the page, if FIELDHOUSE_TEST_REWRITE is set."""
    if not REWRITE:
        return
    lines = [heads, tuple("---" for _ in heads), *rows]
    told = "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)
    text = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {table} -->\n", f"<!-- end of {table} -->"
    before, rest = text.split(begin)
    PAGE.write_text(f"{before}{begin}\n{told}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")
