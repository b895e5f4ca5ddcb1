"""What a check is, and the few words with which `quality/<domain>.py` states more of them than contracts imply.

A function under `quality/` says in its docstring what must hold, and yields how to look:

    @check("football.standing")
    def goals_balance() -> Iterator[Look]:
        "Every goal for one team of a table is a goal against another."
        yield no_rows("SELECT date FROM {batch} GROUP BY date HAVING sum(goals_for) <> sum(goals_against)")
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from fieldhouse.errors import ConfigurationError

Severity = Literal["critical", "warning"]
#: The type of Great Expectations whose check is a query: each row that it yields is one thing wrong.
QUERY = "unexpected_rows_expectation"


@dataclass(frozen=True)
class Look:
    """How to look at a dataset: a type of Great Expectations with its arguments."""

    type: str
    kwargs: Mapping[str, object]


@dataclass(frozen=True)
class Expectation:
    """One check of one dataset. A failed one that is critical, or one that cannot be run, stops publication."""

    dataset: str
    rule: str
    type: str
    kwargs: Mapping[str, object]
    severity: Severity = "critical"
    doc: str = ""
    meta: Mapping[str, object] = field(default_factory=dict)

    @property
    def column(self) -> str:
        """The column it is about; empty where it is about whole rows or the table."""
        return str(self.kwargs.get("column", ""))

    @property
    def about(self) -> str:
        """The column it is about, also where its query says which; else empty."""
        return self.column or str(self.meta.get("column", ""))

    @property
    def query(self) -> str:
        """The SQL of a query check, `{batch}` standing for the dataset; empty for other types."""
        return str(self.kwargs["unexpected_rows_query"]) if self.type == QUERY else ""

    def document(self) -> dict[str, object]:
        """As Great Expectations writes it in a suite."""
        where = {"dataset": self.dataset, "column": self.column, "rule": self.rule}
        return {
            "type": self.type,
            "kwargs": dict(self.kwargs),
            "severity": self.severity,
            "description": self.doc,
            "meta": {**where, **self.meta},
        }


@dataclass(frozen=True)
class Rule:
    """A function under `quality/` that states checks, the same of each of some datasets."""

    datasets: tuple[str, ...]
    severity: Severity
    look: Callable[[], Iterable[Look]]

    def expectations(self) -> list[Expectation]:
        """Its checks; ConfigurationError where it states none, or does not say what must hold."""
        name = self.look.__name__
        looks = list(self.look())
        doc = inspect.cleandoc(self.look.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        if not doc:
            raise ConfigurationError(f"the check {name} has no docstring", hint="say in one sentence what must hold")
        if not looks:
            raise ConfigurationError(f"the check {name} looks at nothing", hint="yield expect(…) or no_rows(…)")
        names = [name] if len(looks) == 1 else [f"{name}.{number}" for number, _ in enumerate(looks, 1)]
        return [
            Expectation(dataset, rule, look.type, look.kwargs, self.severity, doc)
            for dataset in self.datasets
            for rule, look in zip(names, looks, strict=True)
        ]


def check(*datasets: str, severity: Severity = "critical") -> Callable[[Callable[[], Iterable[Look]]], Rule]:
    """Make the function below a check of each of `datasets`. A warning is reported and published all the same."""
    if severity not in get_args(Severity):
        raise ConfigurationError(f"severity {severity!r}: one of {', '.join(get_args(Severity))} is expected")
    if not datasets:
        raise ConfigurationError("a check names no dataset", hint='write @check("<domain>.<dataset>")')
    return lambda function: Rule(datasets, severity, function)


def expect(expectation: str, /, **kwargs: object) -> Look:
    """An expectation by its type's name, such as `expect_column_values_to_be_unique`, with that type's arguments."""
    return Look(expectation, kwargs)


def no_rows(query: str) -> Look:
    """A query in DuckDB's SQL that must yield no row; `{batch}` is the dataset, others go by name (core.match).

    What a row holds is shown where the check fails: select what leads back to the records, such as match_id.
    """
    return Look(QUERY, {"unexpected_rows_query": inspect.cleandoc(query)})
