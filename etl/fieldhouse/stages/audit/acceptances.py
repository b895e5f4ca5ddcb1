"""Failures that a steward has looked at and accepts: `quality/acceptances.toml`, reviewed like code, each with an end.

    [[accept]]
    dataset = "football.standing"
    check = "goals_balance"
    key = { competition = "en.1", season = "1888-89" }
    reason = "The league's own table has one goal too many (Rothmans 1889, p. 12)."
    who = "a.steward"
    expires = 2027-06-30

It accepts what the check finds wrong in rows with these values (of the whole dataset where no key is given): a critical
check that fails nowhere else does not stop publication, and stands in the release as accepted.
"""

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldhouse import declared
from fieldhouse.contracts import Contract
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import memo
from fieldhouse.lake.duck import name, text
from fieldhouse.stages.audit.checks import Expectation

FILE = "quality/acceptances.toml"


@dataclass(frozen=True)
class Acceptance:
    """One failure that is accepted. `column` and `key` narrow it down; `expires` is the first day without it (ISO)."""

    dataset: str
    check: str
    reason: str
    who: str
    expires: str
    column: str = ""
    key: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        where = f"{self.dataset}.{self.column}" if self.column else self.dataset
        among = "".join(f", {column} {value}" for column, value in self.key)
        return f"{where}, {self.check}{among}"

    def is_of(self, expectation: Expectation) -> bool:
        """Whether it speaks of this check."""
        named = (self.dataset, self.check) == (expectation.dataset, expectation.rule)
        return named and (not self.column or self.column == expectation.about)

    def active(self, day: str) -> bool:
        """Whether it holds on a day (ISO)."""
        return day < self.expires

    def condition(self, columns: Collection[str]) -> str:
        """As SQL over rows with these columns: those that it accepts; empty where they lack a column of its key."""
        if not all(column in columns for column, _ in self.key):
            return ""
        return " AND ".join(f"{name(column)}::VARCHAR = {text(value)}" for column, value in self.key) or "true"

    def doc(self) -> dict[str, object]:
        """As it stands in documents."""
        return {"of": str(self), "reason": self.reason, "who": self.who, "expires": self.expires}


def load(home: Path) -> tuple[Acceptance, ...]:
    """All that is accepted, in the order of the file; nothing where there is no such file.

    Raises ConfigurationError for a field that is missing or unknown, and for a failure accepted twice.
    """
    path = home / FILE
    if not path.is_file():
        return ()
    table = declared.read(path)
    items = table.take("accept", list, [])
    table.close()
    found = tuple(_read(declared.Table(_mapping(item, path), f"{path}, accept {n}")) for n, item in enumerate(items, 1))
    for acceptance in found:
        if sum((a.dataset, a.check, a.column, a.key) == _identity(acceptance) for a in found) > 1:
            raise ConfigurationError(f"{path}: {acceptance} is accepted twice", hint="keep the one that is meant")
    return found


def _identity(acceptance: Acceptance) -> tuple[object, ...]:
    return acceptance.dataset, acceptance.check, acceptance.column, acceptance.key


def _mapping(item: object, path: Path) -> Mapping[str, object]:
    if not isinstance(item, dict):
        raise ConfigurationError(f"{path}: accept is {item!r}; tables [[accept]] are expected")
    return item


def _read(table: declared.Table) -> Acceptance:
    key = table.table("key", optional=True).rest()
    acceptance = Acceptance(
        dataset=table.take("dataset", str),
        check=table.take("check", str),
        reason=table.take("reason", str),
        who=table.take("who", str),
        expires=table.take("expires", datetime.date).isoformat(),
        column=table.take("column", str, ""),
        key=tuple((column, str(value)) for column, value in sorted(key.items())),
    )
    table.close()
    for what in ("reason", "who"):
        if not getattr(acceptance, what).strip():
            raise ConfigurationError(
                f"{table.where}: {what} is empty", hint="say why it is right to publish all the same"
            )
    return acceptance


def of_domain(
    found: Sequence[Acceptance],
    domain: str,
    contracts: Mapping[str, Contract],
    checks: Collection[tuple[str, str, str]],
    others: Collection[str] = (),
) -> tuple[Acceptance, ...]:
    """Those that speak of the checks of a domain's datasets, given as (dataset, rule, column).

    Those of the rules `others` are left out. ConfigurationError for one whose dataset nothing knows, or whose check the
    domain does not have.
    """
    for acceptance in found:
        if acceptance.dataset not in contracts:
            raise ConfigurationError(f"{FILE}: {acceptance}: there is no dataset {acceptance.dataset!r}")
    checked = {dataset for dataset, _, _ in checks}
    own = [a for a in found if contracts[a.dataset].domain == domain and a.dataset in checked and a.check not in others]
    for acceptance in own:
        known = [(rule, column) for dataset, rule, column in checks if dataset == acceptance.dataset]
        if not any(rule == acceptance.check and acceptance.column in ("", column) for rule, column in known):
            rules = ", ".join(sorted({rule for rule, _ in known}))
            raise ConfigurationError(f"{FILE}: {acceptance}: there is no such check; {acceptance.dataset} has {rules}")
    return tuple(own)


def of_rules(
    found: Sequence[Acceptance], rules: Collection[str], domain: str, contracts: Mapping[str, Contract]
) -> tuple[Acceptance, ...]:
    """Those of a domain's datasets that speak of these rules, which every dataset has that there is anything to say of."""
    return tuple(
        a for a in found if a.check in rules and a.dataset in contracts and contracts[a.dataset].domain == domain
    )


def active(found: Sequence[Acceptance], day: str) -> tuple[Acceptance, ...]:
    """Those that hold on a day (ISO)."""
    return tuple(a for a in found if a.active(day))


def added(result: memo.Result, found: Sequence[Acceptance], day: str) -> memo.Result:
    """The result of an audit with a check for each acceptance: one that has expired, or accepts nothing, is a warning."""
    if not found:
        return result
    used = {str(a["of"]) for note in result.notes for a in _accepted(note)}
    late = notes(found, used, day)
    counts = dict(result.counts)
    for what, count in (("checks", len(found)), ("passed", len(found) - len(late)), ("warnings", len(late))):
        counts[what] = counts.get(what, 0) + count
    return memo.Result(result.outputs, counts, (*late, *result.notes))


def _accepted(note: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = note.get("accepted", ())
    return [a for a in found if isinstance(a, Mapping)] if isinstance(found, list | tuple) else []


def notes(found: Sequence[Acceptance], used: Collection[str], day: str) -> list[dict[str, object]]:
    """A note for each that has expired, and for each that is not among those `used` (as told): it accepts nothing."""
    told = []
    for acceptance in found:
        if not acceptance.active(day):
            told.append(_note(acceptance, f"its acceptance expired on {acceptance.expires}"))
        elif str(acceptance) not in used:
            told.append(_note(acceptance, "it is accepted, and nothing fails any more"))
    return told


def _note(acceptance: Acceptance, what: str) -> dict[str, object]:
    return {
        "dataset": acceptance.dataset,
        "column": acceptance.column,
        "rule": "acceptance",
        "severity": "warning",
        "state": "failed",
        "doc": f"{acceptance}: {what}.",
        "unexpected": 0,
        "keys": [],
        "trace": [],
        "message": f"{FILE}: renew it after another look, or remove it",
    }
