"""A toy source, declared in a folder of its own: JSON (two shapes), CSV and Parquet, all into core.venue."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fieldhouse import contracts, settings, sources

SOURCE = """
name = "toy"
title = "Toys"
homepage = "-"
licence = "CC0-1.0"
attribution = "-"
owner = "-"
schedule = "0 0 * * *"
rank = 7
[extractor]
language = "shell"
[limits]
max_drift = {max_drift}
[feeds.place]
format = "json"
buckets = 2
[feeds.place.records.place]
path = ["$.places[*]", "$.regions[*].places[*]"]
[feeds.place.records.place.header]
region = "$.regions[*].name"
[feeds.place.records.place.passed_over]
"not a place" = "name = 'nowhere'"
[feeds.place.records.place.fields]
name = {{ type = "text" }}
size = {{ type = "integer", null = true }}
opened = {{ type = "date", null = true }}
city = {{ type = "text", at = ["city", "city.name"], null = true }}
range = {{ type = "integers", length = 2, null = true }}
kind = {{ type = "text", null = true, values = ["hall", "field"] }}
[feeds.ground]
format = "csv"
[feeds.ground.records.ground.fields]
name = {{ type = "text" }}
city = {{ type = "text", null = true, nulls = ["NA"] }}
size = {{ type = "integer", null = true, nulls = ["NA"] }}
[feeds.stand]
format = "parquet"
[feeds.stand.records.stand.fields]
name = {{ type = "text" }}
city = {{ type = "text", null = true, nulls = ["NA"] }}
"2B" = {{ type = "integer", null = true }}
area = {{ type = "number", null = true }}
opened = {{ type = "date", null = true }}
roofed = {{ type = "boolean", null = true }}
"""
MAPPING = """
SELECT
  name || '#' || _key || '#' || _ordinal AS venue_id,
  name,
  city,
  {country} AS country,
  _record
FROM raw
"""
#: What a mapping shows of the fields besides name and city.
COUNTRY = {
    "place": "concat_ws(' ', region, size, opened, range)",
    "ground": "size::VARCHAR",
    "stand": "concat_ws(' ', \"2B\", area, opened, roofed)",
}
CORRECTIONS = "rule,feed,records,selector,field,was,action,becomes,reason,evidence\n"


class Toy:
    """The toy source's lake and declaration."""

    def __init__(self, home: Path, made) -> None:
        self.home, self.world = home, made
        self.folder = home / "containers" / "toy"
        for records, country in COUNTRY.items():
            path = self.folder / "normalize" / records / "core.venue.sql"
            path.parent.mkdir(parents=True)
            path.write_text(MAPPING.format(country=country), encoding="utf-8")
        (home / "datasets").symlink_to(Path(contracts.__file__).parents[2] / "datasets")
        self.declare()

    def declare(self, max_drift: float = 1.0, corrections: str = "") -> None:
        """Write the declaration, with a tolerance and rows of corrections.csv."""
        (self.folder / "source.toml").write_text(SOURCE.format(max_drift=max_drift), encoding="utf-8")
        (self.folder / "corrections.csv").write_text(CORRECTIONS + corrections, encoding="utf-8")
        sources.load_all.cache_clear()

    def normalize(self, files: dict[str, object], run: str = "r1"):
        """Land the files and normalize; the receipt."""
        self.world.land("toy", files)
        return self.world.normalize("toy", run)

    def venues(self, receipt) -> list[tuple]:
        """Name, city and the rest of the rows that were made, in order of their records."""
        rows = self.world.rows(receipt, "toy/core.venue")
        rows.sort(key=lambda r: (r["_from_feed"], r["_from_key"], r["_from_ordinal"]))
        return [(r["name"], r["city"], r["country"]) for r in rows]

    def aside(self, receipt) -> list[dict]:
        """What was set aside."""
        return self.world.rows(receipt, "toy/aside")

    def account(self, receipt) -> dict[tuple[str, str], int]:
        """Records per outcome and rule."""
        return {(r["outcome"], r["rule"]): r["count"] for r in self.world.rows(receipt, "toy/core.account")}


@pytest.fixture
def toy(tmp_path: Path, world: Callable, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    """The toy source with an empty lake; it bears any drift."""
    monkeypatch.setenv("FIELDHOUSE_HOME", str(tmp_path / "home"))
    made = Toy(tmp_path / "home", world())
    contracts.load_all.cache_clear()
    assert settings.home() == made.home
    yield made
    sources.load_all.cache_clear()
    contracts.load_all.cache_clear()
