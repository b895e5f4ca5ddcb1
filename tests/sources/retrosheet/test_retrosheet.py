"""What is odd in Retrosheet's files, one by one, on invented games; teams, parks and people are those of a small Lahman.

Files are read by other means than the image's reader (see plugins/retrosheet_reader.py); tests/images compares the two.
"""

import pytest
import retrosheet_reader

INFO = 'info,inputprogvers,"version 7RS(19), of old"\ninfo,attendance,0\ninfo,starttime,0:00PM\ninfo,temp,0\n'


def game(home: str, visitor: str, day: str, plays: str, *, number: int = 0, site: str = "CHI10", info: str = "") -> str:
    """A game: `plays` are lines of play and what else there is, said `inning,half,batter,event` for short."""
    said = [line if line[0].isalpha() else "play,{},{},{},??,,{}".format(*line.split(",", 3)) for line in plays.split()]
    head = f"id,{home}{day}{number}\nversion,1\ninfo,visteam,{visitor}\ninfo,hometeam,{home}\ninfo,site,{site}\n"
    return head + INFO + info + "".join(f"{line}\n" for line in said)


def logged(day: str, visitor: str, home: str, score: str, *, number: int = 0, park: str = "CHI10", **more: str) -> str:
    """A line of a game log."""
    row = [""] * 161
    visitors, hosts = score.split("-")
    cells = {1: day, 2: str(number), 4: visitor, 5: "AL", 7: home, 8: "AL", 10: visitors, 11: hosts, 17: park, 161: "Y"}
    places = {"completed": 14, "forfeit": 15}
    for place, cell in {**cells, **{places[name]: cell for name, cell in more.items()}}.items():
        row[place - 1] = f'"{cell}"'
    return ",".join(row) + "\n"


