"""Quirks of F1DB, each on a few records; numbers are those of the list of quirks that was made by profiling."""

import datetime as dt
from decimal import Decimal

import pytest

SEASONS = "src/data/seasons"
RACE = """
id: {id}
round: {round}
date: {date}
{time}
grandPrixId: {grand_prix}
officialName: {season} {grand_prix} Grand Prix
qualifyingFormat: {format}
circuitId: {circuit}
circuitLayoutId: {circuit}-1
circuitType: RACE
direction: CLOCKWISE
courseLength: 5.412
turns: 15
laps: {laps}
distance: 308.238
{more}
"""
#: Season, round, grand prix → what else its race.yml says.
RACES = {
    (1951, 1, "france"): {},
    (1954, 1, "great-britain"): {},
    (1975, 1, "spain"): {"laps": 29, "more": "scheduledLaps: 75"},
    (1988, 1, "japan"): {"more": "driversChampionshipDecider: true"},
    (1988, 2, "australia"): {},
    (1997, 1, "europe"): {},
    (2021, 1, "great-britain"): {"format": "SPRINT_RACE", "more": "sprintRaceLaps: 17"},
    (2021, 2, "belgium"): {"laps": 1, "more": "scheduledLaps: 44", "format": "KNOCKOUT"},
    (2024, 1, "bahrain"): {"time": "time: 15:00"},
    (2024, 2, "australia"): {"time": "time: 04:00"},
    (2026, 1, "bahrain"): {"time": "time: 15:00"},
    (2026, 2, "australia"): {"time": "time: 04:00"},
}


def place(season: int, round_: int, grand_prix: str, name: str = "race") -> str:
    return f"{SEASONS}/{season}/races/{round_:02}-{grand_prix}/{name}.yml"


def race(number: int, season: int, round_: int, grand_prix: str, **more: object) -> str:
    said = {"time": "", "more": "", "laps": 57, "format": "TWO_SESSION", **more}
    return RACE.format(
        id=number,
        season=season,
        round=round_,
        grand_prix=grand_prix,
        circuit=grand_prix,
        date=dt.date(season, 3, round_),
        **said,
    )


def rows(*entries: str) -> str:
    """Entries of a results file, said as position, driver, constructor and then fields."""
    return "".join(entry_of(entry) for entry in entries)


def entry_of(said: str) -> str:
    position, driver, constructor, *fields = said.split(" ", 3)
    given = dict(field.split("=", 1) for field in (fields[0].split(", ") if fields else []))
    every = ("laps", "time", "timePenalty", "gap", "interval", "reasonRetired", "points", "gridPosition")
    given = {**dict.fromkeys(every, ""), **given}
    lines = [
        f"position: {position}",
        "driverNumber: 1",
        f"driverId: {driver}",
        f"constructorId: {constructor}",
        "engineManufacturerId: ferrari",
        "tyreManufacturerId:",
        *(f"{name}: {value}" for name, value in given.items()),
    ]
    return "- " + "\n  ".join(lines) + "\n"


def standings(*lines: str) -> str:
    return "".join(
        "- position: {}\n  {}: {}\n  points: {}\n".format(p, "driverId", d, n) for p, d, n in map(str.split, lines)
    )


def driver(name: str, **more: str) -> str:
    first, _, last = name.title().partition("-")
    said = {
        "gender": "MALE",
        "dateOfBirth": "1911-06-24",
        "dateOfDeath": "",
        "abbreviation": "SCH",
        "permanentNumber": "",
        **more,
    }
    fields = "".join(f"{field}: {value}\n" for field, value in said.items())
    return (
        f"id: {name}\nname: {first} {last}\nfirstName: {first}\nlastName: {last}\nfullName: {first} Maria {last}\n"
        f"placeOfBirth: Balcarce\ncountryOfBirthCountryId: norway\nnationalityCountryId: namibia\n"
        f"secondNationalityCountryId:\n{fields}"
    )


