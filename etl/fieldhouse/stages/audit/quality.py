"""Reading `quality/<domain>.py` and `quality/<domain>/*.py`: the checks of a domain beyond what its contracts imply."""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from fieldhouse.errors import ConfigurationError, FieldhouseError
from fieldhouse.stages.audit.checks import Expectation, Rule


@dataclass(frozen=True)
class Quality:
    """What a domain's file states: checks in the order of the file, and datasets that may be empty, with the reason."""

    expectations: tuple[Expectation, ...] = ()
    may_be_empty: dict[str, str] = field(default_factory=dict)


def files(home: Path, domain: str) -> list[Path]:
    """Where a domain's checks stand: quality/<domain>.py, and all files of quality/<domain>/ in the order of their names."""
    folder = home / "quality"
    return [path for path in (folder / f"{domain}.py", *sorted((folder / domain).glob("*.py"))) if path.is_file()]


def load(home: Path, domain: str) -> Quality:
    """What the files of a domain under `<home>/quality` state; nothing where there are none.

    Raises ConfigurationError where a file does not run or has no check in it, or two state checks of one name.
    """
    found = [_load(path, domain) for path in files(home, domain)]
    expectations = tuple(e for quality in found for e in quality.expectations)
    named = [(e.dataset, e.rule) for e in expectations]
    for dataset, rule in named:
        if named.count((dataset, rule)) > 1:
            raise ConfigurationError(f"quality/{domain}: {dataset} has two checks called {rule}", hint="rename one")
    return Quality(expectations, {k: v for quality in found for k, v in quality.may_be_empty.items()})


def _load(path: Path, domain: str) -> Quality:
    try:
        found = _stated(_execute(path, domain))
    except FieldhouseError as error:
        raise ConfigurationError(f"{path}: {error.message}", hint=error.hint) from error
    except Exception as error:
        raise ConfigurationError(f"{path}: does not run: {type(error).__name__}: {error}") from error
    if not found.expectations:
        raise ConfigurationError(f"{path}: has no check in it", hint="a check is a function under @check(DATASET)")
    return found


def _stated(module: ModuleType) -> Quality:
    rules = [value for value in vars(module).values() if isinstance(value, Rule)]
    return Quality(tuple(e for rule in rules for e in rule.expectations()), dict(getattr(module, "MAY_BE_EMPTY", {})))


def _execute(path: Path, domain: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fieldhouse_quality_{domain}_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
