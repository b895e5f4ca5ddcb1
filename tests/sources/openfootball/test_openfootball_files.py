"""Quirks Q1 to Q4: line ends, a file under a wrong name, names that drift, seasons that end in the next year."""

import json

DOCUMENT = json.dumps(
    {"name": "Österr. Bundesliga", "matches": [
        {"round": "Matchday 1", "date": "2011-07-16", "team1": "Sturm Graz", "team2": "Kapfenberger SV",
         "score": {"ht": [0, 0], "ft": [1, 0]}},
        {"round": "Matchday 2", "date": "2011-07-23", "team1": "Kapfenberger SV", "team2": "SV Mattersburg",
         "score": {"ht": [1, 1], "ft": [2, 1]}},
    ]},
    ensure_ascii=False, indent=2,
)  # fmt: skip
COPIED = [
    ("Matchday 1", "2019-07-12", "Arsenal Tula", "Dinamo Moscow", [1, 1]),
    ("Matchday 1", "2019-07-13", "FC Ufa", "Krylya Sovetov", [1, 0]),
]
FEEDS = {
    "openfootball": {
        "league/2011-12/at.1.json": DOCUMENT.replace("\n", "\r\n").encode() + b"\r\n",
        "league/2012-13/at.1.json": DOCUMENT.replace("2011", "2012").encode(),
        "league/2013-14/at.1.json": b"\xef\xbb\xbf" + DOCUMENT.replace("2011", "2013").encode() + b"\n",
        "league/2019-20/ru.1.json": COPIED,
        "league/2019-20/ru.2.json": COPIED,
        "league/2016-17/at.2.json": DOCUMENT.replace("Bundesliga", "Erste Liga 2016/17").replace("2011", "2016"),
        "league/2018-19/at.2.json": DOCUMENT.replace("Bundesliga", "2. Liga 2018/19").replace("2011", "2018"),
        "league/2018-19/au.1.json": DOCUMENT.replace("Österr. Bundesliga", "Australia | A-League 2018/19"),
        "league/2020/br.1.json": [
            ("Matchday 1", "2020-08-08", "Coritiba", "Internacional", [0, 1]),
            ("Matchday 38", "2021-02-25", "Internacional", "Coritiba", [0, 0]),
        ],
        "league/2019-20/es.1.json": [("Matchday 38", "2020-07-19", "Granada CF", "Athletic Club", [4, 0])],
    }
}
ROWS = "SELECT home_team, away_team, home_goals, away_goals, home_goals_ht FROM football.match_wide"


def test_q01_line_ends_a_missing_last_one_and_a_byte_order_mark_change_nothing(published):
    seasons = [
        published(f"{ROWS} WHERE competition = 'at.1' AND season = '{season}' ORDER BY date")
        for season in ("2011-12", "2012-13", "2013-14")
    ]
    first = [("Sturm Graz", "Kapfenberger SV", 1, 0, 0), ("Kapfenberger SV", "SV Mattersburg", 2, 1, 1)]
    assert seasons == [first] * 3


def test_q02_the_copy_of_another_league_is_counted_once_and_dropped_in_the_open(published):
    assert published(
        "SELECT competition, count(*) FROM football.match_wide WHERE competition LIKE 'ru.%' GROUP BY ALL"
    ) == [("ru.1", 2)]
    assert published("SELECT outcome, rule, count FROM core.account WHERE key = '2019-20/ru.2.json'") == [
        ("passed over", "correction: copy of another league", 2)
    ]
    assert published("SELECT action, record, key FROM core.correction WHERE rule = 'copy of another league'") == [
        ("drop_object", "", "2019-20/ru.2.json")
    ]


def test_q03_a_competition_is_known_by_its_code_not_by_the_name_in_the_file(published):
    rows = published(
        "SELECT slug, c.name, kind, list(label ORDER BY label) FROM core.competition AS c "
        "JOIN core.season USING (competition_id) WHERE slug IN ('at.2', 'au.1') AND label IN ('2016-17', '2018-19') "
        "GROUP BY ALL ORDER BY slug"
    )
    assert rows == [
        ("at.2", "Austrian 2. Liga", "league", ["2016-17", "2018-19"]),
        ("au.1", "Australian A-League", "league", ["2018-19"]),
    ]


def test_q04_a_season_of_a_calendar_year_may_end_in_the_next_one(published):
    rows = published(
        "SELECT label, start_date::text, end_date::text FROM core.season JOIN core.competition USING (competition_id) "
        "WHERE slug = 'br.1' AND label = '2020' OR slug = 'es.1' AND label = '2019-20' ORDER BY slug"
    )
    assert rows == [("2020", "2020-08-08", "2021-02-25"), ("2019-20", "2020-07-19", "2020-07-19")]
    assert published("SELECT count(*) FROM core.correction WHERE key IN ('2020/br.1.json', '2019-20/es.1.json')") == [
        (0,)
    ]
