"""Two ways to read one CSV agree, nothing that is landed makes the stage stumble, and every record is accounted for."""

import csv
import io
import json
import string

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fieldhouse import contracts
from fieldhouse.errors import FieldhouseError
from fieldhouse.lake import landings
from fieldhouse.sources import find
from fieldhouse.stages.normalize import build, units

SLOW = settings(max_examples=25, suppress_health_check=list(HealthCheck))
#: What is between quotes may be anything but half a letter, or the character that no database takes.
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6) | st.sampled_from(
    ['"', ",", "\n", "a,b", 'say "a"', "two\nlines", "NA", "", "Ødegård", "日本", "=1+1", " ", "'", "\\"]
)


@pytest.fixture
def rows_of(toy):
    """Reads one object of the toy source's feeds and answers with the result and the rows that were made of it."""

    def read(feed, content):
        toy.world.land("toy", {f"{feed}/x": content})
        source = find("toy")
        snapshot = landings.snapshot(toy.world.store, "toy", max(landings.numbers(toy.world.store, "toy")))
        only = {item.id: item for item in snapshot.values() if item.id == (feed, "x")}
        (unit,) = units.plan(source, only, contracts.load_all(), toy.home)
        return build.build(toy.world.store, unit)

    return read


def written(rows, **how):
    text = io.StringIO()
    csv.writer(text, **{"lineterminator": "\n", "quoting": csv.QUOTE_ALL, **how}).writerows(
        [("name", "city", "size"), *rows]
    )
    return text.getvalue()


def read_by_python(content):
    """What a plain reader says: the rows with a name, an empty cell is no value."""
    lines = list(csv.reader(io.StringIO(content, newline=""), strict=True))[1:]
    return [tuple(cell or None for cell in line) for line in lines if line]


WAYS = [{}, {"lineterminator": "\r\n"}, {"quoting": csv.QUOTE_MINIMAL}]


@SLOW
@given(
    rows=st.lists(st.tuples(cells.filter(bool), cells, st.integers(0, 99).map(str)), max_size=6),
    how=st.sampled_from(WAYS),
)
def test_good_csv_is_read_as_any_reader_does_and_as_the_careful_way_does(toy, rows_of, rows, how):
    assume("quoting" not in how or not any("\r" in cell for row in rows for cell in row))  # Python leaves it unquoted
    content = written(rows, **how)
    found = made(toy, rows_of("ground", content))
    expected = [(name, None if city in (None, "NA") else city, size) for name, city, size in read_by_python(content)]
    assert found == expected
    # A ragged line at the end sends the same file the careful way: the other rows must not change.
    ragged = rows_of("ground", content + "one cell too few\n")
    assert made(toy, ragged) == expected
    assert ragged.counts["set aside"] == 1


def made(toy, result):
    import pyarrow.parquet as pq

    rows = [
        row
        for part in result.outputs
        if part.dataset == "toy/core.venue"
        for row in pq.read_table(toy.world.store.local(part.path)).to_pylist()
    ]
    return [(r["name"], r["city"], r["country"]) for r in sorted(rows, key=lambda r: r["_from_ordinal"])]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.dates().map(str)
names = st.sampled_from(
    ["name", "size", "opened", "city", "range", "kind", "places", "regions", "new", "", "a.b", '"', "$", "x'y"]
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
places = st.fixed_dictionaries(
    {"places": st.lists(st.dictionaries(names, documents, max_size=4) | documents, max_size=5)}
)


@st.composite
def damaged(draw, contents):
    """A content with bytes cut out, doubled or overwritten."""
    content = bytearray(draw(contents))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 4)))
        content[start:end] = draw(
            st.sampled_from([b"", content[start:end] * 2, b"\0", b"\xff", b'"', b"{", b"]", b",", b"\n", b"\r"])
        )
    return bytes(content)


texts = (st.one_of(documents, places)).map(
    lambda doc: json.dumps(doc, ensure_ascii=False).encode("utf-8", "surrogatepass")
)
good_csv = st.lists(st.tuples(cells, cells, cells), max_size=5).map(
    lambda rows: written(rows).encode("utf-8", "replace")
)


def accounted(toy, result):
    """Records per outcome, from the account that is published; they must be those that the stage counted."""
    import pyarrow.parquet as pq

    found: dict[str, int] = {}
    for part in (p for p in result.outputs if p.dataset == "toy/core.account"):
        for row in pq.read_table(toy.world.store.local(part.path)).to_pylist():
            found[row["outcome"]] = found.get(row["outcome"], 0) + row["count"]
    assert found == {name: n for name, n in result.counts.items() if n}
    return found


@SLOW
@given(content=st.binary(max_size=40) | damaged(texts))
def test_no_json_makes_the_stage_stumble_and_all_records_add_up(toy, rows_of, content):
    try:
        result = rows_of("place", content)
    except FieldhouseError:
        return
    outcomes = accounted(toy, result)
    assert len(made(toy, result)) == outcomes.get("used", 0)
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        return
    top = document.get("places") if isinstance(document, dict) else None
    if isinstance(top, list) and not isinstance(document.get("regions"), list) and content.count(b'"places"') == 1:
        assert sum(outcomes.values()) == len(top)


@SLOW
@given(content=st.binary(max_size=40) | damaged(good_csv))
def test_no_csv_makes_the_stage_stumble_and_all_records_add_up(toy, rows_of, content):
    try:
        result = rows_of("ground", content)
    except FieldhouseError:
        return
    outcomes = accounted(toy, result)
    assert len(made(toy, result)) == outcomes.get("used", 0)


@given(key=st.text(string.printable, max_size=20), buckets=st.integers(1, 64))
def test_a_key_stays_in_its_bucket_and_every_bucket_is_one_of_them(key, buckets):
    assert 0 <= units.bucket_of(key, buckets) < buckets
    assert units.bucket_of(key, buckets) == units.bucket_of(key, buckets)