def circuit(name: str, previous: str = "previousNames:") -> str:
    return (
        f"id: {name}\nname: {name.title()}\nfullName: Circuit of {name.title()}\n{previous}\ntype: RACE\n"
        f"direction: CLOCKWISE\nplaceName: Town of {name.title()}\ncountryId: norway\nlatitude: 45.6\nlongitude: 9.2\n"
        f"length: 5.793\nturns: 11\nlayouts:\n  - id: {name}-1 # 1950-1954\n    length: 6.300\n    turns: 5\n"
    )


def constructor(key: str, name: str = "") -> str:
    return f"id: {key}\nname: {name or key.title()}\nfullName: {name or key.title()} Racing\ncountryId: namibia\n"


def country(key: str, alpha2: str) -> str:
    return (
        f"id: {key}\nalpha2Code: {alpha2}\nalpha3Code: {key[:3].upper()}\niocCode:\nname: {key.title()}\n"
        "demonym: \ncontinentId: europe\n"
    )


DRIVERS = ("juan-fangio", "luigi-fagioli", "tony-bettenhausen", "ayrton-senna", "alain-prost", "michael-schumacher")
DRIVERS += ("jacques-villeneuve", "max-verstappen", "george-russell", "george-abecassis", "stirling-moss")
CIRCUITS = {name for _, _, name in RACES}
FEEDS = {
    "f1db": {
        **{f"drivers/src/data/drivers/{name}.yml": driver(name) for name in DRIVERS},
        "drivers/src/data/drivers/lella-lombardi.yml": driver(
            "lella-lombardi", gender="FEMALE", permanentNumber="44", dateOfDeath="1992-03-03"
        ),
        "constructors/src/data/constructors/lotus.yml": constructor("lotus"),
        "constructors/src/data/constructors/lotus-racing.yml": constructor("lotus-racing", "Lotus"),
        **{
            f"constructors/src/data/constructors/{name}.yml": constructor(name)
            for name in ("ferrari", "alfa-romeo", "mclaren", "force-india", "cooper")
        },
        **{f"circuits/src/data/circuits/{name}.yml": circuit(name) for name in CIRCUITS - {"spain"}},
        "circuits/src/data/circuits/spain.yml": circuit("spain", "previousNames:\n  - Österreichring\n  - A1-Ring"),
        **{
            f"grands_prix/src/data/grands-prix/{name}.yml": (
                f"id: {name}\nname: {name.title()}\nfullName: {name.title()} Grand Prix\nshortName: {name.title()} GP\n"
                f"abbreviation: ABC\ncountryId:\n"
            )
            for name in CIRCUITS - {"europe"}
        },
        "countries/src/data/countries/norway.yml": country("norway", '"NO"'),
        "countries/src/data/countries/namibia.yml": country("namibia", "NA"),
        **{
            f"races/{place(*where)}": race(number, *where, **more)
            for number, (where, more) in enumerate(RACES.items(), 1)
        },
        f"race_results/{place(1951, 1, 'france', 'race-results')}": rows(
            "1 juan-fangio alfa-romeo points=5, sharedCar=true",
            "1 luigi-fagioli alfa-romeo points=4",
            "2 tony-bettenhausen ferrari points=6, laps=77, gap=+1 lap",
            "DNF juan-fangio alfa-romeo reasonRetired=Magneto, laps=10, gridPosition=1",
            "DNS tony-bettenhausen ferrari",
            "DNQ george-abecassis lotus",
        ),
        f"race_results/{place(1954, 1, 'great-britain', 'race-results')}": rows(
            "1 luigi-fagioli ferrari points=8.14, laps=90",
            "2 juan-fangio alfa-romeo points=6.14, laps=90",
            "DNF stirling-moss lotus points=0.14, laps=80, reasonRetired=Rear axle",
        ),
        f"race_results/{place(1975, 1, 'spain', 'race-results')}": rows(
            "1 ayrton-senna mclaren points=4.5, laps=29", "6 lella-lombardi lotus points=0.5, laps=27, gap=+2 laps"
        ),
        f"race_results/{place(1988, 1, 'japan', 'race-results')}": rows(
            "1 ayrton-senna mclaren points=9, gridPosition=1", "2 alain-prost mclaren points=6"
        ),
        f"race_results/{place(1988, 2, 'australia', 'race-results')}": rows(
            "1 alain-prost mclaren points=9", "2 ayrton-senna mclaren points=6"
        ),
        f"race_results/{place(1997, 1, 'europe', 'race-results')}": rows(
            "1 michael-schumacher ferrari points=10", "2 jacques-villeneuve lotus points=6"
        ),
        f"race_results/{place(2021, 1, 'great-britain', 'race-results')}": rows(
            '1 max-verstappen mclaren points=25, gridPosition=PL, time="1:22:05.003"',
            '2 george-russell ferrari points=18, gap="+1:02.100", timePenalty="+5.000", gridPosition=3',
        ),
        f"sprint_race_results/{place(2021, 1, 'great-britain', 'sprint-race-results')}": rows(
            '1 max-verstappen mclaren points=3, time="25:38.426"', '2 george-russell ferrari points=2, gap="+0.500"'
        ),
        f"race_results/{place(2021, 2, 'belgium', 'race-results')}": rows(
            "1 max-verstappen mclaren points=12.5, laps=1", "10 george-russell ferrari points=0.5, laps=1"
        ),
        f"race_results/{place(2024, 1, 'bahrain', 'race-results')}": rows(
            "1 max-verstappen mclaren points=25", "DSQ george-russell ferrari laps=44, gridPosition=6"
        ),
        f"race_results/{place(2026, 1, 'bahrain', 'race-results')}": rows("1 max-verstappen mclaren points=25"),
        f"fastest_laps/{place(1954, 1, 'great-britain', 'fastest-laps')}": "".join(
            f"- position: 1\n  driverNumber: 1\n  driverId: {name}\n  constructorId: ferrari\n"
            '  engineManufacturerId: ferrari\n  tyreManufacturerId:\n  lap:\n  time: "1:50.000"\n  gap:\n  interval:\n'
            for name in ("juan-fangio", "stirling-moss")
        ),
        f"driver_standings/{SEASONS}/1988/driver-standings.yml": standings("1 ayrton-senna 9", "2 alain-prost 9"),
        f"driver_standings/{SEASONS}/1997/driver-standings.yml": standings(
            "1 jacques-villeneuve 6", "DSQ michael-schumacher 10"
        ),
        f"driver_standings/{SEASONS}/2021/driver-standings.yml": standings(
            "1 max-verstappen 40.5", "2 george-russell 20.5"
        ),
        f"constructor_standings/{SEASONS}/2018/constructor-standings.yml": (
            "- position: 7\n  constructorId: force-india\n  engineManufacturerId: mercedes\n  points: 52\n"
            "- position: EX\n  constructorId: force-india\n  engineManufacturerId: mercedes\n  points: 0\n"
        ),
        f"constructor_standings/{SEASONS}/1960/constructor-standings.yml": (
            "- position: 1\n  constructorId: cooper\n  engineManufacturerId: climax\n  points: 48\n"
            "- position: 5\n  constructorId: cooper\n  engineManufacturerId: maserati\n  points: 3\n"
        ),
        f"entrants/{SEASONS}/1988/entrants.yml": (
            "- entrantId: works\n  countryId: norway\n  constructorId: mclaren\n  engineManufacturerId: honda\n  drivers:\n"
            "    - driverId: ayrton-senna\n      rounds: 1-2\n"
            "    - driverId: alain-prost\n      rounds: 2\n"
            "    - driverId: stirling-moss\n      rounds:\n      testDriver: true\n"
            "- entrantId: privateer\n  countryId: norway\n  constructorId: lotus\n  engineManufacturerId: judd\n"
            "  driverId: lella-lombardi\n  rounds: 1,2\n"
            "- entrantId: two-makes\n  countryId: norway\n  constructors:\n"
            "    - constructorId: cooper\n      engineManufacturerId: climax\n      driverId: juan-fangio\n      rounds: 1\n"
            "    - constructorId: lotus\n      engineManufacturerId: climax\n      drivers:\n"
            "        - driverId: juan-fangio\n          rounds: 2\n"
        ),
    }
}


