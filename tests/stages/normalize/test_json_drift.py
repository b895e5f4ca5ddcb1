"""JSON that differs from its declaration: what comes through, what is set aside, and what is said of it."""

import pytest

from fieldhouse.errors import DataError

PLACE = {
    "name": "Roker Park",
    "size": 22500,
    "opened": "1898-09-10",
    "city": "Sunderland",
    "range": [1, 2],
    "kind": "field",
}


def places(*records):
    return {"places": list(records)}


@pytest.mark.parametrize(
    ("change", "rule", "declared", "found", "value"),
    [
        ({"size": "5"}, "type: size", "integer", "text", "5"),
        ({"size": 5.5}, "type: size", "integer", "number", "5.5"),
        ({"size": True}, "type: size", "integer", "boolean", "true"),
        ({"size": {"seats": 5}}, "type: size", "integer", "object", '{"seats":5}'),
        ({"name": {"long": "Roker Park"}}, "type: name", "text", "object", '{"long":"Roker Park"}'),
        ({"city": {"town": "Sunderland"}}, "type: city", "text", "object", '{"town":"Sunderland"}'),
        ({"city": {}}, "type: city", "text", "object", "{}"),
        ({"name": {}}, "type: name", "text", "an empty object", "{}"),
        ({"size": [5]}, "type: size", "integer", "list of integer", "[5]"),
        ({"size": 10**30}, "type: size", "integer", "number", "1000000000000000000000000000000"),
        ({"size": 2**64 - 1}, "value: size", "integer", "text that is no such value", str(2**64 - 1)),
        ({"opened": "1898-02-30"}, "value: opened", "date", "text that is no such value", "1898-02-30"),
        ({"opened": "10.09.1898"}, "value: opened", "date", "text that is no such value", "10.09.1898"),
        ({"opened": 1898}, "type: opened", "date", "integer", "1898"),
        ({"name": 5}, "type: name", "text", "integer", "5"),
        ({"name": None}, "missing: name", "text", "nothing", None),
        ({"range": [1, None]}, "value: range", "integers, 2 of them", "text that is no such value", "[1,null]"),
        ({"range": [1]}, "value: range", "integers, 2 of them", "text that is no such value", "[1]"),
        ({"range": [1, "2"]}, "type: range", "integers", "list of", '[1,"2"]'),
        ({"range": "1-2"}, "type: range", "integers", "text", "1-2"),
        ({"kind": "garden"}, "value: kind", "hall or field", "text that is no such value", "garden"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_value_that_does_not_fit_sets_its_record_aside(toy, change, rule, declared, found, value):
    receipt = toy.normalize({"place/a.json": places(PLACE, {**PLACE, **change})})
    (row,) = toy.aside(receipt)
    assert (row["rule"], row["declared"]) == (rule, declared)
    assert found in row["found"]
    assert value is None or row["value"] == value
    assert (row["key"], row["records"], row["ordinal"]) == ("a.json", "place", 1)
    assert toy.account(receipt) == {("used", ""): 1, ("set aside", row["rule"]): 1}


@pytest.mark.parametrize("record", [None, 5, "text", [], [PLACE]], ids=str)
def test_an_element_that_is_no_object_is_set_aside(toy, record):
    receipt = toy.normalize({"place/a.json": places(PLACE, record)})
    assert [(row["ordinal"], row["declared"]) for row in toy.aside(receipt)] == [(1, "object")]
    assert len(toy.venues(receipt)) == 1


def test_a_field_that_vanished_sets_aside_and_one_that_may_be_absent_does_not(toy):
    receipt = toy.normalize({"place/a.json": places({"name": "Roker Park"}, {"city": "Sunderland"})})
    assert toy.venues(receipt) == [("Roker Park", None, "")]
    assert [row["rule"] for row in toy.aside(receipt)] == ["missing: name"]


def test_a_new_field_lets_the_record_through_and_is_noted_with_its_count_and_first_place(toy):
    new = {**PLACE, "roof": True}
    receipt = toy.normalize({"place/a.json": places(PLACE, new, new), "place/b.json": places(PLACE)})
    assert len(toy.venues(receipt)) == 4
    assert toy.aside(receipt) == []
    (note,) = receipt.notes
    assert (note["kind"], note["field"], note["declared"], note["found"]) == ("new", "roof", "nothing", "boolean")
    assert (note["count"], note["example"]) == (2, "a.json, place 1")


def test_a_new_field_beside_the_records_is_noted_too(toy):
    receipt = toy.normalize({"place/a.json": {"version": 2, **places(PLACE)}})
    assert [(note["kind"], note["field"], note["example"]) for note in receipt.notes] == [("new", "version", "a.json")]


def test_variants_of_container_and_field_mean_the_same(toy):
    nested = {"regions": [{"name": "North", "places": [{"name": "Roker Park", "city": {"name": "Sunderland"}}]}]}
    assert toy.venues(toy.normalize({"place/a.json": nested})) == [("Roker Park", "Sunderland", "North")]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not JSON"),
        (b'{"places": [{"name": "Roker P', "not JSON"),
        (b"<!DOCTYPE html><html><body>404: Not Found</body></html>", "not JSON"),
        (b'{"places": [{"name": "Orl\xe9ans"}]}', "not JSON"),
        ('{"places": []}'.encode("utf-16"), "not JSON"),
        (b"null", "no records"),
        (b"[]", "no records"),
        (b'{"message": "rate limit exceeded"}', "no records"),
        (b'{"places": {"name": "Roker Park"}}', "no records"),
        (b'{"places": null}', "no records"),
        (b'{"places": [], "places": [{"name": "Roker Park"}]}', "a key twice"),
        (b'{"regions": [{"places": [], "places": [{"name": "Roker Park"}]}]}', "a key twice"),
        (b'{"places": ' + b"[" * 5000 + b"]" * 5000 + b"}", "too deep"),
    ],
    ids=[
        "empty",
        "half",
        "html",
        "latin1",
        "utf16",
        "null",
        "list",
        "message",
        "object",
        "nothing",
        "twice",
        "twice-inside",
        "deep",
    ],
)
def test_a_file_without_records_to_read_is_set_aside_whole(toy, content, rule):
    receipt = toy.normalize({"place/a.json": content, "place/b.json": places(PLACE)})
    assert [(row["key"], row["ordinal"], row["rule"]) for row in toy.aside(receipt)] == [("a.json", -1, rule)]
    assert toy.account(receipt) == {("used", ""): 1, ("set aside", rule): 1}


def test_lists_that_are_missing_halfway_are_told_and_the_others_are_read(toy):
    regions = {"regions": [{"name": "North", "places": [PLACE]}, {"name": "South", "grounds": [PLACE]}]}
    receipt = toy.normalize({"place/a.json": regions})
    assert [(row["rule"], row["found"]) for row in toy.aside(receipt)] == [("no records", "1 of 2 without")]
    assert len(toy.venues(receipt)) == 1


@pytest.mark.parametrize(
    "content", ['{"places": []}', '{"regions": []}', '{"regions": [{"name": "North", "places": []}]}']
)
def test_an_empty_list_of_records_is_fine(toy, content):
    receipt = toy.normalize({"place/a.json": content})
    assert toy.aside(receipt) == []
    assert receipt.notes == ()


def test_a_byte_order_mark_is_not_in_the_way(toy):
    assert toy.venues(toy.normalize({"place/a.json": b'\xef\xbb\xbf{"places": [{"name": "Roker Park"}]}'}))


@pytest.mark.parametrize(
    "record",
    [
        '{"name": "A", "name": "B"}',
        '{"name": "A", "city": {"name": "X", "name": "Y"}}',
        '{"size": 1, "name": "A", "size": 1}',
    ],
)
def test_a_key_that_stands_twice_in_a_record_sets_it_aside(toy, record):
    receipt = toy.normalize({"place/a.json": f'{{"places": [{record}, {{"name": "C"}}]}}'})
    assert [(row["ordinal"], row["rule"]) for row in toy.aside(receipt)] == [(0, "a key twice")]
    assert toy.venues(receipt) == [("C", None, "")]


def test_drift_within_the_tolerance_passes_and_beyond_it_the_stage_fails(toy):
    files = {"place/a.json": places(*[PLACE] * 9, {**PLACE, "size": "5"})}
    toy.declare(max_drift=0.1)
    assert toy.normalize(files).counts["set aside"] == 1
    toy.declare(max_drift=0.09)
    with pytest.raises(DataError) as told:
        toy.normalize(files, "r2")
    assert str(told.value) == (
        "toy: 1 of 10 records and 0 of 1 files set aside, more than max_drift = 0.09\n"
        "  place/a.json, place 9: type: size: field size: declared integer, found text: '5'\n"
        "  → if upstream changed, declare it in containers/toy/source.toml; if it is wrong, repair it in corrections.csv; "
        "if it is to be borne, raise limits.max_drift"
    )


def test_a_file_that_cannot_be_read_is_not_one_record_among_many(toy):
    toy.declare(max_drift=0.3)
    files = {"place/a.json": places(*[PLACE] * 50), "place/b.json": b'{"places": [{"na'}
    with pytest.raises(DataError, match=r"1 of 51 records and 1 of 2 files set aside") as told:
        toy.normalize(files)
    assert "place/b.json, the file: not JSON" in str(told.value)
    assert told.value.exit == 65


def test_each_reason_is_shown_once_with_its_first_example(toy):
    toy.declare(max_drift=0.0)
    with pytest.raises(DataError) as told:
        toy.normalize({"place/a.json": places({"name": 1}, {"name": 2}, {**PLACE, "opened": "soon"})})
    assert str(told.value).count("type: name") == 1
    assert "found text that is no such value: 'soon'" in str(told.value)
