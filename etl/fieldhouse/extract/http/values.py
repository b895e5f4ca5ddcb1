"""Value lists of a feed's templates: `values = {season = ["2015-16"], year = {from = 1930, to = 2030, step = 4}}`."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from string import Formatter

from fieldhouse.errors import ConfigurationError

Row = Mapping[str, str | int]
MAX_KEYS = 1_000_000


def rows(value: object, where: str) -> Iterator[Row]:
    """One row of values a key: the cross product of a table's lists, in order; several tables follow one another."""
    tables = value if isinstance(value, list) else [value]
    columns = [_columns(table, where) for table in tables]
    if (count := sum(prod(map(len, table.values())) for table in columns)) > MAX_KEYS:
        raise ConfigurationError(f"{where}: {count} keys; at most {MAX_KEYS} are allowed")
    for table in columns:
        for choice in product(*table.values()):
            yield dict(zip(table, choice, strict=True))


def _columns(table: object, where: str) -> dict[str, list[str | int]]:
    if not isinstance(table, dict):
        raise ConfigurationError(
            f"{where} is {table!r:.80}; a table of lists or ranges, or a list of them, is expected"
        )
    return {name: _column(column, f"{where}.{name}") for name, column in table.items()}


def _column(value: object, where: str) -> list[str | int]:
    found = _range(value, where) if isinstance(value, dict) else value
    if not isinstance(found, list) or not found or not all(type(item) in (str, int) for item in found):
        raise ConfigurationError(
            f"{where} is {value!r:.80}; a list of texts or whole numbers, or {{from = 1, to = 9}}, is expected"
        )
    return found


def _range(value: Mapping[str, object], where: str) -> list[str | int]:
    first, last, step = value.get("from"), value.get("to"), value.get("step", 1)
    if set(value) - {"from", "to", "step"} or type(first) is not int or type(last) is not int or type(step) is not int:
        raise ConfigurationError(f"{where} is {value!r}; a range has whole numbers from, to and, perhaps, step")
    if step < 1 or last < first or (last - first) // step >= MAX_KEYS:
        raise ConfigurationError(
            f"{where} is {value!r}; from ≤ to, step ≥ 1 and at most {MAX_KEYS} values are expected"
        )
    return list(range(first, last + 1, step))


class Template:
    """A text with places such as `{season}` or `{month:02}`; `{{` stands for a brace."""

    def __init__(self, text: object, where: str) -> None:
        self._where = where
        if not isinstance(text, str) or not text:
            raise ConfigurationError(f"{where} is {text!r}; a text is expected")
        try:
            self.parts = [(literal, name, spec or "") for literal, name, spec, _ in Formatter().parse(text)]
        except ValueError as error:
            raise ConfigurationError(f"{where} is {text!r}: {error}") from error
        self.names = [name for _, name, _ in self.parts if name is not None]
        if not all(name.isidentifier() for name in self.names):
            raise ConfigurationError(f"{where} is {text!r}; places are named, such as {{season}}")

    def fill(self, row: Row) -> Iterator[tuple[str, bool]]:
        """The pieces of the filled text, and of each whether it is a value; ConfigurationError where one is missing."""
        for literal, name, spec in self.parts:
            if literal:
                yield literal, False
            if name is not None:
                yield self._value(row, name, spec), True

    def _value(self, row: Row, name: str, spec: str) -> str:
        if name not in row:
            raise ConfigurationError(f"{self._where}: {{{name}}} has no values; those declared are {', '.join(row)}")
        try:
            return format(row[name], spec)
        except ValueError as error:
            raise ConfigurationError(f"{self._where}: {{{name}:{spec}}} does not fit {row[name]!r}: {error}") from error
