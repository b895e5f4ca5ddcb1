"""The pages of a release: what they say is what the release says, wherever their texts come from."""

import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import pytest
from demo_lake import process

import fieldhouse as fh
from fieldhouse import site
from fieldhouse.errors import StorageError, UsageError

HOSTILE = "<script>alert(1)</script>"


def every(pages: Path) -> list[Path]:
    return sorted(pages.rglob("*.html"))


def test_the_same_release_gives_the_same_bytes(lake: Path, pages: Path, tmp_path: Path) -> None:
    again = site.write(tmp_path / "again", lake=lake).folder
    files = {path.relative_to(pages): path.read_bytes() for path in pages.rglob("*") if path.is_file()}
    assert files == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}


@pytest.mark.parametrize("which", ["pages", "hostile_pages"])
def test_all_links_resolve(which: str, request: pytest.FixtureRequest, read) -> None:
    assert follow(request.getfixturevalue(which), read) > 1000


@pytest.mark.feeds
def test_all_links_of_the_real_feeds_resolve(real_lake: Path, tmp_path: Path, read) -> None:
    assert follow(site.write(tmp_path / "site", lake=real_lake).folder, read) > 1000


def follow(pages: Path, read) -> int:
    """Follow all links of all pages within the site; how many there are."""
    parsed = {path: read(path) for path in every(pages)}
    followed = 0
    for path, page in parsed.items():
        for link in page.links:
            if link.startswith("https://"):
                continue
            target, fragment = urldefrag(link)
            there = (path.parent / target).resolve() if target else path
            assert there.is_file(), f"{path.name}: {link}"
            assert not fragment or fragment in parsed[there].ids, f"{path.name}: {link}"
            followed += 1
    return followed


def test_pages_ask_nothing_of_others_and_hold_no_script_or_style(pages: Path, read) -> None:
    for path in every(pages):
        page = read(path)
        policy = [given["content"] for tag, given in page.tags if given.get("http-equiv") == "Content-Security-Policy"]
        assert "default-src 'none'" in policy[0]
        assert "unsafe" not in policy[0]
        assert not [tag for tag, given in page.tags if "style" in given or any(n.startswith("on") for n in given)]
        assert not re.search(r"<style|<script(?! src=)", path.read_text(encoding="utf-8"))
        assert not [
            given for tag, given in page.tags if tag != "a" and "//" in (given.get("src") or given.get("href") or "")
        ]
        assert len(page.ids) == len(set(page.ids)), f"{path.name}: {sorted(page.ids)}"


def test_ls_describe_and_the_site_say_the_same(lake: Path, pages: Path, read) -> None:
    index = read(pages / "index.html").words
    listed = process("ls", "--json", "--lake", lake).json["datasets"]
    assert len(listed) == len(list((pages / "datasets").iterdir()))
    for told in listed:
        assert f"{told['name']} {told['title']} {told['layer']} {told['rows']:,}" in index
        described, page = fh.describe(told["name"], lake=lake), read(pages / "datasets" / f"{told['name']}.html").words
        assert described.doc.split("\n")[0] in page
        for column in described.columns:
            key = " key" if column.name in described.grain else ""
            row = f"{column.name}{key} {column.type}{'?' if column.null else ''} {column.unit} {column.doc}"
            assert " ".join(row.split()) in page
        for name, licence in described.licences.items():
            landed = str(described.inputs[name]["time"])[:16].replace("T", " ")
            assert f"Landed {landed} UTC, 0.0 days before the release." in page
            assert f"{name} : {licence['licence']}" in page or f"{name}: {licence['licence']}" in page


def test_a_page_counts_rows_by_season_and_nulls_as_the_table_has_them(lake: Path, pages: Path, read) -> None:
    rows = fh.load("baseball.player_season", lake=lake)
    page = read(pages / "datasets" / "baseball.player_season.html").words
    for season, count in rows.groupby("season").size().items():
        assert f"{season} {count:,}" in page
    nulls = 100 * rows["salary"].isna().mean()
    assert 0.1 < nulls < 99.9
    assert re.search(rf"salary int64\? USD [^%]*? {nulls:.1f}".removesuffix(".0") + " %", page)


def test_a_table_without_a_season_is_counted_by_that_of_its_matches(pages: Path, read) -> None:
    words = read(pages / "datasets" / "core.participation.html").words
    assert "Rows by year of the match" in words
    assert "Rows by season" in read(pages / "datasets" / "core.phase.html").words


