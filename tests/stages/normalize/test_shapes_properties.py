"""Shapes, judged once, say the same as every record judged on its own."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.lake import duck
from fieldhouse.sources import Field
from fieldhouse.stages.normalize import shapes

FIELDS = (
    Field("round", ("text",), ("round",), null=True),
    Field("side", ("text",), ("side", "side.name")),
    Field("side_key", ("text",), ("side.key",), null=True),
    Field("ft", ("integers",), ("score.ft",), null=True),
    Field("listed", ("integers",), ("score",), null=True),
    Field("goals", ("list",), ("goals",), null=True),
    Field("minute", ("integer", "text"), ("minute",), null=True),
    Field("share", ("number",), ("share",), null=True),
    Field("neutral", ("boolean",), ("neutral",), null=True),
    Field("more", ("object",), ("more",), null=True),
)
WHOLE = range(-(2**63), 2**64)


@pytest.fixture(scope="module")
def con():
    with duck.connect() as con:
        yield con


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and value in WHOLE


#: Whether one JSON value is of a declared type.
IS = {
    "text": lambda value: isinstance(value, str),
    "integer": whole,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "integers": lambda value: isinstance(value, list) and all(item is None or whole(item) for item in value),
    "object": lambda value: isinstance(value, dict),
}


def at(record, path):
    """The value at a path, or None."""
    for step in path.split("."):
        record = record.get(step) if isinstance(record, dict) else None
    return record


def may_pass(record):
    """Whether a record may pass: every field has a value of its type in one of its places, or none where it may."""
    if not isinstance(record, dict):
        return False
    inner = {"side", "score"}
    for field in FIELDS:
        values = [(path, at(record, path)) for path in field.at]
        plain = [(p, v) for p, v in values if v is not None and not (p in inner and isinstance(v, dict))]
        if any(
            not any(IS[kind](v) for kind in field.types) for p, v in plain if p not in inner or not shared(field, v)
        ):
            return False
        if not field.null and not plain:
            return False
    # A plain value where only fields within an object are declared has the wrong type.
    score, side = record.get("score"), record.get("side")
    return (score is None or isinstance(score, dict) or IS["integers"](score)) and not isinstance(
        side, list | bool | int | float
    )


def shared(field, value):
    """Whether the value stands in the place of another variant of the same field."""
    return field.name == "listed" and isinstance(value, dict)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "key", "ft", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
good = {
    "round": st.text(max_size=5),
    "side": st.text(max_size=5)
    | st.fixed_dictionaries({"name": st.text(max_size=5)}, optional={"key": st.text(max_size=5)}),
    "score": st.fixed_dictionaries({}, optional={"ft": st.lists(st.integers(0, 99), min_size=2, max_size=2)})
    | st.lists(st.integers(0, 99), min_size=2, max_size=2),
    "goals": st.lists(st.dictionaries(st.sampled_from(["name", "minute"]), scalars, max_size=2), max_size=3),
    "minute": st.integers(0, 120) | st.text(string.digits + "+", max_size=5),
    "share": st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 9),
    "neutral": st.booleans(),
    "more": st.dictionaries(st.text(string.ascii_lowercase, min_size=1, max_size=3), scalars, max_size=2),
}
records = st.fixed_dictionaries({}, optional={name: values | st.none() | anything for name, values in good.items()})


@given(record=records | scalars | st.lists(scalars, max_size=2))
def test_a_shape_passes_exactly_when_its_records_do(con, record):
    (shape,) = con.execute("SELECT json_structure(?::JSON)::VARCHAR", [json.dumps(record)]).fetchone()
    drift = shapes.judge(json.loads(shape), FIELDS)
    passes = not [d for d in drift if d.kind != "new"]
    assert passes == may_pass(record), (record, drift)


@given(record=st.fixed_dictionaries({"side": good["side"]}, optional={n: v for n, v in good.items() if n != "side"}))
def test_what_is_declared_never_drifts(con, record):
    (shape,) = con.execute("SELECT json_structure(?::JSON)::VARCHAR", [json.dumps(record)]).fetchone()
    assert shapes.judge(json.loads(shape), FIELDS) == []


@given(name=st.text(string.ascii_letters + " ._é", min_size=1, max_size=8), value=scalars)
def test_a_field_that_nobody_declared_is_new_and_lets_the_record_through(con, name, value):
    record = {"side": "A", f"new {name}": value}
    (shape,) = con.execute("SELECT json_structure(?::JSON)::VARCHAR", [json.dumps(record)]).fetchone()
    assert [(d.kind, d.field) for d in shapes.judge(json.loads(shape), FIELDS)] == [("new", f"new {name}")]
