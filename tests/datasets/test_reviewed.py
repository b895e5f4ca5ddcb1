"""The reviewed tables that no feed has: they parse, are sorted, and never contradict themselves."""

import csv
import re
import tomllib
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CROSSWALK = ROOT / "datasets" / "crosswalk"
FOOTBALL = ROOT / "datasets" / "football"
LOOKUP = ROOT / "containers" / "openfootball" / "lookup"

LINKS = ["competition", "person", "team", "venue"]
LINK_COLUMNS = ["source", "source_id", "scope", "same_as_source", "same_as_id", "evidence"]
SOURCES = {"openfootball", "international_results", "wyscout"}
SCOPE = re.compile(r"|[a-z0-9.]+/\d{4}(-\d{2})?|\d{4}-(\d{4})?|-\d{4}")
SEASON = re.compile(r"\d{4}(-\d{2})?")
TIE_BREAKERS = {
    "goal_difference",
    "goals_for",
    "won",
    "away_goals_for",
    "head_to_head_points",
    "head_to_head_goal_difference",
    "head_to_head_goals_for",
    "head_to_head_away_goals_for",
}

FACTS = ["adjustment", "rule", "ruling"]
TABLES = [
    *(CROSSWALK / f"{name}.csv" for name in LINKS),
    *(FOOTBALL / f"{name}.csv" for name in FACTS),
    LOOKUP / "country.csv",
    LOOKUP / "competition.csv",
]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _links(name: str) -> list[dict[str, str]]:
    return _rows(CROSSWALK / f"{name}.csv")


def _codes(column: str) -> list[str]:
    return [row[column] for row in _rows(LOOKUP / "country.csv") if row[column]]


@pytest.mark.parametrize("path", TABLES, ids=_name)
def test_a_table_is_plain_csv_quoted_only_where_needed(path: Path, tmp_path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    again = tmp_path / "again.csv"
    with again.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    assert path.read_bytes() == again.read_bytes()
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in rows for cell in row if cell != cell.strip()] == []


@pytest.mark.parametrize("name", FACTS)
def test_facts_have_the_columns_of_their_contract(name: str) -> None:
    contract = tomllib.loads((FOOTBALL / f"{name}.toml").read_text(encoding="utf-8"))
    columns = contract["columns"]
    for row in _rows(FOOTBALL / f"{name}.csv"):
        assert list(row) == list(columns)
        assert [key for key, value in row.items() if not value and not columns[key].get("null")] == []


@pytest.mark.parametrize("name", FACTS)
def test_facts_are_sorted_by_their_grain_and_name_each_thing_once(name: str) -> None:
    contract = tomllib.loads((FOOTBALL / f"{name}.toml").read_text(encoding="utf-8"))
    keys = [tuple(row[column] for column in contract["grain"]) for row in _rows(FOOTBALL / f"{name}.csv")]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("name", ["country", "competition"])
def test_lookups_are_sorted_by_code_and_name_each_code_once(name: str) -> None:
    codes = [row["code"] for row in _rows(LOOKUP / f"{name}.csv")]
    assert codes == sorted(set(codes))


def test_every_country_code_has_a_country_and_a_prefix_names_one() -> None:
    """Chile has no prefix: in this source `cl` is the Champions League."""
    rows = _rows(LOOKUP / "country.csv")
    assert "cl" not in _codes("prefix")
    assert [row for row in rows if not re.fullmatch(r"[A-Z]{3}", row["code"]) or not row["country"]] == []
    assert [prefix for prefix, count in Counter(_codes("prefix")).items() if count > 1] == []


def test_every_competition_has_a_kind_and_a_league_a_country_of_its_prefix() -> None:
    known = _codes("country")
    countries = {row["prefix"]: row["country"] for row in _rows(LOOKUP / "country.csv") if row["prefix"]}
    for row in _rows(LOOKUP / "competition.csv"):
        assert row["name"]
        assert row["kind"] in {"league", "cup", "tournament"}
        prefix = row["code"].split(".")[0]
        if row["kind"] == "league":
            assert row["country"] in known
        if prefix in countries:
            assert row["country"] == countries[prefix]


