"""Reviewed links: datasets/crosswalk/<kind>.csv says which source ids stand for the same entity, and why."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.errors import ConfigurationError

COLUMNS = ["source", "source_id", "scope", "same_as_source", "same_as_id", "evidence"]


@dataclass(frozen=True)
class Alias:
    """One reviewed row: this source's id is the same entity as that one's."""

    source: str
    source_id: str
    same_as_source: str
    same_as_id: str
    evidence: str


def read(home: Path) -> Mapping[str, tuple[Alias, ...]]:
    """All reviewed links by kind. A scoped row speaks of the id `name@scope` that mappings make of the name.

    Raises ConfigurationError for other columns than COLUMNS, a row without evidence, or an id that maps twice.
    """
    found: dict[str, tuple[Alias, ...]] = {}
    for path in sorted((home / "datasets" / "crosswalk").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if reader.fieldnames != COLUMNS:
                raise ConfigurationError(f"{path}: the columns are {reader.fieldnames}; {COLUMNS} are expected")
            found[path.stem] = tuple(_alias(path, row) for row in reader)
    return found


def _alias(path: Path, row: dict[str, str]) -> Alias:
    if not all(row[c] for c in COLUMNS if c != "scope"):
        raise ConfigurationError(f"{path}: the row {row} has an empty cell", hint="only scope may be empty")
    own = f"{row['source_id']}@{row['scope']}" if row["scope"] else row["source_id"]
    return Alias(row["source"], own, row["same_as_source"], row["same_as_id"], row["evidence"])