ENTRIES = (
    'start,berte101,"Bertoia, Reno",0,1,5\nstart,landj101,"Jim Landis",1,1,8\nstart,piert101,"Billy Pierce",1,0,1\n'
)
FILES = {
    "team": {
        "1959/TEAM1959": "CHA,A,Chicago,White Sox\r\nWS1,A,Washington,Senators\nWS1,A,Washington,Senators\n",
        "1981/TEAM1981": "CHA,A,Chicago,White Sox\nCAL,A,California,Angels\n",
        "2020/TEAM2020": "CHA,A,Chicago,White Sox\nANA,A,Anaheim,Angels\nTOR,A,Toronto,Blue Jays\n",
        "1890/TEAM1890": "PH4,AA,Philadelphia,Athletics\n",
        "1891/TEAM1891": "PH4,AA,Philadelphia,Athletics\n",
    },
    "roster": {
        "1959/WS11959.ROS": "berte101,Bertoia,Reno,R,R,WS1,3B\n",
        "1959/CHA1959.ROS": "landj101,Landis,Jim,R,R,CHA,OF\r\npiert101,Pierce,Billy,L,L,CHA,P\n",
        "1959/ALS1959.ROS": "landj101,Landis,Jim,R,R\n",
    },
    "game_log": {
        "1959/GL1959.TXT": logged("19590501", "WS1", "CHA", "4-2")
        + logged("19590502", "WS1", "CHA", "1-1", number=1)
        + logged("19590502", "WS1", "CHA", "0-9", number=2, forfeit="H")
        + logged("19590602", "WS1", "CHA", "2-1", park="", completed="19590701,CHI10,2,1,39")
        + logged("19590603", "WS1", "CHA", "3-5"),
    },
    "event": {
        # Two carriage returns a game are nothing new.
        "1959/1959CHA.EVA": (
            game(
                "CHA",
                "WS1",
                "19590501",
                "1,0,berte101,HR 1,0,berte101,NP 1,0,berte101,S8.3-H(NR)(UR);2-H;1XH(E8)(62/TH) 1,1,landj101,"
                "POCS2(13E4/TH).3-H(NR)"
                " 2,0,berte101,99# 2,0,berte101,5(2)4(1)3/GTP 2,1,landj101,SBH(UR);SB2 2,1,landj101,W+PO3(265)"
                " 9,0,berte101,CSH(E2) 9,1,landj101,K+WP.B-1",
            )
            .replace("play,1,0,berte101,??,,HR", ENTRIES + "play,1,0,berte101,32,CBFX,HR")
            .replace("play,2,0,berte101,??,,99#", 'sub,landj101,"Jim Landis",1,1,11\nplay,2,0,berte101,??,,99#')
            + 'com,"$umpchange,2,umphome,x"\ndata,er,piert101,2\nbadj,berte101,L\n'
            + game("CHA", "WS1", "19590502", "1,0,berte101,HR 1,1,landj101,HR", number=1)
            + game("CHA", "WS1", "19590602", "1,0,berte101,HR 1,0,berte101,HR 1,1,landj101,H/L7")
        ).replace("\n", "\r\n"),
        "1959/1959.EDA": game(
            "CHA", "WS1", "19590603", "1,0,berte101,99 1,1,landj101,S.1-H;2-H;3-H;B-H 2,1,landj101,HR#"
        )
        + game("CHA", "WS1", "19590604", "1,0,nobod101,HR"),
        "1959/1959AS.EVE": game("NLS", "ALS", "19590707", "1,0,landj101,HR"),
        "1981/1981CAL.EVA": game("CAL", "CHA", "19810901", "1,0,landj101,HR", site="ANA01"),
        "1981/1981ALD1.EVE": game("CHA", "CAL", "19811006", "1,1,landj101,HR"),
        "2020/2020TOR.EVA": game(
            "TOR",
            "ANA",
            "20200728",
            "radj,landj101,2 1,0,berte101,S7.2-H 1,1,landj101,K",
            site="BUF05",
            info="info,htbf,true\ninfo,innings,7\ninfo,tiebreaker,2\n",
        ),
    },
}
TEAMS = [
    ("CHW", "Chicago White Sox", 1959, "CHA"),
    ("CHW", "Chicago White Sox", 1981, "CHA"),
    ("CHW", "Chicago White Sox", 2020, "CHA"),
    ("MIN", "Washington Senators", 1959, "WS1"),
    ("ANA", "California Angels", 1981, "CAL"),
    ("ANA", "Los Angeles Angels", 2020, "ANA"),
    ("TOR", "Toronto Blue Jays", 2020, "TOR"),
    ("PHA", "Philadelphia Athletics", 1890, "PH4"),
    ("PHQ", "Philadelphia Athletics", 1891, "PH4"),
]
LAHMAN = {
    "team/Teams.parquet": [
        {"franchID": f, "name": name, "yearID": year, "teamID": code, "teamIDretro": code, "lgID": "AL"}
        for f, name, year, code in TEAMS
    ],
    "person/People.parquet": [
        {"playerID": "landiji01", "nameFirst": "Jim", "nameLast": "Landis", "retroID": "landj101"},
        {"playerID": "bertore01", "nameFirst": "Reno", "nameLast": "Bertoia", "retroID": "berte101"},
    ],
    "park/Parks.parquet": [{"parkkey": "CHI10", "parkname": "Comiskey Park", "city": "Chicago", "country": "US"}],
}


@pytest.fixture(scope="module")
def sql(world, written_table, tmp_path_factory):
    """Answers SQL over the tables of these files."""
    made = world()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("fieldhouse.extract.program.find_reader", retrosheet_reader.find)
        patched.setenv("FIELDHOUSE_SCRATCH", str(tmp_path_factory.mktemp("scratch")))
        made.land("lahman", {name: written_table("lahman", name, rows) for name, rows in LAHMAN.items()})
        texts = {f"{feed}/seasons/{key}": text for feed, files in FILES.items() for key, text in files.items()}
        made.land("retrosheet", texts)
        return made.tables().sql


ID = "(SELECT source_id FROM core.crosswalk WHERE kind = 'match' AND source = 'retrosheet' AND entity_id = match_id)"


def plays(sql, game_id: str) -> list[tuple]:
    return sql(f"SELECT play_no, event, runs FROM baseball.game_play WHERE {ID} = '{game_id}' ORDER BY 1")


def score(sql, game_id: str) -> list[tuple]:
    """Side, franchise, score and result, the home team last."""
    return sql(f"""
        SELECT side, c.source_id, score, result FROM core.participation AS p
        LEFT JOIN core.crosswalk AS c
          ON c.kind = 'team' AND c.source = 'lahman' AND c.entity_id = p.participant_id
        WHERE {ID} = '{game_id}' ORDER BY 1
    """)