@pytest.mark.parametrize("dataset", ["football.standing", "baseball.player_season", "core.team"])
def test_the_lines_that_load_a_dataset_do(
    dataset: str, lake: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDHOUSE_LAKE", str(lake))
    text = (pages / "datasets" / f"{dataset}.html").read_text(encoding="utf-8")
    python, sql = (html.unescape(code) for code in re.findall(r"<code>((?:import|SELECT)[^<]*)</code>", text))
    names: dict[str, object] = {}
    exec(python, names)
    assert len(python.splitlines()) == 2
    assert len(names["rows"]) == len(fh.sql(sql, release=1)) > 0


def test_a_check_that_does_not_hold_shows_its_rows_and_the_way_to_raw_records(lake: Path, pages: Path, read) -> None:
    page = read(pages / "datasets" / "baseball.salary.html")
    assert "warning work_is_paid A salary is more than nothing. It does not hold for 1 row." in page.words
    person = re.search(r"trace baseball.salary '([^']+)'", page.words)[1].split("|")[0]
    assert f"{person} 1999 team-" in page.words
    traced = process(
        "trace", "baseball.salary", re.search(r"trace baseball.salary '([^']+)'", page.words)[1], "--lake", lake
    )
    assert traced.code == 0
    assert "lahman/salary" in traced.out


def test_what_upstream_says_is_never_markup(hostile_pages: Path, read) -> None:
    wide = (hostile_pages / "datasets" / "football.match_wide.html").read_text(encoding="utf-8")
    assert html.escape(HOSTILE) in wide
    for path in every(hostile_pages):
        assert HOSTILE not in path.read_text(encoding="utf-8")
    assert "</script" not in (hostile_pages / "assets" / "index.js").read_text(encoding="utf-8")


@pytest.fixture
def forged(hostile_lake: Path, tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], None]], Path]:
    """Copies the hostile lake, with the manifest of its newest release changed."""

    def forge(edit: Callable[[dict[str, Any]], None]) -> Path:
        shutil.copytree(hostile_lake, tmp_path / "lake")
        manifest = tmp_path / "lake" / "releases" / "00000002.json"
        release = json.loads(manifest.read_bytes())
        edit(release)
        manifest.write_text(json.dumps(release))
        return tmp_path / "lake"

    return forge


def test_only_an_address_of_the_web_becomes_a_link(forged: Callable[..., Path], tmp_path: Path, read) -> None:
    lake = forged(lambda release: release["licences"]["openfootball"].update(homepage="javascript:alert(1)"))
    page = read(site.write(tmp_path / "site", lake=lake).folder / "sources" / "openfootball.html")
    assert "javascript:alert(1)" in page.words
    assert not [link for link in page.links if "javascript" in link]


@pytest.mark.parametrize("name", ["../../evil", "core/team", "", ".hidden", "core.team\n"])
def test_a_manifest_names_no_file_outside_of_the_site(name: str, forged: Callable[..., Path], tmp_path: Path) -> None:
    def edit(release: dict[str, Any]) -> None:
        release["datasets"][name] = {**release["datasets"].pop("core.team"), "name": name}

    lake = forged(edit)
    with pytest.raises(StorageError, match="is no name"):
        site.write(tmp_path / "site", lake=lake)
    assert not (tmp_path / "site").exists()


def test_without_the_extra_somebody_is_told_what_to_install(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldhouse.site.rendering.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="Jinja is not installed") as raised:
        site.write(tmp_path / "site", lake=lake)
    assert "fieldhouse[site]" in raised.value.hint


def test_release_notes_say_what_changed_and_why(hostile_pages: Path, hostile_lake: Path, read) -> None:
    told = process("release", "diff", "1", "2", "--json", "--lake", hostile_lake).json["datasets"]
    notes = read(hostile_pages / "notes.html").words
    assert {"football.match_wide", "football.standing"} <= {item["dataset"] for item in told}
    for item in told:
        assert (
            f"{item['dataset']} {item['added']:,} added {item['removed']:,} removed {item['changed']:,} changed"
            in notes
        )
    assert "upstream correction" in notes
    assert "lahman has never landed and is left out" in notes


def test_the_first_release_and_one_whose_parent_is_forgotten_have_notes_too(
    hostile_lake: Path, pages: Path, tmp_path: Path, read
) -> None:
    assert "is the first" in read(pages / "notes.html").words
    shutil.copytree(hostile_lake, tmp_path / "lake")
    (tmp_path / "lake" / "releases" / "00000001.json").unlink()
    made = site.write(tmp_path / "site", lake=tmp_path / "lake")
    assert "was forgotten" in read(made.folder / "notes.html").words


def test_a_source_says_what_became_of_its_records(lake: Path, pages: Path, read) -> None:
    page = read(pages / "sources" / "openfootball.html").words
    accounts = process("release", "show", "--json", "--lake", lake).json["accounts"]
    used = sum(a["records"] for a in accounts if a["source"] == "openfootball" and a["outcome"] == "used")
    assert f"league {used:,} 0 0" in page
    assert "licence CC0-1.0" in page
    assert "stale from 2 days on" in page


def test_the_index_of_the_search_knows_every_column(lake: Path, pages: Path) -> None:
    script = (pages / "assets" / "index.js").read_text(encoding="ascii")
    entries = json.loads(script.removeprefix("globalThis.fieldhouseIndex = ").rstrip(";\n"))
    names = {(entry["kind"], entry["name"]) for entry in entries}
    for dataset in fh.datasets(lake=lake):
        assert ("dataset", dataset.name) in names
        for column in fh.describe(dataset.name, lake=lake).columns:
            assert ("column", f"{dataset.name}.{column.name}") in names