@pytest.mark.parametrize("name", LINKS)
def test_links_are_sorted_and_carry_evidence(name: str) -> None:
    rows = _links(name)
    assert [list(row) for row in rows[:1]] == [LINK_COLUMNS]
    keys = [(row["source"], row["source_id"], row["scope"]) for row in rows]
    assert keys == sorted(keys)
    for row in rows:
        assert {row["source"], row["same_as_source"]} <= SOURCES
        assert SCOPE.fullmatch(row["scope"])
        assert row["source_id"]
        assert row["same_as_id"]
        assert len(row["evidence"]) > 8


@pytest.mark.parametrize("name", LINKS)
def test_an_id_means_one_thing_in_one_scope(name: str) -> None:
    counts = Counter((row["source"], row["source_id"], row["scope"]) for row in _links(name))
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("name", LINKS)
def test_no_id_is_the_same_as_itself_and_no_two_rows_go_round(name: str) -> None:
    following = {
        (row["source"], row["source_id"]): (row["same_as_source"], row["same_as_id"])
        for row in _links(name)
        if not row["scope"]
    }
    for start in following:
        seen = {start}
        node = start
        while node in following:
            node = following[node]
            assert node not in seen, f"{name}: {start} comes back to {node}"
            seen.add(node)


def test_links_of_teams_never_cross_the_countries_of_their_suffixes() -> None:
    """A club of one country is not that of another; Monaco plays in France, Wales' clubs in England."""
    allowed = {"MCO": "FRA", "WAL": "ENG", "LIE": "SUI"}
    found = defaultdict(set)
    for row in _links("team"):
        for side in ("source_id", "same_as_id"):
            suffix = re.search(r" \(([A-Z]{3})\)$", row[side])
            if suffix:
                found[row["same_as_id"]].add(allowed.get(suffix[1], suffix[1]))
    assert {target: codes for target, codes in found.items() if len(codes) > 1} == {}
    assert {code for codes in found.values() for code in codes} <= set(_codes("code"))


def _cluster(name: str) -> str:
    following = {
        row["source_id"]: row["same_as_id"]
        for row in _links("team")
        if row["source"] == row["same_as_source"] == "openfootball" and not row["scope"]
    }
    while name in following:
        name = following[name]
    return name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Austria Salzburg", "RB Salzburg"),
        ("Austria Wien", "Austria Wien II"),
        ("Bayern München", "Bayern München II"),
        ("Botafogo RJ", "Botafogo SP"),
        ("Club Nacional (PAR)", "Club Nacional de Football (URU)"),
        ("Forest Green Rovers", "Nottingham Forest"),
        ("Real Madrid", "Real Madrid Castilla"),
        ("Sevilla FC", "Sevilla Atlético"),
        ("FC Barcelona", "FC Barcelona B"),
        ("Sporting Braga", "Sporting CP"),
        ("Sporting Gijón", "Sporting CP"),
        ("West Brom", "West Ham"),
        ("AC Ajaccio", "Gazélec Ajaccio"),
        ("Paris FC", "Paris Saint-Germain"),
        ("Qingdao Huanghai", "Qingdao Hainiu"),
    ],
)
def test_clubs_that_look_alike_stay_apart(one: str, other: str) -> None:
    assert _cluster(one) != _cluster(other)


def test_two_players_of_one_country_half_a_century_apart_stay_apart() -> None:
    ids = {row["source_id"] for row in _links("person")} | {row["same_as_id"] for row in _links("person")}
    assert not {"Brazil|Gerson"} & ids


def test_adjustments_are_numbered_from_one_and_change_something() -> None:
    ordinals = defaultdict(list)
    for row in _rows(FOOTBALL / "adjustment.csv"):
        ordinals[row["competition"], row["season"], row["team_id"]].append(int(row["ordinal"]))
        assert int(row["points"]) != 0
    assert [key for key, numbers in ordinals.items() if numbers != list(range(1, len(numbers) + 1))] == []