def test_q01_lines_end_either_way_and_a_quoted_name_may_hold_a_comma(sql):
    assert sql("SELECT name FROM core.name WHERE source = 'retrosheet' AND kind = 'person' AND name LIKE '%,%'") == [
        ("Bertoia, Reno",)
    ]
    assert len(plays(sql, "CHA195905010")) == 9


def test_q02_games_of_a_doubleheader_are_told_apart_by_their_number(sql):
    found = sql(f"SELECT {ID}, date::VARCHAR FROM core.match WHERE {ID} LIKE 'CHA19590502%' ORDER BY 1")
    assert found == [("CHA195905021", "1959-05-02"), ("CHA195905022", "1959-05-02")]


def test_q02_the_home_team_is_the_scheduled_one_wherever_it_plays(sql):
    assert score(sql, "TOR202007280") == [("away", "ANA", 1, "won"), ("home", "TOR", 0, "lost")]
    assert sql(f"SELECT v.name FROM core.match JOIN core.venue AS v USING (venue_id) WHERE {ID} = 'TOR202007280'") == [
        ("BUF05",)
    ]


def test_q03_half_0_is_the_visitors_even_where_the_home_team_bats_first(sql):
    found = sql(f"SELECT half, event FROM baseball.game_play WHERE {ID} = 'TOR202007280' ORDER BY play_no")
    assert found == [(0, "S7.2-H"), (1, "K")]


def test_q04_a_runner_who_is_placed_on_base_is_no_play_and_his_run_counts(sql):
    assert plays(sql, "TOR202007280") == [(1, "S7.2-H", 1), (2, "K", 0)]


def test_q05_no_play_is_none(sql):
    assert sql("SELECT count(*) FROM baseball.game_play WHERE event = 'NP'") == [(0,)]
    assert sql(
        "SELECT rule, sum(count)::INT FROM core.account WHERE records = 'play' AND outcome <> 'used' GROUP BY 1"
    ) == [("no play", 1)]
    assert [number for number, _, _ in plays(sql, "CHA195905010")] == list(range(1, 10))


def test_q06_a_pitcher_who_does_not_bat_is_somebody(sql):
    assert sql(
        "SELECT name FROM core.crosswalk JOIN core.person ON entity_id = person_id WHERE source_id = 'piert101'"
    ) == [("Billy Pierce",)]


def test_q07_a_count_that_nobody_took_down_is_null(sql):
    found = sql(f"SELECT count, pitches FROM baseball.game_play WHERE {ID} = 'CHA195905010' ORDER BY play_no LIMIT 2")
    assert found == [("32", "CBFX"), (None, None)]


def test_q08_odd_events_stay_as_they_are_and_their_runs_count(sql):
    assert plays(sql, "CHA195905010") == [
        (1, "HR", 1),
        (2, "S8.3-H(NR)(UR);2-H;1XH(E8)(62/TH)", 2),
        (3, "POCS2(13E4/TH).3-H(NR)", 1),
        (4, "99#", 0),
        (5, "5(2)4(1)3/GTP", 0),
        (6, "SBH(UR);SB2", 1),
        (7, "W+PO3(265)", 0),
        (8, "CSH(E2)", 1),
        (9, "K+WP.B-1", 0),
    ]
    assert score(sql, "CHA195905010") == [("away", "MIN", 4, "won"), ("home", "CHW", 2, "lost")]


def test_q08_a_home_run_of_old_is_an_h(sql):
    assert plays(sql, "CHA195906020")[-1] == (3, "H/L7", 1)


def test_q09_games_that_were_deduced_are_of_the_regular_season(sql):
    found = sql(
        f"SELECT p.kind, p.name FROM core.match JOIN core.phase AS p USING (phase_id) WHERE {ID} = 'CHA195906030'"
    )
    assert found == [("regular", "Regular season")]
    assert plays(sql, "CHA195906030") == [(1, "99", 0), (2, "S.1-H;2-H;3-H;B-H", 4), (3, "HR#", 1)]


def test_q10_a_game_that_is_completed_later_keeps_its_day_and_its_park(sql):
    found = sql(
        f"SELECT date::VARCHAR, status, v.name FROM core.match JOIN core.venue AS v USING (venue_id) "
        f"WHERE {ID} = 'CHA195906020'"
    )
    assert found == [("1959-06-02", "played", "Comiskey Park")]


def test_q11_a_tie_is_drawn(sql):
    assert score(sql, "CHA195905021") == [("away", "MIN", 1, "drawn"), ("home", "CHW", 1, "drawn")]


