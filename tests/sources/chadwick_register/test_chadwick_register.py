"""Quirks of the register, each on a few rows; and the same people as Lahman's tables know them."""

import pytest

from fieldhouse import sources


def person(key: str, last: str, first: str = "", **more: str) -> dict:
    return {
        "key_person": key,
        "key_uuid": f"{key}-0000-4000-8000-000000000000",
        "name_last": last,
        "name_first": first,
        **more,
    }


PLAIN = [person(f"6000000{n}", f"Plain{n}", "Al") for n in range(9)]
FEEDS = {
    "chadwick_register": {
        "person/people-6.csv": [
            *PLAIN,
            # Only two rows of half a million are quoted, behind thousands that are not.
            person("69e1b079", "Tejada", "Miguel", key_bbref_minors="tejada000jr,", key_fangraphs="777"),
            person("6fee424d", "Alston", "Jr., Darian", key_bbref_minors="alston000jr,"),
        ],
        "person/people-a.csv": [
            person("a0000001", "Null", "Jason"),
            person("a0000002", "Na", "Sung-bum", birth_year="1989", birth_month="10", birth_day="3"),
            person("a0000003", "Smith"),
            person("a0000004", "Smith"),
            person("a0000005", "Partly", "Al", birth_year="1880", birth_month="4"),
            person("a0000006", "Odd", "Al", birth_day="7", death_month="92", death_year="1850", birth_year="1860"),
            person("a0000007", "Leap", "Al", birth_year="1901", birth_month="2", birth_day="29"),
            person("a0000008", "Griffey", "Ken", name_suffix="Jr."),
            person("a0000009", "Baugh", "Al", name_suffix="Matthew John"),
            person("a000000a", "Acuña", "José", name_given="José María"),
            # The same person in both sources, by one id or the other; and one whose ids lead apart.
            person("a0000010", "Ruth", "Babe", key_bbref="ruthba01", key_retro="ruthb101", birth_year="1895", birth_month="2"),
            person("a0000011", "Dolan", "Cozy", key_bbref="dolanco01", birth_year="1873", birth_month="12", birth_day="3"),
            person("a0000012", "Hughes", "Al", key_bbref="hughesa01"),
            person("a0000013", "Hughes", "Ed", key_retro="hughs101"),
            person("a0000014", "Frazer", "George", key_retro="frazg801"),
            person("a0000015", "Near", "Sam", birth_year="1900"),
        ],
    },
    "lahman": {
        "person/People.parquet": [
            {"playerID": "ruthba01", "nameFirst": "Babe", "nameLast": "Ruth", "bbrefID": "ruthba01", "retroID": "ruthb101",
             "birthYear": 1895, "birthMonth": 2, "birthDay": 6},
            {"playerID": "dolanco01", "nameFirst": "Cozy", "nameLast": "Dolan", "bbrefID": "dolanco01", "birthYear": 1872},
            {"playerID": "hughesa01", "nameFirst": "Al", "nameLast": "Hughes", "bbrefID": "hughesa01", "retroID": "hughs101"},
            {"playerID": "frazege99", "nameFirst": "George", "nameLast": "Frazer", "retroID": "frazg801"},
            {"playerID": "frazge99", "nameFirst": "George", "nameLast": "Frazer", "retroID": "frazg801"},
        ],
    },
}  # fmt: skip


def the(key: str) -> str:
    """The person of the register with this key."""
    return (
        "(SELECT entity_id FROM core.crosswalk WHERE kind = 'person' AND source = 'chadwick_register' "
        f"AND source_id LIKE '{key}%')"
    )


def lahmans(player: str) -> str:
    return (
        f"(SELECT entity_id FROM core.crosswalk WHERE kind = 'person' AND source = 'lahman' AND source_id = '{player}')"
    )


def test_q01_q05_everybody_is_a_person_by_uuid_whoever_else_is_called_so(published):
    rows = published("SELECT count(DISTINCT entity_id) FROM core.crosswalk WHERE source = 'chadwick_register'")
    assert rows == [(len(PLAIN) + 2 + 16,)]
    assert published(f"SELECT name FROM core.person WHERE person_id IN ({the('a0000003')}, {the('a0000004')})") == [
        ("Smith",),
        ("Smith",),
    ]


def test_q02_quoted_cells_shift_nothing(published):
    assert published(f"SELECT name FROM core.person WHERE person_id = {the('69e1b079')}") == [("Miguel Tejada",)]
    assert published(f"SELECT name FROM core.person WHERE person_id = {the('6fee424d')}") == [("Jr., Darian Alston",)]


def test_q03_people_may_be_called_null_and_na(published):
    rows = published(
        f"SELECT name FROM core.person WHERE person_id IN ({the('a0000001')}, {the('a0000002')}) ORDER BY 1"
    )
    assert rows == [("Jason Null",), ("Sung-bum Na",)]


