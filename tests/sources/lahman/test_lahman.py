"""Quirks of Lahman's tables, each on a few rows; numbers are those of the list of quirks that was made by profiling."""

import datetime as dt

import pytest

from fieldhouse import sources
from fieldhouse.extract.http.values import rows


def team(year: int, code: str, franchise: str, name: str, **more: object) -> dict:
    return {"yearID": year, "teamID": code, "franchID": franchise, "name": name, **more}


def batting(player: str, year: int, stint: int, code: str, **more: object) -> dict:
    return {"playerID": player, "yearID": year, "stint": stint, "teamID": code, **more}


PEOPLE = [
    {"playerID": "early01", "nameFirst": "Ed", "nameLast": "Early", "nameGiven": "Edward", "birthYear": 1850},
    {"playerID": "alcan01", "nameFirst": "Sergio", "nameLast": "Alcántara", "birthYear": 1996, "birthMonth": 7},
    {
        "playerID": "ramir02",
        "nameFirst": "Manny",
        "nameLast": "Ramirez",
        "birthYear": 1972,
        "birthMonth": 5,
        "birthDay": 30,
    },
    {"playerID": "sulli01", "nameFirst": "John", "nameLast": "Sullivan", "birthYear": 1870},
    {"playerID": "sulli02", "nameFirst": "John", "nameLast": "Sullivan", "birthYear": 1870},
    {"playerID": "judge01", "nameFirst": "Aaron", "nameLast": "Judge", "deathMonth": 0, "deathDay": 0},
    {"playerID": "davis01", "nameLast": "Davis"},
    {"playerID": "altro01", "nameFirst": "Nick", "nameLast": "Altrock"},
    {"playerID": "leap01", "nameLast": "Leap", "birthYear": 1900, "birthMonth": 2, "birthDay": 30},
]
FEEDS = {
    "lahman": {
        "person/People.parquet": PEOPLE,
        "franchise/TeamsFranchises.parquet": [
            {"franchID": "BNA", "franchName": "Boston Red Stockings", "active": None},
            {"franchID": "WAS", "franchName": "Washington Senators", "active": "N"},
            {"franchID": "WSN", "franchName": "Washington Nationals", "active": "Y"},
            {"franchID": "OAK", "franchName": "Oakland Athletics", "active": "Y"},
            {"franchID": "LAD", "franchName": "Los Angeles Dodgers", "active": "Y"},
            {"franchID": "BOS", "franchName": "Boston Red Sox", "active": "Y"},
        ],
        "team/Teams.parquet": [
            team(1875, "BS1", "BNA", "Boston Red Stockings", G=82, W=71, L=8),
            team(1886, "SL4", "OAK", "St. Louis Browns", lgID="AA", WSWin="Y"),
            team(1891, "WAS", "WAS", "Washington Statesmen", lgID="AA", divID=None, Rank=9),
            team(1945, "PHA", "OAK", "Philadelphia Athletics", lgID="AL", attendance=None),
            team(2016, "OAK", "OAK", "Oakland Athletics", lgID="AL", divID="W", G=162, W=69, L=92, WSWin="N"),
            team(2020, "WAS", "WSN", "Washington Nationals", lgID="NL", divID="E", Rank=4, attendance=0),
            team(2020, "OAK", "OAK", "Oakland Athletics", divID="W", attendance=0),
            team(2008, "BOS", "BOS", "Boston Red Sox", lgID="AL"),
            team(2008, "LAN", "LAD", "Los Angeles Dodgers", lgID="NL"),
        ],
        "batting/Batting.parquet": [
            batting("early01", 1875, 1, "BS1", G=9, AB=40, SO=None, HR=0, **{"2B": 3, "3B": 1}),
            batting("alcan01", 2020, 1, "WAS", lgID="NL", HR=1),
            batting("alcan01", 2020, 2, "OAK", lgID="AL", HR=2),
            batting("alcan01", 2020, 3, "WAS", lgID="NL", HR=4),
            batting("ramir02", 2008, 1, "BOS", lgID="AL", HR=20),
            batting("ramir02", 2008, 2, "LAN", lgID="NL", HR=17),
            batting("judge01", 2020, 1, "XYZ", lgID="AL", HR=9),
            batting("nobody01", 2020, 1, "OAK", lgID="AL", HR=9),
            batting("davis01", 2016, 1, "OAK", G=1),
        ],
        "pitching/Pitching.parquet": [
            {"playerID": "altro01", "yearID": 2016, "stint": 1, "teamID": "OAK", "IPouts": 0, "ER": 1, "ERA": None},
            {"playerID": "early01", "yearID": 1875, "stint": 1, "teamID": "BS1", "IPouts": 759, "ER": 76, "ERA": 2.7},
        ],
        "fielding/Fielding.parquet": [
            {"playerID": "early01", "yearID": 1875, "stint": 1, "teamID": "BS1", "POS": "OF", "PO": 5, "E": None},
            {"playerID": "early01", "yearID": 1875, "stint": 1, "teamID": "BS1", "POS": "2B", "PO": 7, "InnOuts": None},
        ],
        "award/AwardsPlayers.parquet": [
            *(
                {"playerID": "judge01", "awardID": "Rookie of the Month", "yearID": 2017, "lgID": "AL", "notes": month}
                for month in ("April", "May", "June", "September")
            ),
            {"playerID": "davis01", "awardID": "Outstanding DH Award", "yearID": 2018},
            {"playerID": "early01", "awardID": "Triple Crown", "yearID": 1875},
            {"playerID": "ramir02", "awardID": "Most Valuable Player", "yearID": 2008, "lgID": "ML", "tie": "Y"},
        ],
        "salary/Salaries.parquet": [
            {"playerID": "ramir02", "yearID": 2008, "teamID": "BOS", "lgID": "AL", "salary": 18_929_923},
            {"playerID": "davis01", "yearID": 2016, "teamID": "OAK", "lgID": "AL", "salary": 0},
        ],
        "hall_of_fame/HallOfFame.parquet": [
            {"playerID": "early01", "yearid": 2007, "votedBy": "Veterans"},
            {
                "playerID": "early01",
                "yearid": 2009,
                "votedBy": "Veterans",
                "inducted": "Y",
                "needed_note": "Preliminary poll",
            },
            {"playerID": "early01", "yearid": 2022, "votedBy": "Veterans", "inducted": "Y", "ballots": None},
        ],
        "park/Parks.parquet": [
            {
                "parkkey": "CHI12",
                "parkname": "Guaranteed Rate Field",
                "parkalias": "U.S. Cellular Field;White Sox Park",
            },
            {
                "parkkey": "SJU01",
                "parkname": "Estadio Hiram Bithorn",
                "city": "San Juan",
                "state": None,
                "country": "PR",
            },
        ],
        "home_games/HomeGames.parquet": [
            {"yearkey": 1875, "teamkey": "BS1", "parkkey": "CHI12", "spanfirst": first, "spanlast": last}
            for first, last in [
                (
                    dt.date(1875, 4, 19),
                    dt.date(1875, 10, 1),
                ),
                (
                    dt.date(1875, 5, 1),
                    dt.date(1875, 10, 30),
                ),
            ]
        ],
    }
}

