"""Quirks Q27 to Q30: many spellings of one round, stages, play-offs, and the shapes of older commits."""

import pytest

LEAGUE, CUP, TWO_HALVES = "2021-22/de.1", "2021-22/uefa.cl", "2021-22/mx.1"
#: File, round as written, stage as written → round, phase, kind of the phase.
SPELLINGS = [
    (LEAGUE, "Matchday 5", None, "Matchday 5", "Regular", "regular"),
    (LEAGUE, "5. Round", None, "Matchday 5", "Regular", "regular"),
    (LEAGUE, "Regular, Matchday 5", None, "Matchday 5", "Regular", "regular"),
    (LEAGUE, "Matchday 5", "Regular", "Matchday 5", "Regular", "regular"),
    (LEAGUE, "Matchday 23", "Playoffs - Championship", "Matchday 23", "Playoffs - Championship", "playoff"),
    (LEAGUE, "Championship, Matchday 23", None, "Matchday 23", "Championship", "playoff"),
    (LEAGUE, "Finals, Semifinals", None, "Semi-finals", "Finals", "playoff"),
    (LEAGUE, None, "Playoffs", None, "Playoffs", "playoff"),
    (LEAGUE, "Direkter Abstieg", None, "Direkter Abstieg", "Finals", "playoff"),
    (LEAGUE, "13.-16. Platz Playoffs", None, "13.-16. Platz Playoffs", "Finals", "playoff"),
    (TWO_HALVES, "Apertura, Matchday 5", None, "Matchday 5", "Apertura", "regular"),
    (TWO_HALVES, "1° Semestre, Matchday 5", None, "Matchday 5", "1° Semestre", "regular"),
    (CUP, "Group A", None, "Group A", "Group A", "group"),
    (CUP, "League, Matchday 5", None, "Matchday 5", "League", "group"),
    (CUP, "Finals, Quarterfinals", None, "Quarter-finals", "Finals", "knockout"),
    (CUP, "Quarterfinals", None, "Quarter-finals", "Finals", "knockout"),
    (CUP, "Quarter-finals", None, "Quarter-finals", "Finals", "knockout"),
    (CUP, "Quarter-final", None, "Quarter-finals", "Finals", "knockout"),
    (CUP, "Viertelfinale", None, "Quarter-finals", "Finals", "knockout"),
    (CUP, "Third-place match", None, "Third-place match", "Finals", "knockout"),
    (CUP, "Third place match", None, "Third-place match", "Finals", "knockout"),
    (CUP, "Match for third place", None, "Third-place match", "Finals", "knockout"),
    (CUP, "Third-place play-off", None, "Third-place match", "Finals", "knockout"),
    (CUP, "Third place play-off", None, "Third-place match", "Finals", "knockout"),
    (CUP, "Qualifying, 1. Round", None, "Matchday 1", "Qualifying", "qualification"),
]


VILLA_AND_NEWCASTLE = {
    "team1": {"key": "astonvilla", "name": "Aston Villa", "code": "AVL"},
    "team2": {"key": "newcastle", "name": "Newcastle United", "code": "NEW"},
}


def spelled(file):
    return [
        (
            said,
            f"2021-09-{number + 1:02}",
            f"Side {number}",
            f"Other {number}",
            [1, 0],
            {"stage": stage} if stage else {},
        )
        for number, (at, said, stage, *_) in enumerate(SPELLINGS)
        if at == file
    ]


