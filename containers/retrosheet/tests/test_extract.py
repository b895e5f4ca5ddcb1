"""Which of Retrosheet's files are landed: those that the list of a season's teams tells of."""

import pytest
from extractor import Failure
from names import names_of
from upstream import plain

LIST = b"KC1,A,Kansas City,Athletics\r\nCHN,N,Chicago,Cubs\r\nKC1,A,Kansas City,Athletics\r\n"


@pytest.fixture(autouse=True)
def season(upstream) -> None:
    """1959 has two teams, one of which is listed twice; 1960 is not there."""
    files = {
        "TEAM1959": LIST,
        "1959KC1.EVA": b"id,a",
        "1959CHN.EVN": b"id,b",
        "1959.EDN": b"id,c",
        "GL1959.TXT": b"1959",
    }
    for name, body in {**files, "1959WS.EVE": b"id,d", "ALS1959.ROS": b"a,b,c"}.items():
        upstream.on(f"/seasons/1959/{name}", plain(200, body, ETag=f'"{name}"'))


ALL = {"TEAM1959", "1959KC1.EVA", "1959CHN.EVN", "1959.EDN", "GL1959.TXT", "1959WS.EVE", "ALS1959.ROS"}


def paths(upstream) -> list[str]:
    return sorted(path.rpartition("/")[2] for path, _ in upstream.seen)


def test_the_files_of_the_teams_that_a_list_names_are_landed(run, upstream) -> None:
    ended = run()
    assert (ended.code, ended.keys) == (0, dict.fromkeys(ALL, "new"))
    assert ended.seal["state"] == {"teams": {"1959": "KC1.A CHN.N"}}
    assert paths(upstream) == sorted({*ALL, "TEAM1960", "1959.EDA"})


def test_a_second_run_asks_for_all_of_it_conditionally_and_lands_nothing(run, upstream) -> None:
    first = run()
    for name in ALL:
        upstream.on(f"/seasons/1959/{name}", plain(304))
    upstream.seen.clear()
    second = run(first)
    assert second.keys == dict.fromkeys(ALL, "unchanged")
    assert second.seal["state"] == first.seal["state"]
    asked = {path.rpartition("/")[2]: headers.get("If-None-Match") for path, headers in upstream.seen}
    assert asked == {**{name: f'"{name}"' for name in ALL}, "TEAM1960": None, "1959.EDA": None}


def test_without_its_state_a_list_is_fetched_again_whole(run, upstream) -> None:
    first = run()
    upstream.seen.clear()
    second = run(first, state=None)
    assert second.seal["state"] == first.seal["state"]
    assert second.keys["TEAM1959"] == "unchanged"
    assert "If-None-Match" not in dict(upstream.seen)["/seasons/1959/TEAM1959"]


def test_what_upstream_lost_is_gone(run, upstream) -> None:
    first = run()
    upstream.on("/seasons/1959/1959KC1.EVA", plain(404))
    assert run(first).keys["1959KC1.EVA"] == "gone"


def test_a_game_log_may_have_its_name_in_lower_case(run, upstream) -> None:
    upstream.on("/seasons/1959/GL1959.TXT", plain(404))
    upstream.on("/seasons/1959/gl1959.txt", plain(200, b"1959"))
    assert set(run().keys) == (ALL - {"GL1959.TXT"}) | {"gl1959.txt"}


def test_one_that_fails_has_no_other_name(run, upstream) -> None:
    upstream.on("/seasons/1959/GL1959.TXT", plain(500))
    ended = run()
    assert (ended.code, set(ended.keys)) == (75, ALL - {"GL1959.TXT"})
    assert "gl1959.txt" not in paths(upstream)


def test_a_backfill_asks_for_the_seasons_of_its_interval(run, upstream) -> None:
    interval = {"start": "1959-07-01T00:00:00Z", "end": "1960-01-01T00:00:00Z"}
    assert set(run(interval=interval).keys) == ALL
    assert "TEAM1960" not in paths(upstream)
    assert run(interval={"start": "1961-01-01T00:00:00Z", "end": "1962-01-01T00:00:00Z"}).code == 64


def test_a_list_that_is_none_ends_the_run(run, upstream) -> None:
    upstream.on("/seasons/1959/TEAM1959", plain(200, b"Kansas City\n"))
    ended = run()
    assert (ended.code, ended.seal) == (65, None)
    assert "Kansas City" in ended.log[-1]["msg"]


def test_no_season_at_all_is_a_wrong_base(run) -> None:
    assert run(config={"seasons": {"from": 1961, "to": 1962}}).code == 69


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (64, {"feeds": {"roster": {"format": "text", "names": [{"name": "x"}]}}}),
        (78, {"feeds": {"team": {"format": "text"}}}),
        (78, {"config": {}}),
        (78, {"config": {"seasons": {"from": 1960, "to": 1959}}}),
    ],
    ids=["no lists", "no names", "no seasons", "seasons backwards"],
)
def test_a_wrong_declaration_is_told(run, upstream, code, changes) -> None:
    assert run(**changes).code == code
    assert upstream.seen == []


@pytest.mark.parametrize(
    "entry", [{}, {"name": "a", "form": 1}, {"name": "{place}"}, {"name": "{", "to": 1}, "a", {"name": 1}]
)
def test_a_wrong_template_is_told(entry) -> None:
    with pytest.raises(Failure, match=r"feeds\.event\.names"):
        names_of({"names": [entry]}, "event")