#: A player's id, for `WHERE person_id = …`.
WHO = "(SELECT entity_id FROM core.crosswalk WHERE kind = 'person' AND source = 'lahman' AND source_id = '{}')"


def test_q01_the_league_na_was_lost_and_is_restored(published):
    for table in ("batting_season", "pitching_season", "fielding_season", "team_season"):
        assert published(f"SELECT DISTINCT league FROM baseball.{table} WHERE season = 1875") == [("NA",)]
    told = published(
        "SELECT count(*) FROM core.correction WHERE rule = 'league NA lost' AND was IS NULL AND becomes = 'NA'"
    )
    assert told == [(6,)]  # a row of batting, pitching, teams and awards each, two of fielding


def test_q01_a_league_that_is_missing_in_other_years_stays_unknown(published):
    assert published("SELECT league FROM baseball.team_season WHERE season = 2020 AND team_code = 'OAK'") == [(None,)]
    assert published("SELECT league FROM baseball.batting_season WHERE season = 2016") == [(None,)]


def test_q01_an_award_without_a_league_is_no_award_of_the_league_na(published):
    rows = published("SELECT award, league FROM baseball.award WHERE season IN (1875, 2018) ORDER BY season")
    assert rows == [("Triple Crown", "NA"), ("Outstanding DH Award", "unknown")]


def test_q02_leagues_of_old_and_both_leagues_together(published):
    assert published("SELECT league FROM baseball.team_season WHERE season = 1891") == [("AA",)]
    assert published("SELECT league FROM baseball.award WHERE season = 2008") == [("ML",)]


def test_q03_a_player_who_comes_back_to_a_former_team_has_a_row_a_stint(published):
    rows = published(
        "SELECT stint, team, b.home_runs FROM baseball.batting_season AS b JOIN baseball.team_season USING (team_id, season) "
        f"WHERE person_id = {WHO.format('alcan01')} ORDER BY stint"
    )
    assert rows == [(1, "Washington Nationals", 1), (2, "Oakland Athletics", 2), (3, "Washington Nationals", 4)]


