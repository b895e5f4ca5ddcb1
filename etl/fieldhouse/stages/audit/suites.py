"""A domain's suites: per dataset what its contract implies and what `quality/` adds, verified before anything runs."""

import difflib
import importlib.util
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from fieldhouse.contracts import Contract
from fieldhouse.errors import ConfigurationError
from fieldhouse.stages.audit.checks import Expectation
from fieldhouse.stages.audit.compiling import ARGUMENTS, OPTIONAL
from fieldhouse.stages.audit.implied import implied
from fieldhouse.stages.audit.quality import Quality

_READS = re.compile(r"(?<!distinct )\b(?:from|join) ([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)", re.IGNORECASE)
#: The sidecar of a dataset, as SQL of checks names it: core.match_origin.
ORIGIN = "_origin"


@dataclass(frozen=True)
class Suite:
    """All checks of one dataset."""

    dataset: str
    expectations: tuple[Expectation, ...]

    def document(self) -> dict[str, object]:
        """As Great Expectations writes a suite."""
        found = [e.document() for e in self.expectations]
        return {"name": self.dataset, "expectations": found, "meta": {}}

    @property
    def reads(self) -> set[str]:
        """The datasets and sidecars that its checks read, its own included."""
        return {self.dataset}.union(*(reads(e.query) for e in self.expectations))


def reads(sql: str) -> set[str]:
    """The datasets that a query names after FROM and JOIN; comments do not count."""
    return {match.lower() for match in _READS.findall(" ".join(re.sub(r"--[^\n]*", "", sql).split()))}


def assemble(domain: str, contracts: Mapping[str, Contract], quality: Quality, said: Collection[str]) -> list[Suite]:
    """The suites of a domain, in the order of dataset names. `said`: the datasets that any source of the run fed.

    Raises ConfigurationError for a dataset, column, type or argument that nothing knows, and for no checks at all.
    """
    _refuse_unknown(quality.may_be_empty, contracts, f"quality/{domain}.py: MAY_BE_EMPTY")
    _refuse_unknown((e.dataset for e in quality.expectations), contracts, f"quality/{domain}.py: @check")
    own = [c for c in contracts.values() if c.domain == domain]
    further = {e.dataset for e in quality.expectations} - {c.name for c in own}
    suites = []
    for dataset in sorted({c.name for c in own} | further):
        contract = contracts[dataset]
        base = [] if dataset in further else _implied(contract, contracts, quality, said)
        added = [e for e in quality.expectations if e.dataset == dataset]
        suites.append(Suite(dataset, tuple(verified([*base, *added], contract, contracts))))
    if not suites:
        raise ConfigurationError(f"there is nothing to check: datasets/{domain}/ has no contract")
    return suites


def _implied(
    contract: Contract, contracts: Mapping[str, Contract], quality: Quality, said: Collection[str]
) -> list[Expectation]:
    # A dataset that sources feed must have rows where a source of this run had any; a wide one, unless declared.
    wide = contract.layer == "denormalized"
    fed = not wide and contract.filled_by == "sources"
    filled = (wide or (fed and contract.name in said)) and contract.name not in quality.may_be_empty
    return implied(contract, contracts, filled=filled, traced=fed)


def verified(
    found: Sequence[Expectation], contract: Contract, contracts: Mapping[str, Contract]
) -> Sequence[Expectation]:
    """The checks, if there are any and all that they name is known; ConfigurationError says what is not."""
    if not found:
        raise ConfigurationError(f"{contract.name} has no checks", hint="a suite without checks proves nothing")
    names = {*contracts, *(n + ORIGIN for n in contracts)}
    for expectation in found:
        where = f"{expectation.dataset}, check {expectation.rule}"
        _refuse_type(expectation, where)
        _refuse_braces(expectation, where)
        _refuse_unknown(_columns(expectation), contract.names, f"{where}: column")
        _refuse_unknown(reads(expectation.query), names, f"{where}: its SQL")
    return found


def _columns(expectation: Expectation) -> list[str]:
    if expectation.type.startswith("expect_table_"):  # these say what a table's columns must be
        return []
    given = [v for k, v in expectation.kwargs.items() if k in ("column", "column_A", "column_B")]
    several = expectation.kwargs.get("column_list", [])
    return [str(c) for c in (*given, *(several if isinstance(several, list | tuple) else ()))]


def _refuse_type(expectation: Expectation, where: str) -> None:
    known = {*ARGUMENTS, *_of_library()}
    _refuse_unknown([expectation.type], known, f"{where}: type")
    arguments = ARGUMENTS.get(expectation.type)
    if arguments:
        _refuse_unknown(expectation.kwargs, {*arguments, *_CONDITIONS}, f"{where}: argument")
        missing = [a for a in arguments if a not in (*OPTIONAL, *expectation.kwargs)]
        if missing:
            raise ConfigurationError(f"{where}: {expectation.type} needs {', '.join(missing)}")
    mostly = expectation.kwargs.get("mostly", 1)
    if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 <= mostly <= 1:
        raise ConfigurationError(f"{where}: mostly is {mostly!r}; a share from 0 to 1 is expected")


def _refuse_braces(expectation: Expectation, where: str) -> None:
    try:
        fields = {name for _, name, *_ in Formatter().parse(expectation.query) if name is not None}
    except ValueError as error:
        raise ConfigurationError(f"{where}: its SQL: {error}", hint=_BRACES) from error
    if expectation.query and fields != {"batch"}:
        raise ConfigurationError(
            f"{where}: its SQL has {sorted(fields)} where only {{batch}} is expected", hint=_BRACES
        )


_BRACES = "write {batch} for the dataset that is checked, and {{ }} for braces of SQL"
#: Arguments of the library that are not compiled with every type: a check that has one runs natively.
_CONDITIONS = ("mostly", "row_condition", "condition_parser", "ignore_row_if")


@cache
def _of_library() -> frozenset[str]:
    # One module a type; looking for them does not import the library, which would cost seconds.
    spec = importlib.util.find_spec("great_expectations")
    if spec is None or not spec.origin:
        return frozenset()
    folder = Path(spec.origin).parent / "expectations" / "core"
    return frozenset(path.stem for path in folder.glob("*expect*.py"))


def _refuse_unknown(given: Iterable[str], known: Collection[str], where: str) -> None:
    for item in sorted(given):
        if item not in known:
            near = difflib.get_close_matches(item, sorted(known), n=1)
            hint = f"did you mean {near[0]}?" if near else ""
            raise ConfigurationError(f"{where}: {item!r} is unknown", hint=hint)
