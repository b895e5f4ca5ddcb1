"""Reviewed repairs: what they change, that they are counted, and that one which fits nothing any more is reported."""

import pytest

from fieldhouse.errors import ConfigurationError

GROUNDS = "name,city,size\nRoker Park,Sunderland,22500\nElm Park,Reading,many\nnowhere,,1\n"
PLACES = {"places": [{"name": "Roker Park", "size": 1}, {"name": "nowhere"}, {"name": "Elm Park", "size": 2}]}


def stale(receipt):
    return [(note["rule"], note["was"]) for note in receipt.notes if note.get("note") == "stale correction"]


def corrections(toy, receipt):
    rows = toy.world.rows(receipt, "toy/core.correction")
    return sorted((r["rule"], r["key"], r["record"], r["field"], r["was"], r["becomes"], r["action"]) for r in rows)


def test_set_changes_one_value_and_says_so(toy):
    toy.declare(corrections="typo,ground,ground,name = 'Roker Park',city,Sunderland,set,Newcastle,moved,a map\n")
    receipt = toy.normalize({"ground/g.csv": GROUNDS})
    assert ("Roker Park", "Newcastle", "22500") in toy.venues(receipt)
    assert corrections(toy, receipt) == [("typo", "g.csv", "ground 0", "city", "Sunderland", "Newcastle", "set")]
    assert stale(receipt) == []


def test_set_repairs_what_would_be_set_aside(toy):
    toy.declare(
        corrections="counted,ground,ground,_key = 'g.csv' AND _ordinal = 1,size,many,set,18000,counted,a report\n"
    )
    receipt = toy.normalize({"ground/g.csv": GROUNDS})
    assert ("Elm Park", "Reading", "18000") in toy.venues(receipt)
    assert toy.aside(receipt) == []


def test_set_can_say_that_nothing_is_known_and_fill_what_was_not(toy):
    toy.declare(
        corrections="unknown,ground,ground,name = 'Roker Park',city,Sunderland,set,,never was there,a map\n"
        "found,ground,ground,name = 'nowhere',city,,set,Utopia,found,a map\n"
    )
    receipt = toy.normalize({"ground/g.csv": GROUNDS})
    assert [row[:2] for row in toy.venues(receipt)] == [("Roker Park", None), ("nowhere", "Utopia")]


def test_drop_record_takes_one_out_and_accounts_for_it(toy):
    toy.declare(corrections="a copy,place,place,name = 'Elm Park',,,drop_record,,stands elsewhere,the list\n")
    receipt = toy.normalize({"place/a.json": PLACES})
    assert toy.account(receipt) == {
        ("used", ""): 1,
        ("passed over", "not a place"): 1,
        ("passed over", "correction: a copy"): 1,
    }
    assert corrections(toy, receipt) == [("a copy", "a.json", "place 2", None, None, None, "drop_record")]


def test_drop_object_takes_the_whole_file_out_and_is_one_correction(toy):
    toy.declare(
        corrections="a copy,place,place,_key = 'a.json' AND _ordinal = 0,,,drop_object,,stands elsewhere,the list\n"
    )
    receipt = toy.normalize({"place/a.json": PLACES, "place/c.json": {"places": [{"name": "Ibrox"}]}})
    assert [row[0] for row in toy.venues(receipt)] == ["Ibrox"]
    assert corrections(toy, receipt) == [("a copy", "a.json", "", None, None, None, "drop_object")]
    rows = [r for r in toy.world.rows(receipt, "toy/core.account") if r["key"] == "a.json"]
    assert [(r["outcome"], r["rule"], r["count"]) for r in rows] == [("passed over", "correction: a copy", 3)]


def test_a_correction_is_stale_when_what_was_wrong_is_so_no_more(toy):
    toy.declare(
        corrections="typo,ground,ground,name = 'Roker Park',city,Sunderlnd,set,Sunderland,typo,a map\n"
        "gone,ground,ground,name = 'Ibrox',,,drop_record,,a copy,a map\n"
        "other feed,place,place,name = 'Ibrox',,,drop_record,,a copy,a map\n"
    )
    receipt = toy.normalize({"ground/g.csv": GROUNDS})
    assert stale(receipt) == [("typo", "Sunderlnd"), ("gone", "")]
    assert corrections(toy, receipt) == []


def test_a_correction_that_fits_in_one_bucket_only_is_not_stale(toy):
    toy.declare(corrections="a copy,place,place,_key = 'a.json',,,drop_object,,stands elsewhere,the list\n")
    receipt = toy.normalize({f"place/{key}.json": PLACES for key in "abcdef"})
    assert receipt.counts["buckets"] == 2
    assert stale(receipt) == []


def test_a_remembered_result_still_says_what_is_stale(toy):
    toy.declare(corrections="gone,ground,ground,name = 'Ibrox',,,drop_record,,a copy,a map\n")
    first = toy.normalize({"ground/g.csv": GROUNDS})
    again = toy.world.normalize("toy", "r2")
    assert again.remembered
    assert stale(again) == stale(first) == [("gone", "")]


@pytest.mark.parametrize(
    "row",
    [
        "r,ground,ground,no_such = 1,,,drop_record,,why,how\n",
        "r,ground,ground,name = 'A',no_such,x,set,y,why,how\n",
        "r,ground,ground,name = 'A',city,x,replace,y,why,how\n",
        "r,elsewhere,ground,name = 'A',city,x,set,y,why,how\n",
        "r,ground,ground,name = 'A',city,x,set,y,,how\n",
    ],
    ids=["selector", "field", "action", "feed", "no reason"],
)
def test_a_correction_that_cannot_work_is_an_error_of_configuration(toy, row):
    toy.declare(corrections=row)
    with pytest.raises(ConfigurationError, match="'r'"):
        toy.normalize({"ground/g.csv": GROUNDS})