def test_q03_a_season_in_two_leagues(published):
    rows = published(
        f"SELECT league, home_runs FROM baseball.batting_season WHERE person_id = {WHO.format('ramir02')} ORDER BY 1"
    )
    assert rows == [("AL", 20), ("NL", 17)]


def test_q05_the_earned_run_average_is_as_recorded_and_null_without_an_out(published):
    rows = published("SELECT outs_pitched, earned_run_average FROM baseball.pitching_season ORDER BY 1")
    assert rows == [(0, None), (759, 2.7)]


def test_q07_games_may_be_more_than_wins_and_losses(published):
    assert published("SELECT games, wins, losses FROM baseball.team_season WHERE season = 1875") == [(82, 71, 8)]


def test_q08_what_was_not_recorded_is_null_and_not_zero(published):
    rows = published(
        "SELECT at_bats, strikeouts, home_runs, doubles, triples FROM baseball.batting_season WHERE season = 1875"
    )
    assert rows == [(40, None, 0, 3, 1)]
    assert published("SELECT position, errors, outs_played FROM baseball.fielding_season ORDER BY 1") == [
        ("2B", None, None),
        ("OF", None, None),
    ]


@pytest.mark.parametrize(
    ("player", "birth"),
    [
        ("early01", (1850, None, None, None)),
        ("alcan01", (1996, 7, None, None)),
        ("ramir02", (1972, 5, 30, "1972-05-30")),
        ("judge01", (None, None, None, None)),
        ("leap01", (1900, 2, 30, None)),
    ],
)
def test_q09_a_date_is_whole_or_in_parts(published, player, birth):
    rows = published(
        f"SELECT birth_year, birth_month, birth_day, birth_date::text FROM core.person WHERE person_id = {WHO.format(player)}"
    )
    assert rows == [birth]


def test_a_month_or_day_of_0_is_not_known(published):
    rows = published(f"SELECT death_month, death_day FROM core.person WHERE person_id = {WHO.format('judge01')}")
    assert rows == [(None, None)]


def test_q11_people_of_one_name_and_year_stay_two_and_accents_stay(published):
    assert published("SELECT count(DISTINCT person_id) FROM core.person WHERE name = 'John Sullivan'") == [(2,)]
    assert published("SELECT count(*) FROM core.name WHERE name = 'Sergio Alcántara' AND source = 'lahman'") == [(1,)]


def test_who_has_no_first_name_is_called_by_the_last(published):
    assert published(f"SELECT name FROM core.person WHERE person_id = {WHO.format('davis01')}") == [("Davis",)]


def test_q12_a_code_means_the_franchise_that_had_it_in_that_season(published):
    rows = published(
        "SELECT season, source_id FROM baseball.team_season JOIN core.crosswalk ON entity_id = team_id AND kind = 'team' "
        "WHERE team_code = 'WAS' AND source = 'lahman' ORDER BY season"
    )
    assert rows == [(1891, "WAS"), (2020, "WSN")]
    rows = published(
        "SELECT DISTINCT source_id FROM baseball.batting_season JOIN core.crosswalk ON entity_id = team_id "
        f"WHERE person_id = {WHO.format('alcan01')} ORDER BY 1"
    )
    assert rows == [("OAK",), ("WSN",)]


def test_q12_a_franchise_has_one_id_over_its_names_and_all_of_them_are_names(published):
    rows = published(
        "SELECT count(DISTINCT entity_id), count(*) FROM core.name WHERE kind = 'team' "
        "AND name IN ('St. Louis Browns', 'Philadelphia Athletics', 'Oakland Athletics')"
    )
    assert rows == [(1, 3)]
    assert published("SELECT name, kind, sport FROM core.team WHERE name LIKE '%Athletics'") == [
        ("Oakland Athletics", "franchise", "baseball")
    ]


def test_q12_q20_a_code_or_a_person_that_nothing_describes_is_listed_and_its_row_left_out(published):
    rows = published(
        "SELECT kind, source_id FROM core.unlinked WHERE reason LIKE 'named, but%' AND source = 'lahman' ORDER BY 1"
    )
    assert rows == [("person", "nobody01"), ("team", "XYZ in 2020")]
    assert published("SELECT count(*) FROM baseball.batting_season WHERE home_runs = 9") == [(0,)]


