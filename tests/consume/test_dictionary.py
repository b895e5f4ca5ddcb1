"""Dictionary pages: made from the contracts, checked in, current."""

import re
from pathlib import Path

import fieldhouse as fh
from fieldhouse import contracts
from fieldhouse.consume import dictionary

CHECKED_IN = Path(__file__).resolve().parents[2] / "docs" / "dictionary"


def test_the_checked_in_pages_are_current() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in CHECKED_IN.glob("*.md")}
    made = dictionary.pages()
    stale = sorted(name for name in {*found, *made} if found.get(name) != made.get(name))
    assert stale == [], "run `python -m fieldhouse.consume.dictionary`"


def test_every_column_is_on_the_page_of_its_dataset_with_type_and_meaning() -> None:
    made = dictionary.pages()
    for name, contract in contracts.load_all().items():
        for column in contract.columns:
            row = next(line for line in made[f"{name}.md"].splitlines() if line.startswith(f"| `{column.name}` |"))
            assert f"`{column.type}{'?' if column.null else ''}`" in row
            assert column.doc.replace("|", "\\|") in row


def test_links_of_the_pages_resolve() -> None:
    made = dictionary.pages()
    targets = {target for text in made.values() for target in re.findall(r"\]\(([^)]+)\)", text)}
    assert targets <= set(made)
    assert {f"{name}.md" for name in contracts.load_all()} <= targets


def test_writing_removes_the_pages_of_datasets_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "core.gone.md").write_text("")
    written = dictionary.write_pages(tmp_path / "")
    assert sorted(written) == sorted(tmp_path.iterdir())


def test_a_released_dataset_has_the_same_page_with_its_rows(lake: Path) -> None:
    page = fh.describe("core.team")._repr_markdown_()
    assert "| rows | 2, in release 2 (2020-01-02T06:00:00+00:00) |" in page
    assert "| from openfootball | CC0-1.0, openfootball |" in page
    assert "| `country` | `string?` |" in page