@pytest.mark.parametrize(
    ("key", "birth"),
    [
        ("a0000002", (1989, 10, 3, "1989-10-03")),
        ("a0000005", (1880, 4, None, None)),
        ("a0000006", (1860, None, 7, None)),
        ("a0000007", (1901, 2, 29, None)),
    ],
)
def test_q04_a_date_is_whole_or_in_parts(published, key, birth):
    rows = published(
        f"SELECT birth_year, birth_month, birth_day, birth_date::text FROM core.person WHERE person_id = {the(key)}"
    )
    assert rows == [birth]


def test_q04_who_died_before_being_born_did_so_in_the_feed_and_no_calendar_has_month_92(published):
    rows = published(f"SELECT birth_year, death_year, death_month FROM core.person WHERE person_id = {the('a0000006')}")
    assert rows == [(1860, 1850, None)]
    told = published("SELECT field, was, becomes FROM core.correction WHERE source = 'chadwick_register'")
    assert told == [("death_month", "92", None)]


def test_q08_a_suffix_is_part_of_the_name_where_it_is_one_and_accents_stay(published):
    rows = published(
        "SELECT name FROM core.name WHERE source = 'chadwick_register' "
        "AND name SIMILAR TO '.*(Griffey|Baugh|Acuña).*' ORDER BY 1"
    )
    assert rows == [("Al Baugh",), ("José Acuña",), ("Ken Griffey Jr.",)]


def test_one_person_of_two_sources_by_the_id_that_both_state(published):
    rows = published(
        f"SELECT source, method, evidence FROM core.crosswalk WHERE entity_id = {lahmans('ruthba01')} ORDER BY source"
    )
    assert rows == [("chadwick_register", "id", "bbref ruthba01"), ("lahman", "own", "bbref ruthba01")]
    assert published("SELECT birth_day, birth_date::text FROM core.person WHERE name = 'Babe Ruth'") == [
        (6, "1895-02-06")
    ]


def test_dates_that_disagree_are_not_mixed_and_are_told(published):
    rows = published("SELECT birth_year, birth_month, birth_day, birth_date FROM core.person WHERE name = 'Cozy Dolan'")
    assert rows == [(1872, None, None, None)]
    told = published(
        "SELECT source, value, chosen_source, chosen_value FROM core.disagreement WHERE \"column\" = 'birth_year'"
    )
    assert told == [("chadwick_register", "1873", "lahman", "1872")]


def test_ids_that_lead_apart_link_by_the_first_and_are_told(published):
    assert published(f"SELECT {lahmans('hughesa01')} = {the('a0000012')}") == [(True,)]
    told = published(
        "SELECT source_id, candidate_id, evidence FROM core.unlinked WHERE source = 'lahman' AND evidence LIKE 'retro h%'"
    )
    assert told == [("hughesa01", published(f"SELECT {the('a0000013')}")[0][0], "retro hughs101")]


def test_two_people_of_one_source_who_state_one_id_stay_two(published):
    people = ", ".join([lahmans("frazege99"), lahmans("frazge99"), the("a0000014")])
    assert published(f"SELECT len(list_distinct([{people}]))") == [(3,)]
    told = published("SELECT DISTINCT source_id FROM core.unlinked WHERE evidence = 'retro frazg801' ORDER BY 1")
    assert [row[0][:8] for row in told] == ["a0000014", "frazege9", "frazge99"]


def test_the_declaration_asks_upstream_for_all_sixteen_shards_and_bears_fewer_in_a_mirror():
    feed = sources.find("chadwick_register").feed("person")
    assert feed.raw["values"] == {"shard": list("0123456789abcdef")}
    assert feed.optional == "mirror"


def test_a_name_that_is_gone_and_one_that_is_new(world):
    """Q6: clusters merge and split upstream. Who is gone is gone; who stays, stays the same, whatever key_person says."""
    made = world()
    name = "person/people-b.csv"
    before = [person("b0000001", "Stays", "Al"), person("b0000002", "Goes", "Al", key_bbref="goesal01")]
    made.land("chadwick_register", {name: written(before)})
    ids = dict(made.tables("r1").sql("SELECT name, person_id FROM core.person"))
    # The uuid of Goes is retired for another one with the same id of Baseball-Reference; key_person is used again.
    other = person("b0000002", "Other", "Al") | {"key_uuid": "b0000002-ffff-4000-8000-000000000000"}
    moved = person("b0000009", "Goes", "Al", key_bbref="goesal01")
    made.land("chadwick_register", {name: written([before[0], other, moved])})
    now = dict(made.tables("r2").sql("SELECT name, person_id FROM core.person"))
    assert now["Al Stays"] == ids["Al Stays"]
    assert now["Al Other"] != ids["Al Goes"]


def written(rows: list[dict]) -> str:
    fields = [field.name for field in sources.find("chadwick_register").feed("person").records[0].fields]
    return "\n".join([",".join(fields), *(",".join(row.get(f, "") for f in fields) for row in rows)]) + "\n"