FEEDS = {
    "openfootball": {
        **{f"league/{file}.json": spelled(file) for file in (LEAGUE, CUP, TWO_HALVES)},
        "league/2022-23/en.2.json": [
            ("Matchday 1", "2022-07-30", "Luton Town FC", "Coventry City FC", [1, 0]),
            (None, "2023-05-27", "Coventry City FC", "Luton Town FC", {"ft": [1, 1], "p": [5, 6]}, {"stage": "Playoffs"}),
        ],
        "league/2024-25/en.2.json": [
            ("Matchday 1", "2024-08-10", "Sunderland AFC", "Sheffield United FC", [1, 0]),
            ("Finals, Final", "2025-05-24", "Sheffield United FC", "Sunderland AFC", [1, 2]),
        ],
        "league/2018-19/at.1.json": [
            ("Matchday 1", "2018-07-28", "RB Salzburg", "LASK", [3, 1]),
            ("Matchday 23", "2019-03-17", "RB Salzburg", "LASK", [2, 0], {"stage": "Playoffs - Championship"}),
            ("Matchday 23", "2019-03-16", "SV Mattersburg", "FC Wacker Innsbruck", [1, 0], {"stage": "Playoffs - Relegation"}),
        ],
        "league/2015-16/en.1.json": {
            "name": "English Premier League 2015/16",
            "rounds": [
                {
                    "name": "Play-Off um 1 Premierleague-Platz:",
                    "matches": [
                        {"date": "2015-08-08", **VILLA_AND_NEWCASTLE, "score1": 1, "score2": 0},
                    ],
                },
                {
                    "name": "Matchday 36",
                    "matches": [
                        {"date": "2016-04-30", **VILLA_AND_NEWCASTLE, "score1": None, "score2": None},
                    ],
                },
            ],
        },
        "league/2014-15/en.1.json": {
            "name": "English Premier League 2014/15",
            "rounds": [
                {
                    "name": "Matchday 1",
                    "matches": [
                        {"date": "2014-08-16", "team1": "Arsenal", "team2": "Crystal Palace", "score": {"ft": [2, 1]}},
                        {"date": "2014-08-16", "team1": "Leicester City", "team2": "Everton"},
                    ],
                },
            ],
        },
    }
}  # fmt: skip


@pytest.mark.parametrize(
    ("number", "spelling"), list(enumerate(SPELLINGS)), ids=[f"{s[0]} {s[1]} {s[2] or ''}".strip() for s in SPELLINGS]
)
def test_q27_one_spelling_for_one_round(published, number, spelling):
    rows = published(
        "SELECT round, p.name, p.kind FROM core.match LEFT JOIN core.phase AS p USING (phase_id) "
        "JOIN core.participation USING (match_id) JOIN core.team AS t ON team_id = participant_id "
        f"WHERE t.name = 'Side {number}'"
    )
    assert rows == [spelling[3:]]


@pytest.mark.parametrize("season", ["2022-23", "2024-25"])
def test_q28_playoffs_are_left_out_of_the_table_however_they_are_labelled(published, season):
    rows = published(f"SELECT max(played) FROM football.standing WHERE competition = 'en.2' AND season = '{season}'")
    assert rows == [(1,)]
    where = f"competition = 'en.2' AND season = '{season}'"
    assert published(f"SELECT count(*) FROM football.match_wide WHERE {where}") == [(2,)]


def test_q29_matchdays_that_exist_once_a_stage_are_told_apart_by_it(published):
    rows = published(
        "SELECT stage, round, count(*) FROM football.match_wide "
        "WHERE competition = 'at.1' AND season = '2018-19' GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [
        ("Playoffs - Championship", "Matchday 23", 1),
        ("Playoffs - Relegation", "Matchday 23", 1),
        (None, "Matchday 1", 1),
    ]


def test_q30_the_first_matchday_that_an_old_commit_calls_a_playoff_counts_in_the_table(published):
    rows = published(
        "SELECT stage, round, status, home_goals FROM football.match_wide "
        "WHERE competition = 'en.1' AND season = '2015-16' ORDER BY date"
    )
    assert rows == [(None, "Matchday 1", "played", 1), (None, "Matchday 36", "unknown", None)]


def test_old_shapes_of_rounds_teams_and_scores_mean_the_same(published):
    rows = published(
        "SELECT round, home_team, home_goals, status FROM football.match_wide "
        "WHERE competition = 'en.1' AND season = '2014-15' ORDER BY home_team"
    )
    assert [(r[0], r[2], r[3]) for r in rows] == [("Matchday 1", 2, "played"), ("Matchday 1", None, "unknown")]
