"""Fieldhouse: sports tables by name, from numbered releases that never change.

    import fieldhouse as fh
    fh.load("football.standing", seasons="2015-16")

Importing this package is cheap: what a name stands for, and the libraries that it needs, is imported at its first use.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fieldhouse.consume.catalog import datasets, describe, releases
    from fieldhouse.consume.changes import changes
    from fieldhouse.consume.load import load, scan
    from fieldhouse.consume.query import sql
    from fieldhouse.errors import FieldhouseError, NotFound, StorageError, UnavailableError, UsageError

__version__ = "0.1.0"

__all__ = [
    "FieldhouseError",
    "NotFound",
    "StorageError",
    "UnavailableError",
    "UsageError",
    "__version__",
    "changes",
    "datasets",
    "describe",
    "load",
    "releases",
    "scan",
    "sql",
]

_HOMES = {
    "datasets": "consume.catalog",
    "describe": "consume.catalog",
    "releases": "consume.catalog",
    "changes": "consume.changes",
    "load": "consume.load",
    "scan": "consume.load",
    "sql": "consume.query",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'fieldhouse' has no attribute {name!r}")
    import importlib

    found: object = getattr(importlib.import_module(f"fieldhouse.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
