"""Reading `quality/<domain>.py`: the checks of a domain beyond what its contracts imply."""

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


def load(home: Path, domain: str) -> Quality:
    """What `<home>/quality/<domain>.py` states; nothing where there is no such file.

    Raises ConfigurationError where the file does not run or has no check in it.
    """
    path = home / "quality" / f"{domain}.py"
    if not path.is_file():
        return Quality()
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
    spec = importlib.util.spec_from_file_location(f"fieldhouse_quality_{domain}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
