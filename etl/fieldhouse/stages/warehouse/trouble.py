"""What a database says, as our own errors: the class says who acts. Nothing here repeats a password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from fieldhouse.errors import (
    ConfigurationError,
    DataError,
    FieldhouseError,
    InternalError,
    RefusedError,
    StorageError,
    TemporaryError,
)
from fieldhouse.stages.warehouse.address import Address

_ROLES = "docs/warehouse.md says which roles and grants the loader needs"
_LATER = "the release that was shown before is whole; run `fieldhouse warehouse` again"
#: Beginnings of SQLSTATE, the longest first: what to raise, and the next step.
_CLASSES: tuple[tuple[str, type[FieldhouseError], str], ...] = (
    ("42501", RefusedError, _ROLES),
    ("53100", StorageError, "make room on the server, then run `fieldhouse warehouse` again"),
    ("55P03", TemporaryError, _LATER),
    ("57014", TemporaryError, _LATER),
    ("3D000", ConfigurationError, "make the database, or correct its name"),
    ("08", TemporaryError, _LATER),
    ("22", DataError, "PostgreSQL cannot hold that value: the release has it, the warehouse is as before"),
    ("25", RefusedError, "the loader needs the primary server, not a standby"),
    ("28", RefusedError, "correct user or password"),
    ("40", TemporaryError, _LATER),
    ("53", TemporaryError, _LATER),
    ("57", TemporaryError, _LATER),
)


@contextmanager
def told(address: Address) -> Iterator[None]:
    """Whatever the database raises within comes out as one of our errors that names the warehouse."""
    import psycopg
    import sqlalchemy as sa

    try:
        yield
    except sa.exc.DBAPIError as error:
        raise as_ours(address, error.orig or error) from None
    except psycopg.Error as error:
        raise as_ours(address, error) from None


def _unconnected(what: str) -> FieldhouseError:
    """Of a connection that was not made, the driver has no SQLSTATE, only the server's words."""
    if re.search(
        r'authentication failed|no password supplied|pg_hba\.conf|role ".*" (does not exist|is not permitted)', what
    ):
        return RefusedError(what, hint="correct user or password")
    if re.search(r'database ".*" does not exist', what):
        return ConfigurationError(what, hint="make the database, or correct its name")
    return TemporaryError(what, hint="is it running, and can it be reached from here?")


def as_ours(address: Address, error: BaseException) -> FieldhouseError:
    """The error of the driver as one of ours."""
    import psycopg

    state = getattr(error, "sqlstate", None) or ""
    what = f"{address.shown}: {address.scrub(' '.join(str(error).split()))}"
    for beginning, kind, hint in _CLASSES:
        if state.startswith(beginning):
            return kind(what, hint=hint)
    if not state and isinstance(error, psycopg.OperationalError):
        return _unconnected(what)
    if not state and isinstance(error, psycopg.ProgrammingError):
        return ConfigurationError(what, hint="correct the options behind the `?` of its URL")
    return InternalError(what, hint="this is a defect of Fieldhouse: run with --debug and report what it prints")