@pytest.mark.parametrize("name", ["adjustment", "ruling"])
def test_facts_name_a_known_competition_a_season_a_team_and_a_decision(name: str) -> None:
    known = {row["code"] for row in _rows(LOOKUP / "competition.csv")}
    for row in _rows(FOOTBALL / f"{name}.csv"):
        assert row["competition"] in known
        assert SEASON.fullmatch(row["season"])
        assert [row[key] for key in row if key.endswith("team_id") and ":" not in row[key]] == []
        assert len(row["reference"]) > 8
        assert "http" not in row["reference"]


def test_what_was_decided_in_a_season_was_decided_in_its_span() -> None:
    for row in _rows(FOOTBALL / "adjustment.csv"):
        if row["decided_on"]:
            first = int(row["season"][:4])
            assert date(first, 7, 1) <= date.fromisoformat(row["decided_on"]) < date(first + 1, 9, 1)


def test_deductions_of_known_seasons() -> None:
    totals: Counter[tuple[str, str, str]] = Counter()
    for row in _rows(FOOTBALL / "adjustment.csv"):
        name = row["team_id"].partition(":")[2]
        totals[row["competition"], row["season"], name] += int(row["points"])
    assert totals["en.1", "2023-24", "Everton FC"] == -8
    assert totals["en.2", "2020-21", "Sheffield Wednesday FC"] == -6
    assert totals["en.2", "2021-22", "Derby County FC"] == -21
    assert totals["en.3", "2019-20", "Bolton Wanderers"] == -12
    assert totals["en.4", "2019-20", "Macclesfield Town"] == -17
    assert totals["it.1", "2022-23", "Juventus FC"] == -10
    assert totals["at.1", "2013-14", "FC Admira Wacker"] == -5
    assert totals["gr.1", "2019-20", "PAOK Saloniki"] == 0


def test_rules_of_one_competition_do_not_overlap() -> None:
    spans = defaultdict(list)
    for row in _rows(FOOTBALL / "rule.csv"):
        assert row["first_season"] <= row["last_season"]
        spans[row["competition"]].append((row["first_season"], row["last_season"]))
    for competition, found in spans.items():
        found.sort()
        overlaps = [(one, two) for one, two in pairwise(found) if two[0] <= one[1]]
        assert overlaps == [], competition


def test_rules_are_for_known_leagues_and_one_holds_for_all_others() -> None:
    rows = _rows(FOOTBALL / "rule.csv")
    leagues = {row["code"] for row in _rows(LOOKUP / "competition.csv") if row["kind"] == "league"}
    assert {row["competition"] for row in rows} <= leagues | {"*"}
    (general,) = [row for row in rows if row["competition"] == "*"]
    assert (general["first_season"], general["last_season"]) == ("0000", "9999")
    assert (general["points_win"], general["points_draw"], general["ranked_by"]) == ("3", "1", "points")


def test_tie_breakers_are_known_ones_and_each_stands_once() -> None:
    for row in _rows(FOOTBALL / "rule.csv"):
        named = row["tie_breakers"].split(";")
        assert set(named) <= TIE_BREAKERS
        assert len(named) == len(set(named))
        among_level = [n for n, name in enumerate(named) if name.startswith("head_to_head_")]
        assert all(b == a + 1 for a, b in pairwise(among_level)), "head-to-head criteria stand together"
        assert row["ranked_by"] in {"points", "points_per_game"}


def test_seasons_that_were_stopped_are_ranked_by_points_per_game() -> None:
    stopped = {
        (row["competition"], row["first_season"], row["last_season"])
        for row in _rows(FOOTBALL / "rule.csv")
        if row["ranked_by"] == "points_per_game"
    }
    assert stopped == {(code, "2019-20", "2019-20") for code in ("en.3", "en.4", "fr.1", "fr.2", "sco.1")}