@pytest.fixture
def results(published):
    """Results of one season and round as the columns that are asked for, in the order of the list."""

    def ask(season: int, round_: int, columns: str, session: str = "race"):
        where = f"season = {season} AND round = {round_} AND session = '{session}'"
        return published(f"SELECT {columns} FROM racing.result WHERE {where} ORDER BY place")

    return ask


def test_a_time_is_a_time_and_not_a_number_of_base_sixty(published):
    kickoffs = published(
        "SELECT strftime(kickoff_utc, '%d %H:%M') FROM core.match WHERE sport = 'racing' AND year(date) = 2024 ORDER BY date"
    )
    assert kickoffs == [("01 15:00",), ("02 04:00",)]


def test_norway_and_namibia_are_no_booleans_and_no_missing_values(published):
    assert published("SELECT country, alpha_2 FROM racing.country ORDER BY country") == [
        ("namibia", "NA"),
        ("norway", "NO"),
    ]


def test_a_position_is_a_number_or_the_reason_for_none(results):
    assert results(1951, 1, "position, position_text, reason_retired") == [
        (1, "1", None),
        (1, "1", None),
        (2, "2", None),
        (None, "DNF", "Magneto"),
        (None, "DNS", None),
        (None, "DNQ", None),
    ]


def test_drivers_of_a_shared_car_have_a_row_each_and_a_driver_can_have_several(results):
    found = results(1951, 1, "driver, constructor, entry, shared_car, points, laps, grid")
    assert found[0] == ("Juan Fangio", "Alfa-Romeo", 1, True, 5.0, None, None)
    assert found[1] == ("Luigi Fagioli", "Alfa-Romeo", 1, False, 4.0, None, None)
    assert found[3] == ("Juan Fangio", "Alfa-Romeo", 2, False, 0.0, 10, 1)
    assert [(driver, entry) for driver, _, entry, *_ in found if driver == "Tony Bettenhausen"] == [
        ("Tony Bettenhausen", 1),
        ("Tony Bettenhausen", 2),
    ]


