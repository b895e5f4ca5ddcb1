"""Values that a caller compares a column with: checked against the column's type, written as SQL, held against ranges."""

import datetime
from typing import TypeAlias

from fieldhouse.errors import UsageError
from fieldhouse.lake.duck import text
from fieldhouse.lake.parts import Scalar

Value: TypeAlias = str | int | float | bool | datetime.date | datetime.datetime | None

_EXPECTED = {
    "string": "a text",
    "bool": "True or False",
    "int16": "a whole number",
    "int32": "a whole number",
    "int64": "a whole number",
    "float64": "a number",
    "date": "a date, or a text like '2016-05-02'",
    "timestamp": "an instant with its time zone, or a text like '2016-05-02T19:00:00Z'",
}


def typed(value: object, column_type: str, where: str) -> Value:
    """The value as one of the column's type; UsageError says what is expected. None stands for null."""
    if value is None:
        return None
    value = value.item() if hasattr(value, "item") else value  # NumPy's scalars
    try:
        found = _convert(value, column_type)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise UsageError(f"{where} is {column_type}: {_EXPECTED[column_type]} is expected, not {value!r}")
    return found


def _convert(value: object, column_type: str) -> Value:  # noqa: PLR0911 - one line a type
    if column_type == "string":
        return value if isinstance(value, str) else None
    if column_type == "bool":
        return value if isinstance(value, bool) else None
    if column_type == "date":
        return _date(value)
    if column_type == "timestamp":
        return _instant(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = float(value) if column_type == "float64" else int(value)
    if column_type == "float64":
        return float(value) if isinstance(value, int | float) else None
    return int(value) if isinstance(value, int | float) and value == int(value) else None


def _date(value: object) -> datetime.date | None:
    if isinstance(value, str):
        return datetime.date.fromisoformat(value)
    if isinstance(value, datetime.datetime):  # pandas' Timestamp is one
        return value.date() if value.time() == datetime.time() else None
    return value if isinstance(value, datetime.date) else None


def _instant(value: object) -> datetime.datetime | None:
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    if not isinstance(value, datetime.datetime) or value.tzinfo is None:
        return None
    return value.astimezone(datetime.UTC)


def literal(value: Value) -> str:  # noqa: PLR0911 - one line a type
    """The value in SQL."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case datetime.datetime():
            return f"TIMESTAMPTZ {text(value.isoformat())}"
        case datetime.date():
            return f"DATE {text(value.isoformat())}"
        case str():
            return text(value)
        case float():
            return f"{text(repr(value))}::DOUBLE"
        case _:
            return str(value)


def admits(low_high: tuple[Scalar, Scalar], value: Value) -> bool:
    """Whether a column with this recorded range can hold the value. Ranges leave nulls out, so null is always admitted."""
    low, high = low_high
    if value is None:
        return True
    if low is None or high is None:
        return False
    if isinstance(value, datetime.date):  # recorded as text, which orders alike within one type
        return str(low) <= value.isoformat() <= str(high)
    if isinstance(value, str) or isinstance(low, str) or isinstance(high, str):
        return str(low) <= str(value) <= str(high)
    return low <= value <= high
