"""The data dictionary: one Markdown page a dataset, and an index of them, made from the contracts.

`python -m fieldhouse.consume.dictionary` writes all of them to docs/dictionary/.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from fieldhouse import contracts as declared
from fieldhouse import settings
from fieldhouse.consume.described import Description, Meaning, notice
from fieldhouse.contracts import Column, Contract

Described: TypeAlias = Contract | Description

INDEX = "README.md"
_FILLED = {
    "sources": "every source that has a mapping of this name",
    "reviewed": "a reviewed CSV beside its contract",
    "conform": "the pipeline, when it joins what the sources say",
}
_NOTE = "All pages are made from the contracts: `python -m fieldhouse.consume.dictionary` makes them anew."


def page(dataset: Described, used_by: Iterable[str] = ()) -> str:
    """The page of a dataset, declared or released; `used_by` are the datasets that reference it."""
    lines = [
        f"# {dataset.name}",
        "",
        f"**{_cell(dataset.title)}.** {_cell(dataset.doc)}",
        "",
        *_table(("", ""), _facts(dataset, list(used_by))),
        "",
        *_table(("column", "type", "unit", "meaning"), (_row(column) for column in dataset.columns)),
        "",
        "A type with `?` can be null: null means not known.",
        "",
        "```python",
        f'fh.load("{dataset.name}"{_seasons(dataset)})',
        "```",
    ]
    return "\n".join(lines) + "\n"


def _seasons(dataset: Described) -> str:
    kind = next((column.type for column in dataset.columns if column.name == "season"), "")
    return {"string": ', seasons="2014-15"', "": ""}.get(kind, ", seasons=2014")


def _facts(dataset: Described, used_by: list[str]) -> Iterable[tuple[str, str]]:
    yield "layer", dataset.layer
    yield "version", dataset.version
    yield "one row a", _names(dataset.grain)
    if isinstance(dataset, Description):
        yield "in order of", _names(dataset.sort)
        yield from (
            (f"copy {copy.name}", f"in order of {_names(copy.sort)}: {_cell(copy.doc)}") for copy in dataset.copies
        )
        yield "rows", f"{dataset.rows:,}, in release {dataset.release} ({dataset.time})"
        yield from ((f"from {name}", _cell(notice(told))) for name, told in sorted(dataset.licences.items()))
        return
    yield "in order of", _names(dataset.order)
    if dataset.partition:
        yield "one file a decade of", _names((dataset.partition,))
    for copy in dataset.copies:
        yield f"copy {copy.name}", f"in order of {_names(copy.sort)}, read where that is filtered by: {_cell(copy.doc)}"
    yield "filled by", _FILLED[dataset.filled_by] if dataset.layer == "normalized" else "SQL over other datasets"
    yield "licence", _cell(dataset.licence) or "those of the sources of a release: `fh.describe` names them"
    if used_by:
        yield "referenced by", ", ".join(map(_link, used_by))


def _row(column: Column | Meaning) -> tuple[str, str, str, str]:
    kind = f"{column.type}{'?' if column.null else ''}"
    meaning = [_cell(column.doc), f"→ {_link(column.references)}" if column.references else ""]
    if isinstance(column, Column):
        meaning += [*_limits(column), "Personal data." if column.pii else ""]
    return f"`{column.name}`", f"`{kind}`", _cell(column.unit), " ".join(filter(None, meaning))


def _limits(column: Column) -> Iterable[str]:
    if column.values:
        yield f"One of {', '.join(f'`{value}`' for value in column.values)}."
    if column.range:
        yield f"From {column.range[0]:,} to {column.range[1]:,}."
    if column.pattern:
        yield f"Matches `{_cell(column.pattern)}`."


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def _link(dataset: str) -> str:
    return f"[{dataset}]({dataset}.md)"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]


def index(contracts: Mapping[str, Contract]) -> str:
    """The page that lists all datasets, by domain."""
    lines = [
        "# Data dictionary",
        "",
        "Every dataset with its columns: what they mean, their types and units.",
        _NOTE,
        "",
    ]
    for domain in sorted({contract.domain for contract in contracts.values()}):
        found = [contract for contract in contracts.values() if contract.domain == domain]
        rows = [(_link(c.name), _cell(c.title), c.layer, _names(c.grain)) for c in found]
        lines += [f"## {domain}", "", *_table(("dataset", "title", "layer", "one row a"), rows), ""]
    return "\n".join(lines)


def pages(contracts: Mapping[str, Contract] | None = None) -> dict[str, str]:
    """All pages by file name: one a contract (default: those declared), and the index."""
    found = declared.load_all() if contracts is None else contracts
    used: dict[str, list[str]] = {}
    for contract in found.values():
        for target in sorted({column.references for column in contract.columns if column.references}):
            used.setdefault(target, []).append(contract.name)
    return {f"{n}.md": page(c, used.get(n, ())) for n, c in found.items()} | {INDEX: index(found)}


def write_pages(folder: Path) -> list[Path]:
    """Write all pages to `folder` and remove those of datasets that are gone; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {folder / name: text for name, text in pages().items()}
    for stale in set(folder.glob("*.md")) - set(made):
        stale.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return list(made)


if __name__ == "__main__":
    write_pages(settings.home() / "docs" / "dictionary")
