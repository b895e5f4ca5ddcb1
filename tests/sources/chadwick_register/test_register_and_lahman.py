"""The same people in two sources that come one after the other: whichever is first, nobody's id changes."""

import pytest

from fieldhouse import contracts, plan
from fieldhouse.stages import audit
from fieldhouse.stages import publish as publish_stage

UUID = "{}-0000-4000-8000-000000000000"
FIELDS = ("key_person", "key_uuid", "name_last", "key_bbref", "key_retro")


@pytest.fixture
def lands(world):
    """Lands what a source says of people `(id, last name, bbref, retro)`; a run then answers with ids by source id."""
    from fieldhouse import sources

    made = world()
    number = iter(range(1, 9))

    def land(source: str, *people: tuple[str, str, str, str]) -> None:
        if source == "lahman":
            made.land(source, {"person/People.parquet": _parquet(people)})
        else:
            header = [f.name for f in sources.find(source).feed("person").records[0].fields]
            rows = [dict(zip(FIELDS, (p[0], UUID.format(p[0]), *p[1:]), strict=True)) for p in people]
            lines = [",".join(header), *(",".join(row.get(h, "") for h in header) for row in rows)]
            made.land(source, {"person/people-a.csv": "\n".join(lines) + "\n"})

    def run() -> tuple[dict[str, str], dict[str, str]]:
        name = f"r{next(number)}"
        tables = made.tables(name)
        ids = dict(tables.sql("SELECT left(source_id, 8), entity_id FROM core.crosswalk WHERE kind = 'person'"))
        redirects = dict(tables.sql("SELECT old_id, new_id FROM core.redirect"))
        for domain in plan.domains(contracts.load_all()):
            audit.run(made.store, domain, name)
        publish_stage.run(made.store, name)
        return ids, redirects

    return land, run


def _parquet(people) -> bytes:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    from fieldhouse import sources

    types = {"text": pa.string(), "integer": pa.int64(), "date": pa.timestamp("ns")}
    fields = sources.find("lahman").feed("person").records[0].fields
    schema = pa.schema([(f.name, types[f.types[0]]) for f in fields])
    rows = [{"playerID": p[0], "nameLast": p[1], "bbrefID": p[2] or None, "retroID": p[3] or None} for p in people]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), sink)
    return sink.getvalue()


LAHMAN = [("ruthba01", "Ruth", "ruthba01", "ruthb101"), ("cobbty01", "Cobb", "cobbty01", "")]
REGISTER = [("a0000001", "Ruth", "ruthba01", ""), ("a0000002", "Cobb", "cobbty01", ""), ("a0000003", "Minor", "", "")]
SAME = {"a0000001": "ruthba01", "a0000002": "cobbty01"}


@pytest.mark.parametrize("order", [("lahman", "chadwick_register"), ("chadwick_register", "lahman")])
def test_nobodys_id_changes_when_the_other_source_comes(lands, order):
    land, run = lands
    said = {"lahman": LAHMAN, "chadwick_register": REGISTER}
    land(order[0], *said[order[0]])
    first, _ = run()
    land(order[1], *said[order[1]])
    both, redirects = run()
    assert {key: both[key] for key in first} == first
    assert {uuid: both[uuid] == both[player] for uuid, player in SAME.items()} == dict.fromkeys(SAME, True)
    assert redirects == {}
    again, _ = run()
    assert again == both


def test_two_that_turn_out_to_be_one_keep_one_id_and_the_other_leads_there(lands):
    land, run = lands
    land("lahman", ("ruthba01", "Ruth", "", ""))
    land("chadwick_register", *REGISTER)
    apart, _ = run()
    assert apart["ruthba01"] != apart["a0000001"]
    land("lahman", LAHMAN[0])
    merged, redirects = run()
    assert merged["ruthba01"] == merged["a0000001"]
    retired = {apart["ruthba01"], apart["a0000001"]} - {merged["ruthba01"]}
    assert redirects == dict.fromkeys(retired, merged["ruthba01"])
    assert len(redirects) == 1


def test_a_renamed_person_and_a_shard_that_comes_later_change_no_id(lands):
    land, run = lands
    land("lahman", *LAHMAN)
    land("chadwick_register", REGISTER[0])
    first, _ = run()
    land("lahman", ("ruthba01", "Ruth Jr.", "ruthba01", "ruthb101"), LAHMAN[1])
    land("chadwick_register", *REGISTER)
    later, redirects = run()
    assert {key: later[key] for key in first} == first
    assert redirects == {}