def test_points_are_fractions_as_the_source_rounds_them_and_unclassified_drivers_have_some(published, results):
    assert results(1954, 1, "position, points") == [(1, 8.14), (2, 6.14), (None, 0.14)]
    assert results(1975, 1, "points") == [(4.5,), (0.5,)]
    scored = published(
        "SELECT points_scored FROM racing.driver_season WHERE season = 1954 AND driver = 'Luigi Fagioli'"
    )
    assert [Decimal(str(points)) for (points,) in scored] == [Decimal("8.14")]


def test_the_fastest_lap_can_be_shared(published):
    assert published("SELECT place, position, driver, seconds, lap FROM racing.fastest_lap ORDER BY place") == [
        (1, 1, "Juan Fangio", 110.0, None),
        (2, 1, "Stirling Moss", 110.0, None),
    ]


def test_a_race_that_was_shortened_says_what_was_planned(published):
    assert published(
        "SELECT laps, scheduled_laps FROM racing.race WHERE season IN (1975, 2021) ORDER BY season, round"
    ) == [
        (29, 75),
        (57, 57),
        (1, 44),
    ]


def test_what_counts_and_what_was_scored_are_apart(published):
    assert published("""
        SELECT driver, points_scored, points_official, position_official FROM racing.driver_season
        WHERE season = 1988 ORDER BY position_official
    """) == [("Ayrton Senna", 15.0, 9.0, 1), ("Alain Prost", 15.0, 9.0, 2)]


