"""A lake that is no folder: the same rows from a bucket and over the web, and no more is fetched than is asked for."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from object_stores import S3, Asked, Serve

import fieldhouse as fh
from fieldhouse.errors import RefusedError
from fieldhouse.lake import open_store, releases


@dataclass(frozen=True)
class Remote:
    """A copy of the tests' lake elsewhere, and the requests that reached it since `forget`."""

    url: str
    asked: Callable[[], list[Asked]]
    forget: Callable[[], None]

    @property
    def parts(self) -> list[str]:
        """The datasets whose parts were fetched, once for each request."""
        return [asked.path.split("/parts/")[1].split("/")[0] for asked in self.asked() if "/parts/" in asked.path]


@pytest.fixture(params=["s3", "web"])
def remote(request: pytest.FixtureRequest, lake: Path) -> Remote:
    """The lake in a bucket, and behind a web server."""
    if request.param == "web":
        serve: Serve = request.getfixturevalue("serve")
        served = serve(lake)
        return Remote(served.url, lambda: served.asked, served.asked.clear)
    url: str = request.getfixturevalue("bucket")
    s3: S3 = request.getfixturevalue("s3")
    store, here = open_store(url), open_store(str(lake))
    for name in here.names(""):
        store.hint(name, here.get(name))
    s3.play()
    return Remote(url, s3.asked, s3.play)


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("football.standing", 1),
        *((name, None) for name in ("football.standing", "football.match_wide", "football.goal")),
    ],
)
def test_tables_are_those_of_the_folder(remote: Remote, name: str, release: int | None) -> None:
    import pandas as pd

    pd.testing.assert_frame_equal(fh.load(name, release, lake=remote.url), fh.load(name, release))


@pytest.mark.parametrize("engine", ["pandas", "arrow", "polars", "duckdb"])
def test_every_engine_reads_it(remote: Remote, engine: str) -> None:
    asked = {"seasons": "2009-10", "columns": ["match_id", "home_goals"], "engine": engine}
    assert len(fh.load("football.match_wide", lake=remote.url, **asked)) == 2


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("where", ["home_goals > 0", {"home_goals": [1, 2, 4]}])
def test_it_is_scanned(remote: Remote, engine: str, where: object) -> None:
    lazy = fh.scan("football.match_wide", where=where, engine=engine, lake=remote.url)
    rows = lazy.collect() if engine == "polars" else lazy.pl()
    assert sorted(rows["match_id"]) == ["m1", "m2", "m5"]


def test_it_is_queried(remote: Remote) -> None:
    query = "SELECT count(*) AS n, (SELECT count(*) FROM core.team_origin) AS origins FROM football.standing"
    assert fh.sql(query, lake=remote.url).to_dict("records") == [{"n": 8, "origins": 1}]


def test_it_is_described(remote: Remote) -> None:
    assert [d.name for d in fh.datasets(lake=remote.url)] == [d.name for d in fh.datasets()]
    assert fh.describe("core.team", lake=remote.url) == fh.describe("core.team")
    assert fh.releases(lake=remote.url) == fh.releases()
    assert remote.parts == []


def test_only_parts_that_can_hold_the_season_are_fetched_and_only_once(remote: Remote) -> None:
    parts = releases.read(open_store(remote.url)).datasets["football.match_wide"].parts
    assert len(parts) == 2
    for _ in range(2):
        fh.load("football.match_wide", seasons="2010-11", lake=remote.url)
    assert remote.parts == ["football.match_wide"]
    fh.load("football.match_wide", lake=remote.url)
    assert remote.parts == ["football.match_wide"] * 2


def test_only_tables_that_a_query_names_are_fetched(remote: Remote) -> None:
    fh.sql("SELECT count(*) FROM core.team", lake=remote.url)
    assert remote.parts == ["core.team"]


def test_a_table_that_was_read_before_costs_the_hint_and_the_manifest(remote: Remote) -> None:
    fh.load("core.team", lake=remote.url)
    remote.forget()
    fh.load("core.team", lake=remote.url)
    fh.load("core.team", release=2, lake=remote.url)
    manifest = "/releases/00000002.json"
    found = [(asked.method, asked.path[asked.path.index("/releases/") :]) for asked in remote.asked()]
    newest = [("GET", "/releases/latest")]
    if remote.url.startswith("s3"):
        probes = [("HEAD", manifest), ("HEAD", "/releases/00000003.json")]
    else:
        probes = [("GET", manifest), ("GET", "/releases/00000003.json")]
    assert found == [*newest, *probes, ("GET", manifest), ("GET", manifest)]


def test_a_release_that_is_not_there_is_named_with_the_newest(remote: Remote) -> None:
    with pytest.raises(fh.NotFound, match="no release 9") as caught:
        fh.datasets(9, lake=remote.url)
    assert "2" in str(caught.value)


def test_a_part_that_is_lost_is_told(remote: Remote, lake: Path, tmp_path: Path, serve: Serve) -> None:
    if remote.url.startswith("s3"):
        store = open_store(remote.url)
        store.delete(store.names("parts/core.team"))
        url = remote.url
    else:
        shutil.copytree(lake, tmp_path / "copy")
        shutil.rmtree(tmp_path / "copy" / "parts" / "core.team")
        url = serve(tmp_path / "copy").url
    with pytest.raises(fh.StorageError, match=r"parts/core.team/.* is missing"):
        fh.load("core.team", lake=url)


def test_what_says_no_is_said_in_our_words(s3: S3, bucket: str) -> None:
    s3.play({"status": "403 Forbidden", "body": "<Error><Code>AccessDenied</Code><Message>Not you</Message></Error>"})
    with pytest.raises(RefusedError, match="access is refused: AccessDenied: Not you"):
        fh.datasets(lake=bucket)
