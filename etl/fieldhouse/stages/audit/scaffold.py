"""A new check as a file that runs at once, and fails until somebody says what must hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.contracts import Contract
from fieldhouse.errors import NotFound, StorageError, UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEMPLATE = '''"""What must hold of {domain}: {words}."""

from collections.abc import Iterator

from fieldhouse.stages.audit.checks import Look, check, no_rows


@check("{dataset}")
def {name}() -> Iterator[Look]:
    """It is not said yet what must hold: {words}."""
    # Each row that the query yields is one thing wrong. Select what leads to the records: match_id, or the grain.
    yield no_rows("""
        SELECT 'write what must not be, instead of this row' AS todo
        WHERE (SELECT count(*) FROM {{batch}}) >= 0
    """)
'''


@dataclass(frozen=True)
class NewCheck:
    """A file that is to be written."""

    name: str
    dataset: str
    path: Path
    text: str


def plan(home: Path, domain: str, name: str, dataset: str, contracts: Mapping[str, Contract]) -> NewCheck:
    """The file quality/<domain>/<name>.py with one check of `dataset` (empty: the domain's first).

    NotFound for a domain or dataset that nothing has; UsageError where the name is none, or taken.
    """
    own = sorted(n for n, c in contracts.items() if c.domain == domain)
    if not own:
        known = ", ".join(sorted({c.domain for c in contracts.values()}))
        raise NotFound(f"there is no domain {domain!r}; domains are {known}")
    chosen = dataset or own[0]
    if chosen not in contracts:
        raise NotFound(f"there is no dataset {chosen!r}; {domain} has {', '.join(own)}")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a check", hint="what must hold, in lower-case words joined by _")
    path = home / "quality" / domain / f"{name}.py"
    if path.exists():
        raise UsageError(f"{path} is there already", hint="take another name, or go on with what is there")
    text = _TEMPLATE.format(domain=domain, dataset=chosen, name=name, words=name.replace("_", " "))
    return NewCheck(name, chosen, path, text)


def make(planned: NewCheck) -> None:
    """Write the file; StorageError where that is not possible."""
    try:
        planned.path.parent.mkdir(parents=True, exist_ok=True)
        planned.path.write_text(planned.text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{planned.path} cannot be written: {error.strerror}") from error