def test_who_is_excluded_from_the_table_keeps_the_results(published):
    assert published("""
        SELECT driver, wins, points_scored, points_official, position_official FROM racing.driver_season
        WHERE season = 1997 ORDER BY driver
    """) == [("Jacques Villeneuve", 0, 6.0, 6.0, 1), ("Michael Schumacher", 1, 10.0, 10.0, None)]


def test_a_constructor_can_have_several_rows_in_a_season(published):
    assert published("""
        SELECT s.season, t.name, s.engine, s.entry, s.position, s.position_text, s.points
        FROM racing.constructor_standing AS s JOIN core.team AS t ON t.team_id = s.constructor_id
        ORDER BY s.season, s.engine, s.entry
    """) == [
        (1960, "Cooper", "climax", 1, 1, "1", 48.0),
        (1960, "Cooper", "maserati", 1, 5, "5", 3.0),
        (2018, "Force-India", "mercedes", 1, 7, "7", 52.0),
        (2018, "Force-India", "mercedes", 2, None, "EX", 0.0),
    ]


def test_a_sprint_scores_and_is_no_win(published, results):
    assert results(2021, 1, "driver, points", "sprint") == [("Max Verstappen", 3.0), ("George Russell", 2.0)]
    assert published("""
        SELECT starts, wins, podiums, points_scored, points_official FROM racing.driver_season
        WHERE season = 2021 AND driver = 'Max Verstappen'
    """) == [(2, 2, 2, 40.5, 40.5)]


def test_formats_of_qualifying_differ(published):
    found = published("SELECT DISTINCT qualifying_format FROM racing.race ORDER BY 1")
    assert found == [("knockout",), ("sprint_race",), ("two_session",)]


def test_grid_time_gap_and_penalty_are_numbers_where_they_are_any(results):
    columns = "grid, pit_lane_start, seconds, gap_seconds, gap_laps, penalty_seconds"
    assert results(2021, 1, columns) == [
        (None, True, 4925.003, None, None, None),
        (3, False, None, 62.1, None, 5.0),
    ]
    assert results(1975, 1, columns)[1] == (None, False, None, None, 2, None)


def test_a_car_and_a_number_name_nobody_and_a_driver_keeps_the_id(published):
    rows = published("""
        SELECT p.name, p.name_given, p.name_family, p.birth_date, p.death_year
        FROM core.person AS p JOIN core.crosswalk AS x ON x.entity_id = p.person_id
        WHERE x.source = 'f1db' AND x.source_id IN ('lella-lombardi', 'juan-fangio') ORDER BY p.name
    """)
    assert rows == [
        ("Juan Fangio", "Juan", "Fangio", dt.date(1911, 6, 24), None),
        ("Lella Lombardi", "Lella", "Lombardi", dt.date(1911, 6, 24), 1992),
    ]
    assert published("SELECT count(*) FROM core.name WHERE source = 'f1db' AND name = 'Juan Maria Fangio'") == [(1,)]


def test_equal_names_of_constructors_are_two_constructors(published):
    assert published("SELECT count(*) FROM core.team WHERE name = 'Lotus' AND sport = 'racing'") == [(2,)]


def test_former_names_of_a_circuit_are_names_of_it(published):
    names = published("""
        SELECT n.name FROM core.name AS n JOIN core.crosswalk AS x ON x.entity_id = n.entity_id
        WHERE x.kind = 'venue' AND x.source = 'f1db' AND x.source_id = 'spain' ORDER BY n.name
    """)
    assert [name for (name,) in names] == ["A1-Ring", "Circuit of Spain", "Spain", "Österreichring"]


def test_a_race_is_called_as_its_grand_prix_and_one_without_a_file_by_its_id(published):
    assert published("SELECT race FROM racing.race WHERE season IN (1951, 1997) ORDER BY season") == [
        ("France Grand Prix",),
        ("europe",),
    ]