def test_q13_an_award_won_again_keeps_every_row_numbered_in_the_order_of_the_feed(published):
    rows = published("SELECT ordinal, notes, tied FROM baseball.award WHERE award = 'Rookie of the Month' ORDER BY 1")
    assert rows == [(1, "April", False), (2, "May", False), (3, "June", False), (4, "September", False)]
    assert published("SELECT tied FROM baseball.award WHERE season = 2008") == [(True,)]


def test_q14_a_vote_whose_end_nobody_says_is_null_and_a_preliminary_poll_inducts_nobody(published):
    assert published("SELECT season, inducted FROM baseball.hall_of_fame ORDER BY 1") == [
        (2007, None),
        (2009, False),
        (2022, True),
    ]
    assert published("SELECT was, becomes FROM core.correction WHERE rule = 'preliminary poll'") == [("Y", "N")]


def test_q17_a_salary_of_nothing_is_recorded(published):
    assert published("SELECT season, salary FROM baseball.salary ORDER BY 1") == [(2008, 18_929_923), (2016, 0)]


def test_q18_nobody_was_let_in_is_not_nobody_knows(published):
    rows = published(
        "SELECT season, team_code, attendance FROM baseball.team_season WHERE season IN (1945, 2020) ORDER BY ALL"
    )
    assert rows == [(1945, "PHA", None), (2020, "OAK", 0), (2020, "WAS", 0)]


def test_q19_a_park_without_a_state_and_one_with_former_names(published):
    assert published("SELECT city, country FROM core.venue WHERE name = 'Estadio Hiram Bithorn'") == [
        ("San Juan", "PR")
    ]
    rows = published(
        "SELECT n.name FROM core.name AS n JOIN core.venue AS v ON v.venue_id = n.entity_id "
        "WHERE v.name = 'Guaranteed Rate Field' ORDER BY 1"
    )
    assert rows == [("Guaranteed Rate Field",), ("U.S. Cellular Field",), ("White Sox Park",)]


def test_q21_a_leftover_is_no_table(published):
    source = sources.find("lahman")
    keys = {str(feed.raw["key"]) for feed in source.feeds.values()}
    tables = {f"{row['table']}.parquet" for row in rows(source.feed("other").raw["values"], "")}
    assert "Batting-TEST.parquet" not in keys | tables
    assert len(keys - {"{table}.parquet"} | tables) == 27


def test_q22_outfielders_are_counted_once_and_never_by_field_too(published):
    assert published("SELECT sum(putouts)::INT FROM baseball.fielding_season WHERE position = 'OF'") == [(5,)]
    assert not sources.find("lahman").feed("other").records


def test_q23_a_series_of_the_nineteenth_century_counts_as_the_source_says(published):
    rows = published(
        "SELECT season, world_series_won FROM baseball.team_season WHERE season IN (1875, 1886, 2016) ORDER BY 1"
    )
    assert rows == [(1875, None), (1886, True), (2016, False)]


def test_a_season_lasts_from_the_first_home_game_to_the_last(published):
    rows = published(
        "SELECT label, start_date::text, end_date::text FROM core.season JOIN core.competition USING (competition_id) "
        "WHERE slug = 'mlb' AND label IN ('1875', '2016') ORDER BY 1"
    )
    assert rows == [("1875", "1875-04-19", "1875-10-30"), ("2016", None, None)]


def test_tables_of_a_later_version_have_other_names_for_some_columns(world, written_table):
    """Later versions say yearID, IPOuts and GHome where 0.3.5 says yearid, IPouts and Ghome, and number nobody (ID)."""
    import io

    import pyarrow.parquet as pq

    def later(rows: list[dict], feed: str) -> bytes:
        said = pq.read_table(io.BytesIO(written_table("lahman", f"{feed}/x", rows)))
        names = {"yearid": "yearID", "IPouts": "IPOuts", "Ghome": "GHome"}
        table = said.rename_columns([names.get(name, name) for name in said.column_names])
        sink = io.BytesIO()
        pq.write_table(table.drop_columns(["ID"]) if "ID" in table.column_names else table, sink)
        return sink.getvalue()

    made = world()
    vote = {"playerID": "early01", "yearid": 1999, "votedBy": "Veterans", "inducted": "Y"}
    made.land(
        "lahman",
        {
            "person/People.parquet": later(PEOPLE, "person"),
            "hall_of_fame/HallOfFame.parquet": later([vote], "hall_of_fame"),
        },
    )
    assert made.normalize("lahman").notes == ()
    assert made.tables().sql("SELECT season, inducted FROM baseball.hall_of_fame") == [(1999, True)]
