"""CSV that differs from its declaration: headers, ragged lines, bytes that are no text, and cells that do not fit."""

import pytest

from fieldhouse.errors import DataError

GOOD = "name,city,size\nRoker Park,Sunderland,22500\nAyresome Park,Middlesbrough,NA\n"


def test_good_lines_come_through_with_what_means_no_value_as_null(toy):
    receipt = toy.normalize({"ground/g.csv": GOOD})
    assert toy.venues(receipt) == [("Roker Park", "Sunderland", "22500"), ("Ayresome Park", "Middlesbrough", None)]
    assert receipt.notes == ()


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.rstrip("\n"),
        "\ufeff" + GOOD,
        GOOD.replace("Roker Park", '"Roker Park"'),
        GOOD.replace("NA", ""),
    ],
    ids=["crlf", "no last line end", "byte order mark", "quoted", "empty for NA"],
)
def test_ways_to_write_the_same(toy, content):
    receipt = toy.normalize({"ground/g.csv": content})
    assert toy.venues(receipt) == [("Roker Park", "Sunderland", "22500"), ("Ayresome Park", "Middlesbrough", None)]


def test_a_reordered_header_is_read_by_name_and_noted(toy):
    receipt = toy.normalize({"ground/g.csv": "city,name,size\nSunderland,Roker Park,22500\n"})
    assert toy.venues(receipt) == [("Roker Park", "Sunderland", "22500")]
    assert [(n["field"], n["declared"], n["found"]) for n in receipt.notes] == [
        ("(order)", "name,city,size", "city,name,size")
    ]


def test_an_extra_column_lets_the_lines_through_and_is_noted(toy):
    receipt = toy.normalize({"ground/g.csv": "name,city,size,roof\nRoker Park,Sunderland,22500,yes\n"})
    assert toy.venues(receipt) == [("Roker Park", "Sunderland", "22500")]
    assert [(n["kind"], n["field"]) for n in receipt.notes] == [("new", "roof")]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("name,size\nRoker Park,22500\n", "missing: city"),
        ("<!DOCTYPE html>\n<html></html>\n", "missing: name"),
        ("Roker Park,Sunderland,22500\nAyresome Park,Middlesbrough,1\n", "missing: name"),
        (b"", "not CSV"),
        (b"name,city,city,size\nA,B,C,1\n", "not CSV"),
        (b"name,city,size\nOrl\xe9ans,Loiret,1\n", "not CSV"),
        ('name,city,size\n"Roker Park,Sunderland,22500\n', "not CSV"),
    ],
    ids=["column gone", "html", "no header", "empty", "column twice", "latin1", "quote left open"],
)
def test_a_file_that_cannot_be_read_is_set_aside_whole(toy, content, rule):
    receipt = toy.normalize({"ground/g.csv": content})
    assert [(row["rule"], row["ordinal"]) for row in toy.aside(receipt)] == [(rule, -1)]
    assert toy.account(receipt) == {("set aside", rule): 1}


@pytest.mark.parametrize(
    ("line", "cells"), [("Roker Park,Sunderland", "2 cells"), ("Roker Park,Sunderland,1,2", "4 cells")]
)
def test_a_ragged_line_is_set_aside_and_the_others_keep_their_numbers(toy, line, cells):
    receipt = toy.normalize({"ground/g.csv": GOOD + line + "\nElm Park,Reading,1\n"})
    (row,) = toy.aside(receipt)
    assert (row["rule"], row["ordinal"], row["declared"], row["value"]) == ("cells", 2, "3 cells", line)
    assert row["found"] == f"{cells} in line 4"
    assert [r["_from_ordinal"] for r in toy.world.rows(receipt, "toy/core.venue")] == [0, 1, 3]


@pytest.mark.parametrize("cell", ["many", "22,500", "22500.0", "1e3", "99999999999999999999", "0x10", " 5", "-"])
def test_a_cell_that_is_no_such_value_sets_its_line_aside(toy, cell):
    receipt = toy.normalize({"ground/g.csv": f'{GOOD}Elm Park,Reading,"{cell}"\n'})
    (row,) = toy.aside(receipt)
    assert (row["rule"], row["field"], row["declared"], row["value"]) == ("value: size", "size", "integer", cell)
    assert row["ordinal"] == 2


def test_a_cell_that_must_not_be_empty(toy):
    receipt = toy.normalize({"ground/g.csv": GOOD + ",Reading,5\n"})
    assert [(row["rule"], row["ordinal"], row["value"]) for row in toy.aside(receipt)] == [("value: name", 2, None)]


def test_too_much_of_it_fails_the_stage_and_says_what_to_do(toy):
    toy.declare(max_drift=0.1)
    with pytest.raises(DataError) as told:
        toy.normalize({"ground/g.csv": GOOD + "Elm Park,Reading,many\n"})
    message = str(told.value)
    assert "toy: 1 of 3 records and 0 of 1 files set aside, more than max_drift = 0.1" in message
    assert (
        "ground/g.csv, ground 2: value: size: field size: declared integer, found text that is no such value: 'many'"
        in message
    )
    for way in ("containers/toy/source.toml", "corrections.csv", "limits.max_drift"):
        assert way in message
