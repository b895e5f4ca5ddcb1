"""Reading TOML declarations strictly: an unknown or missing field, or a wrong type, is an error that names the file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from fieldhouse.errors import ConfigurationError

T = TypeVar("T")
_MISSING = object()


class Table:
    """One TOML table that knows where it stands; every field is taken once, what is left over is an error."""

    def __init__(self, values: Mapping[str, object], where: str) -> None:
        self._values = dict(values)
        self.where = where

    def take(self, name: str, kind: type[T], default: object = _MISSING) -> T:
        """The field `name`, of exactly the type `kind` (an int is no bool, a bool no int)."""
        value = self._values.pop(name, default)
        if value is _MISSING:
            raise ConfigurationError(f"{self.where}: the field {name!r} is missing")
        if value is default:
            return value  # type: ignore[return-value]
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise ConfigurationError(
                f"{self.where}: {name} is {value!r}, of type {type(value).__name__}; {kind.__name__} is expected"
            )
        return value

    def peek(self, name: str) -> object:
        """The field `name` as it stands, without taking it; None if it is absent."""
        return self._values.get(name)

    def texts(self, name: str, default: object = _MISSING) -> tuple[str, ...]:
        """The field `name` as a tuple of texts; one text alone stands for a list of one."""
        value = self._values.pop(name, default)
        if value is _MISSING:
            raise ConfigurationError(f"{self.where}: the field {name!r} is missing")
        if isinstance(value, str):
            return (value,)
        items = value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise ConfigurationError(f"{self.where}: {name} is {value!r}; a text or a list of texts is expected")
        return tuple(items)

    def choice(self, name: str, allowed: tuple[str, ...], default: object = _MISSING) -> str:
        """The field `name`, one of `allowed`."""
        value = self.take(name, str, default)
        if value not in allowed:
            raise ConfigurationError(f"{self.where}: {name} is {value!r}; one of {', '.join(allowed)} is expected")
        return value

    def table(self, name: str, *, optional: bool = False) -> "Table":
        """The table below this one that is called `name`; empty if it is optional and absent."""
        value = self.take(name, dict, {} if optional else _MISSING)
        return Table(value, f"{self.where} [{name}]")

    def tables(self, name: str, *, optional: bool = False) -> dict[str, "Table"]:
        """All tables below the table `name`, by their names."""
        outer = self.table(name, optional=optional)
        for key, value in outer._values.items():
            if type(value) is not dict:
                outer.take(key, dict)  # says what is wrong
        return {key: Table(value, f"{outer.where} [{key}]") for key, value in outer._values.items()}  # type: ignore[arg-type]

    def names(self) -> list[str]:
        """The fields that were not taken yet, in file order."""
        return list(self._values)

    def rest(self) -> dict[str, object]:
        """Everything not taken yet, as it stands in the file."""
        values, self._values = self._values, {}
        return values

    def close(self) -> None:
        """Every field was taken; ConfigurationError names those that nobody knows."""
        if self._values:
            unknown = ", ".join(sorted(self._values))
            raise ConfigurationError(f"{self.where}: unknown field {unknown}", hint="correct the name or remove it")


def read(path: Path) -> Table:
    """The TOML file at `path`; ConfigurationError where it cannot be read or is not TOML."""
    try:
        with path.open("rb") as file:
            return Table(tomllib.load(file), str(path))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from error
