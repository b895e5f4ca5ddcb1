"""Archives that are read in place, and objects whose keys are no names: where records stand, and what is refused."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from fieldhouse import settings, sources
from fieldhouse.errors import ConfigurationError, DataError
from fieldhouse.stages.normalize import steps

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
max_file_bytes = 100000
[feeds.place]
format = "{format}"
packed = "zip"
members = "places_*.json"
[feeds.place.records.place]
path = "$[*].content.regions.*.places[*]"
[feeds.place.records.place.header]
member = "$[*].member"
region = "$[*].content.regions.*.name"
[feeds.place.records.place.fields]
name = {{ type = "text", pattern = "[A-Z].*" }}
[feeds.plain]
format = "json"
unread = ["licence"]
[feeds.plain.records.place]
path = "$.places.*"
[feeds.plain.records.place.header]
member = "$.title"
region = "$.title"
[feeds.plain.records.place.fields]
name = {{ type = "text" }}
"""
MAPPING = """
SELECT name AS venue_id, name, region AS city, member || ' ' || _at AS country, _record FROM raw
"""


@pytest.fixture
def toy(tmp_path: Path, world, monkeypatch: pytest.MonkeyPatch):
    """A source of archives; `land` lands files of it and gives the rows of core.venue and what was set aside."""
    folder = tmp_path / "home" / "containers" / "toy"
    (folder / "normalize" / "place").mkdir(parents=True)
    (folder / "normalize" / "place" / "core.venue.sql").write_text(MAPPING)
    (folder / "source.toml").write_text(SOURCE.format(format="json"))
    (tmp_path / "home" / "datasets").symlink_to(settings.home() / "datasets")
    monkeypatch.setenv("FIELDHOUSE_HOME", str(tmp_path / "home"))
    sources.load_all.cache_clear()
    made = world()

    def land(**files: object):
        made.land("toy", {f"{name.replace('__', '/')}": content for name, content in files.items()})
        receipt = made.normalize("toy")
        rows = made.rows(receipt, "toy/core.venue")
        return sorted((row["name"], row["city"], row["country"], row["_from_ordinal"]) for row in rows), receipt

    yield land
    sources.load_all.cache_clear()


def packed(**members: object) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, said in members.items():
            file.writestr(f"{name}.json", said if isinstance(said, str) else json.dumps(said))
    return content.getvalue()


def places(region: str, *names: str) -> dict[str, object]:
    return {"regions": {"7": {"name": region, "places": [{"name": name} for name in names]}}}


def test_the_members_of_an_archive_are_one_list_in_the_order_of_names(toy):
    rows, receipt = toy(place__a=packed(places_b=places("South", "C"), places_a=places("North", "A", "B"), other="[]"))
    assert rows == [
        ("A", "North", "places_a.json 0.0.0", 0),
        ("B", "North", "places_a.json 0.0.1", 1),
        ("C", "South", "places_b.json 1.0.0", 2),
    ]
    assert receipt.notes == ()


def test_values_of_an_object_are_records_in_their_order_and_known_fields_are_no_news(toy):
    content = {"title": "T", "licence": "-", "places": {"9": {"name": "X"}, "10": {"name": "Y"}}}
    rows, receipt = toy(plain__a=content)
    assert rows == [("X", "T", "T 0", 0), ("Y", "T", "T 1", 1)]
    assert receipt.notes == ()


def test_a_list_where_an_object_of_records_should_be_is_refused(toy):
    with pytest.raises(DataError, match=r"records at \$\.places\.\*"):
        toy(plain__a={"title": "T", "places": [{"name": "X"}]})


def test_a_text_that_does_not_fit_its_pattern_is_set_aside(toy):
    names = [f"A{n}" for n in range(200)]
    rows, receipt = toy(place__a=packed(places_a=places("North", *names, "low")))
    assert len(rows) == 200
    assert receipt.counts["set aside"] == 1


BROKEN = {
    "no archive": (b"PK\x03\x04 but no more", "no zip archive"),
    "cut": (packed(places_a=places("North", *"ABC"))[:-30], "no zip archive"),
    "a member that is not JSON": (packed(places_a='[{"regions"'), r"the member places_a\.json is not JSON"),
    "a member that leads out of its place in the list": (packed(places_a='{}},{"x":{}'), "is not JSON"),
    "no member of that name": (packed(other="[]"), r"no member is called places_\*\.json"),
    "a member that is too large": (packed(places_a=" " * 200_000), "max_file_bytes is 100000"),
    "members without records": (packed(places_a={"regions": []}), "no records"),
}


@pytest.mark.parametrize(("content", "reason"), BROKEN.values(), ids=BROKEN)
def test_an_archive_that_cannot_be_read_whole_is_refused_by_name(toy, content, reason):
    with pytest.raises(DataError, match=reason) as refused:
        toy(place__a=content)
    assert "place/a" in str(refused.value)


def test_an_archive_of_other_files_has_no_reader(toy, tmp_path: Path):
    path = tmp_path / "home" / "containers" / "toy" / "source.toml"
    path.write_text(SOURCE.format(format="csv"))
    with pytest.raises(ConfigurationError, match="an archive of csv files cannot be read"):
        sources.read(path)


@pytest.mark.parametrize(
    ("path", "levels"),
    [
        ("$", []),
        ("$.name", []),
        ("$.rounds[*].matches[*]", [".rounds[*]", ".matches[*]"]),
        ("$[*].teams.*.players[*].name", ["[*]", ".teams.*", ".players[*]"]),
        ("$.*", [".*"]),
    ],
)
def test_a_path_is_taken_apart_where_it_leads_through_many(path, levels):
    assert steps.levels(path) == levels
    assert steps.place(path, len(levels)) == "$" + "".join(levels)
