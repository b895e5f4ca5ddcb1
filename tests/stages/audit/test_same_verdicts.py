"""Compiled checks say what Great Expectations says on pandas, of good data and of bad."""

import datetime
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldhouse.contracts import Column, Contract
from fieldhouse.lake import duck, schema
from fieldhouse.stages.audit import compiling, judging, native, session
from fieldhouse.stages.audit.checks import QUERY, Expectation
from fieldhouse.stages.audit.suites import Suite

TYPES = {
    "row": "int64",
    "whole": "int32",
    "share": "float64",
    "word": "string",
    "day": "date",
    "flag": "bool",
    "at": "timestamp",
    "words": "list<string>",
}
COLUMNS = tuple(Column(name, kind, "", null=True) for name, kind in TYPES.items())
TABLE = Contract("test.given", "", "", "normalized", "1.0.0", ("row",), (), COLUMNS)


def of(kind: str, /, **kwargs: object) -> Expectation:
    return Expectation("test.given", kind.removeprefix("expect_"), kind, kwargs)


def mostly(shares: tuple[float, ...], kind: str, /, **kwargs: object) -> list[Expectation]:
    return [of(kind, **kwargs), *(of(kind, **kwargs, mostly=share) for share in shares)]


# Shares that a few rows hit exactly, and that only rounding would reach.
SHARES = (0.5, 2 / 3, 0.6667)
CHECKS = [
    of("expect_table_columns_to_match_ordered_list", column_list=list(TYPES)),
    of("expect_table_columns_to_match_ordered_list", column_list=["row", "word", "whole"]),
    of("expect_table_row_count_to_be_between", min_value=1),
    of("expect_table_row_count_to_be_between", min_value=2, max_value=3),
    of("expect_column_values_to_be_of_type", column="whole", type_="int32"),
    of("expect_column_values_to_be_of_type", column="whole", type_="int64"),
    of("expect_column_values_to_be_of_type", column="word", type_="str"),
    of("expect_column_values_to_be_of_type", column="share", type_="float64"),
    of("expect_column_values_to_be_of_type", column="share", type_="int16"),
    of("expect_column_values_to_be_of_type", column="flag", type_="bool"),
    of("expect_column_values_to_be_of_type", column="at", type_="Timestamp"),
    of("expect_column_values_to_be_of_type", column="at", type_="str"),
    *(check for c in TYPES for check in mostly((2 / 3,), "expect_column_values_to_not_be_null", column=c)),
    *mostly(SHARES, "expect_column_values_to_be_between", column="whole", min_value=0, max_value=3),
    of("expect_column_values_to_be_between", column="whole", min_value=0, strict_min=True),
    of("expect_column_values_to_be_between", column="whole", max_value=2.5),
    *mostly((2 / 3,), "expect_column_values_to_be_between", column="share", min_value=0.0, max_value=0.5),
    of("expect_column_values_to_be_between", column="share", max_value=0.5, strict_max=True),
    of("expect_column_values_to_be_between", column="row", min_value=0, max_value=1e12),
    *mostly(SHARES, "expect_column_values_to_be_in_set", column="word", value_set=["a", "b's", ""]),
    *mostly(SHARES, "expect_column_values_to_match_regex", column="word", regex="^[ab]"),
    of("expect_column_values_to_match_regex", column="word", regex="a$"),
    of("expect_column_values_to_match_regex", column="word", regex="^.$"),
    *mostly(SHARES, "expect_column_values_to_be_unique", column="word"),
    *mostly((2 / 3,), "expect_column_values_to_be_unique", column="share"),
    of("expect_column_values_to_be_unique", column="whole"),
    of("expect_column_values_to_be_unique", column="day"),
    of("expect_column_values_to_be_unique", column="row"),
    *mostly(SHARES, "expect_compound_columns_to_be_unique", column_list=["whole", "word"]),
    of("expect_compound_columns_to_be_unique", column_list=["share", "flag"]),
    of("expect_compound_columns_to_be_unique", column_list=["row", "word"]),
]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "whole": st.none() | st.integers(-1, 4),
            "share": st.none() | st.sampled_from([-0.0, 0.0, 0.25, 0.5, 0.75, float("nan"), float("inf")]),
            "word": st.none() | st.sampled_from(["a", "a\n", "b's", "", "A", "ä", "\n", "\n\n", "NA", "nan", "None"]),
            "day": st.none() | st.sampled_from([datetime.date(2020, 1, 1), datetime.date(1870, 3, 5)]),
            "flag": st.none() | st.booleans(),
            "at": st.none() | st.just(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
            "words": st.none() | st.lists(st.sampled_from("ab"), max_size=2),
        }
    ),
    min_size=1,
    max_size=6,
)
GOOD = [{"whole": n, "share": n / 10, "word": "ab's"[n:], "flag": True, "words": []} for n in range(2)]
ALL_SKIPPED: list[dict[str, object]] = [{}, {"share": float("nan")}]


def opened(rows: list[dict[str, object]]):
    """A session with the rows as the table test.given."""
    import pyarrow as pa

    numbered = [{**row, "row": number} for number, row in enumerate(rows)]
    con = duck.connect()
    con.execute(f"CREATE SCHEMA test; CREATE TABLE {session.MIXED} (dataset VARCHAR, name VARCHAR, types VARCHAR)")
    con.register("data", pa.Table.from_pylist(numbered, schema=schema.arrow(COLUMNS)))
    con.execute("CREATE TABLE test.given AS FROM data")
    return con