def test_q11_a_forfeit_is_awarded_and_has_no_plays(sql):
    assert sql(f"SELECT status FROM core.match WHERE {ID} = 'CHA195905022'") == [("awarded",)]
    assert score(sql, "CHA195905022") == [("away", "MIN", 0, "lost"), ("home", "CHW", 9, "won")]
    assert plays(sql, "CHA195905022") == []


def test_q12_what_is_not_known_of_a_game_keeps_nothing_out(sql):
    assert sql("SELECT count(*) FROM core.account WHERE outcome = 'set aside'") == [(0,)]


def test_q13_a_player_on_several_rosters_is_one_person_also_where_fields_are_missing(sql):
    found = sql(
        "SELECT source, source_id, method FROM core.crosswalk WHERE kind = 'person' AND source_id LIKE 'land%' ORDER BY 1"
    )
    assert found == [("lahman", "landiji01", "own"), ("retrosheet", "landj101", "id")]


def test_q13_whoever_bats_is_somebody_or_is_listed(sql):
    """Nobody is on no roster and enters no game: he is not guessed, and his play is told of."""
    assert plays(sql, "CHA195906040") == []
    assert sql("SELECT source_id, reason FROM core.unlinked WHERE kind = 'person' AND source_id = 'nobod101'") == [
        ("nobod101", "named, but no record describes it")
    ]


def test_q14_comments_earned_runs_and_adjustments_are_passed_over(sql):
    found = sql("SELECT rule, sum(count)::INT FROM core.account WHERE records = 'note' GROUP BY 1")
    assert found == [("comments, earned runs and adjustments", 4)]


@pytest.mark.parametrize(
    ("code", "franchise"), [("CAL", "ANA"), ("ANA", "ANA"), ("WS1", "MIN"), ("PH4", "PHA"), ("PH4@1891", "PHQ")]
)
def test_q15_codes_are_of_a_franchise_by_year(sql, code, franchise):
    ids = sql(f"""
        SELECT DISTINCT entity_id FROM core.crosswalk
        WHERE kind = 'team' AND (source, source_id) IN (('retrosheet', '{code}'), ('lahman', '{franchise}'))
    """)
    assert len(ids) == 1


def test_q15_all_star_teams_are_nobodys_franchise(sql):
    found = sql("SELECT name, kind FROM core.team WHERE name LIKE '%All-Stars' ORDER BY 1")
    assert found == [("American League All-Stars", "club"), ("National League All-Stars", "club")]


def test_q16_home_runs_are_counted_from_the_events(sql):
    found = sql("""
        SELECT c.source_id, count(*) FROM baseball.game_play AS p
        JOIN core.crosswalk AS c ON c.kind = 'person' AND c.source = 'lahman' AND c.entity_id = p.batter_id
        WHERE event LIKE 'HR%' AND year = 1959 GROUP BY ALL ORDER BY ALL
    """)
    assert found == [("bertore01", 4), ("landiji01", 3)]


def test_a_series_is_a_phase_of_its_season(sql):
    found = sql(f"""
        SELECT {ID}, s.label, p.name, p.kind, round FROM core.match
        JOIN core.phase AS p USING (phase_id) JOIN core.season AS s ON s.season_id = match.season_id
        WHERE p.kind <> 'regular' ORDER BY 1
    """)
    assert found == [
        ("CHA198110060", "1981", "AL Division Series", "playoff", "Series 1"),
        ("NLS195907070", "1959", "All-Star Game", "allstar", None),
    ]


def test_a_season_lasts_as_long_as_its_regular_games(sql):
    found = sql("SELECT start_date::VARCHAR, end_date::VARCHAR FROM core.season WHERE label = '1959'")
    assert found == [("1959-05-01", "1959-06-04")]


def test_the_score_is_that_of_the_log_where_the_plays_make_another_one(sql):
    """1959-06-03: the deduced plays make 0-5, the log says 3-5."""
    assert score(sql, "CHA195906030") == [("away", "MIN", 3, "lost"), ("home", "CHW", 5, "won")]


def test_parks_are_those_that_others_name(sql):
    found = sql("SELECT source, method FROM core.crosswalk WHERE kind = 'venue' AND source_id = 'CHI10' ORDER BY 1")
    assert found == [("lahman", "own"), ("retrosheet", "id")]
