"""docs/conformance.md has a row for each check, under its level, with what it proves."""

from pathlib import Path

from fieldhouse.kit.checks import CHECKS
from fieldhouse.kit.verdicts import LEVELS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"


def test_every_check_is_documented_under_its_level() -> None:
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in PAGE.read_text().splitlines()]
    level, found = "", []
    for row in rows:
        if len(row) == 3 and row[1] == "proves":
            level = row[0]
        elif len(row) == 3 and level and not row[0].startswith("-"):
            found.append((row[0], level, row[1]))
    assert found == [(c.name, c.level, c.proves) for level in LEVELS for c in CHECKS if c.level == level]