def same(rows: list[dict[str, object]], checks: list[Expectation]) -> None:
    """Compiled and native verdicts agree, and so do all figures that both give."""
    with opened(rows) as con:
        ours = judging.judge(con, Suite("test.given", tuple(checks)), {"test.given": TABLE}).verdicts
        theirs = native.judge(con, TABLE, checks)
    for own, their in zip(ours, theirs, strict=True):
        said = (own.expectation.type, dict(own.expectation.kwargs), own, their)
        assert own.state == their.state, said
        figures = {k: v for k, v in their.result.items() if k.endswith(("_count", "_percent", "_nonmissing", "_total"))}
        assert figures == {k: own.result.get(k) for k in figures}, said


def test_every_check_here_is_compiled():
    with opened([]) as con:
        types = session.types(con, "test.given")
    assert {e.type for e in CHECKS} | {QUERY} == set(compiling.ARGUMENTS)
    assert all(compiling.compile_(e, types) is not None for e in CHECKS)


@pytest.mark.parametrize("rows", [GOOD, [], ALL_SKIPPED, [*GOOD, *GOOD]], ids=["good", "empty", "skipped", "twice"])
def test_the_same_of_plain_data(rows):
    same(rows, CHECKS)


@settings(max_examples=8, suppress_health_check=list(HealthCheck), derandomize=True)
@given(ROWS)
def test_the_same_of_any_data(rows):
    same(rows, CHECKS)


def test_the_same_where_a_check_cannot_be_run():
    checks = [
        of("expect_column_values_to_be_between", column="word", min_value=1),
        of("expect_column_values_to_not_be_null", column="nothing"),
        of("expect_column_values_to_be_unique", column="nothing"),
        of("expect_compound_columns_to_be_unique", column_list=["row", "nothing"]),
    ]
    same(GOOD, checks)
    with opened(GOOD) as con:
        found = judging.judge(con, Suite("test.given", tuple(checks)), {"test.given": TABLE}).verdicts
    assert [v.state for v in found] == ["error"] * 4
    assert all(v.message and v.stops for v in found)


def test_what_does_not_fit_runs_natively():
    checks = [
        of("expect_column_values_to_be_in_set", column="whole", value_set=[0, 1]),
        of("expect_column_values_to_match_regex", column="word", regex=r"^\w"),
        of("expect_column_value_lengths_to_be_between", column="word", min_value=1, max_value=1),
        of("expect_column_values_to_be_between", column="day", min_value="1900-01-01"),
    ]
    with opened([*GOOD, {"word": "ß"}]) as con:
        assert [compiling.compile_(e, session.types(con, "test.given")) for e in checks] == [None] * 4
        found = judging.judge(con, Suite("test.given", tuple(checks)), {"test.given": TABLE}).verdicts
    assert [v.state for v in found][:3] == ["passed", "passed", "failed"]


def test_queries_say_what_they_say_on_another_engine(tmp_path):
    """A query check is the library's own type, so any SQL source that it supports judges alike."""
    pytest.importorskip("sqlalchemy", reason="Great Expectations needs SQLAlchemy for queries")
    import sqlite3

    native.library()
    import great_expectations as gx

    query = "SELECT * FROM {batch} WHERE word IS NOT NULL AND word NOT IN (SELECT word FROM known)"
    rows = [{"word": w} for w in ("a", "b", None, "b", "c")]
    with opened(rows) as con, sqlite3.connect(tmp_path / "given.db") as other:
        con.execute("CREATE TABLE known AS SELECT 'a' AS word")
        own = judging.judge(
            con, Suite("test.given", (of(QUERY, unexpected_rows_query=query),)), {"test.given": TABLE}
        ).verdicts[0]
        other.execute("CREATE TABLE given (word TEXT)")
        other.execute("CREATE TABLE known AS SELECT 'a' AS word")
        other.executemany("INSERT INTO given VALUES (?)", [(row["word"],) for row in rows])
    other.close()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sqlite("other", connection_string=f"sqlite:///{tmp_path / 'given.db'}")
    batch = source.add_table_asset("given", table_name="given").add_batch_definition_whole_table("all").get_batch()
    their = batch.validate(gx.expectations.UnexpectedRowsExpectation(unexpected_rows_query=query))
    assert (own.state, own.result["observed_value"]) == ("failed", their.result["observed_value"]) == ("failed", 3)
    assert not their.success


PIECES = [
    "a",
    "B",
    "é",
    "٣",
    "0",
    "-",
    "_",
    ".",
    r"\.",
    r"\$",
    "[a-c0-9]",
    "[^a]",
    "(?:a|0)",
    "(b)?",
    "*",
    "+",
    "{1,2}",
]


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from([*PIECES, "|", "^", "$", r"\d", r"\w", r"\b", "(?=a)", "[é]"]), max_size=5).map("".join),
    st.text(st.sampled_from("aBé٣0-_.$\n\r"), max_size=6),
)
def test_patterns_mean_in_duckdb_what_they_mean_in_python(pattern, text):
    translated = compiling.as_re2(pattern)
    if translated is not None:
        with duck.connect() as con:
            ((found,),) = con.execute("SELECT regexp_matches(?, ?)", [text, translated]).fetchall()
        assert found == bool(re.search(pattern, text)), (pattern, translated, text)


@pytest.mark.parametrize(
    "pattern",
    [r"\d", r"\w+", r"\bword", "(?=a)", "(?P<n>a)", r"(a)\1", "a$b", "(a$|b)[^b]", "(a$)[^b]", "(", "[é]", "é"],
)
def test_patterns_that_may_differ_are_not_compiled(pattern):
    assert compiling.as_re2(pattern) is None


def test_common_patterns_are_compiled():
    for pattern in ("^[a-z]{2}\\.[1-9]$", r"^(?:\.|[0-9]+)$", "^[0-9]{4}(?:-[0-9]{2})?$", "a|b$"):
        assert compiling.as_re2(pattern)