def test_a_race_without_results_is_to_come_or_unknown_and_nobody_scored_zero(published):
    assert published("""
        SELECT year(date), round, status FROM core.match
        WHERE sport = 'racing' AND status <> 'played' ORDER BY date
    """) == [(2024, "Round 2", "unknown"), (2026, "Round 2", "scheduled")]
    assert published("SELECT count(*) FROM racing.result WHERE season = 2026") == [(1,)]


def test_ranges_of_rounds_are_expanded_wherever_the_driver_stands(published):
    assert published("""
        SELECT p.name, t.name, e.rounds, e.first_round, e.last_round, e.test_driver
        FROM racing.entry AS e
        JOIN core.person AS p ON p.person_id = e.driver_id
        JOIN core.team AS t ON t.team_id = e.constructor_id
        ORDER BY e.entrant, p.name, t.name
    """) == [
        ("Lella Lombardi", "Lotus", 2, 1, 2, False),
        ("Juan Fangio", "Cooper", 1, 1, 1, False),
        ("Juan Fangio", "Lotus", 1, 2, 2, False),
        ("Alain Prost", "Mclaren", 1, 2, 2, False),
        ("Ayrton Senna", "Mclaren", 2, 1, 2, False),
        ("Stirling Moss", "Mclaren", None, None, None, True),
    ]
    assert published("""
        SELECT m.role, m.first_date, m.last_date
        FROM core.membership AS m JOIN core.person AS p USING (person_id)
        WHERE p.name IN ('Alain Prost', 'Stirling Moss') ORDER BY p.name
    """) == [("driver", dt.date(1988, 3, 2), dt.date(1988, 3, 2)), ("test driver", None, None)]


def test_a_winner_who_was_disqualified_has_no_place(results):
    assert results(2024, 1, "driver, position, position_text, grid") == [
        ("Max Verstappen", 1, "1", None),
        ("George Russell", None, "DSQ", 6),
    ]


def test_starts_leave_out_who_did_not_qualify_or_start(published):
    assert published("""
        SELECT driver, starts, points_official FROM racing.driver_season WHERE season = 1951 ORDER BY driver
    """) == [
        ("George Abecassis", 0, None),
        ("Juan Fangio", 2, None),
        ("Luigi Fagioli", 1, None),
        ("Tony Bettenhausen", 1, None),
    ]


def test_seasons_span_their_rounds_whatever_bucket_they_lie_in(published):
    assert published("""
        SELECT s.label, s.start_date, s.end_date FROM core.season AS s JOIN core.competition AS c USING (competition_id)
        WHERE c.slug = 'f1' AND s.label IN ('1988', '2026') ORDER BY s.label
    """) == [
        ("1988", dt.date(1988, 3, 1), dt.date(1988, 3, 2)),
        ("2026", dt.date(2026, 3, 1), dt.date(2026, 3, 2)),
    ]


def test_a_race_keeps_the_sources_own_id(published):
    assert published("""
        SELECT x.source_id FROM core.crosswalk AS x JOIN racing.race AS r ON r.match_id = x.entity_id
        WHERE x.kind = 'match' AND x.source = 'f1db' AND r.season = 1951
    """) == [("1",)]


def test_a_disqualification_later_on_is_an_update_of_the_old_race(world):
    made = world()
    key = f"race_results/{place(2024, 1, 'bahrain', 'race-results')}"
    files = {name: said for name, said in FEEDS["f1db"].items() if "/races/" not in name or "/2024/" in name}
    made.land("f1db", {**files, key: rows("1 george-russell ferrari points=25", "2 max-verstappen mclaren points=18")})
    made.tables()
    made.land("f1db", {key: FEEDS["f1db"][key]})
    found = made.tables("r2").sql("SELECT driver, position_text, points FROM racing.result ORDER BY place")
    assert found == [("Max Verstappen", "1", 25.0), ("George Russell", "DSQ", 0.0)]
