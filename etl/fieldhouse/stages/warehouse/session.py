"""Sessions on PostgreSQL: how the loader connects, as which role, and the lock that only one loader holds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fieldhouse.errors import ConfigurationError, TemporaryError
from fieldhouse.stages.warehouse import trouble
from fieldhouse.stages.warehouse.address import Address

if TYPE_CHECKING:
    import sqlalchemy as sa

READER = "fieldhouse_reader"
LOADER = "fieldhouse_loader"
#: The name of the lock within a database: "fieldhouse" as a number.
LOCK = 0x6669656C64
#: How the sessions that a loader opens beside its own call themselves.
HELPER = "fieldhouse warehouse, helper"
_MAIN = "fieldhouse warehouse"
_CONNECT_S = 15


@contextmanager
def connected(address: Address, name: str = _MAIN) -> Iterator["sa.Connection"]:
    """A session of the loader: UTC, every name in full, as the loader's role where there is one.

    A server notices within seconds that this process has died, also while it builds an index. The caller begins and
    ends transactions. Errors come out as ours.
    """
    import sqlalchemy as sa

    with trouble.told(address):
        engine = sa.create_engine(
            address.url,
            poolclass=sa.pool.NullPool,
            hide_parameters=True,
            connect_args={"connect_timeout": _CONNECT_S, "application_name": name, "prepare_threshold": None},
        )
        with engine.connect() as con:
            _prepare(con)
            yield con


def _prepare(con: "sa.Connection") -> None:
    import sqlalchemy as sa

    facts = con.execute(
        sa.text(
            "SELECT current_setting('server_encoding') AS encoding, current_setting('server_version_num')::int AS version, "
            "EXISTS (SELECT FROM pg_roles WHERE rolname = :loader AND pg_has_role(oid, 'MEMBER')) AS member"
        ),
        {"loader": LOADER},
    ).one()
    if facts.encoding != "UTF8":
        raise ConfigurationError(f"the database's encoding is {facts.encoding}", hint="make it with ENCODING 'UTF8'")
    settings = ["search_path = pg_catalog", "TimeZone = 'UTC'", "client_min_messages = warning"]
    if facts.version >= 140000:
        settings.append("client_connection_check_interval = '2s'")
    if facts.member:
        settings.append(f"ROLE {LOADER}")
    con.exec_driver_sql("; ".join(f"SET {setting}" for setting in settings))
    con.commit()


@contextmanager
def alone(con: "sa.Connection", address: Address, patience_s: float) -> Iterator[float]:
    """Be the only loader of this database while the block runs; yields the seconds that were waited for another one.

    What a loader that died has left running is ended. TemporaryError where another one is still at it after
    `patience_s`.
    """
    import sqlalchemy as sa

    began = time.monotonic()
    lock = {"key": LOCK}
    while not con.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), lock).scalar_one():
        con.commit()
        if time.monotonic() - began >= patience_s:
            raise TemporaryError(
                f"{address.shown}: another loader has been at it for {patience_s:g} s and more",
                hint="wait until it has ended, then run `fieldhouse warehouse` again",
            )
        time.sleep(0.2)
    con.commit()
    waited = time.monotonic() - began
    try:
        _end_helpers(con)
        yield waited
    finally:
        con.rollback()
        if not con.invalidated:  # where the session is gone, so is the lock
            con.execute(sa.text("SELECT pg_advisory_unlock(:key)"), lock)
            con.commit()


def _end_helpers(con: "sa.Connection") -> None:
    """Only who holds the lock has helpers: those of now are of a loader that died."""
    import sqlalchemy as sa

    left = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = :name AND usename = session_user"
    )
    while con.execute(left, {"name": HELPER}).scalar_one():
        con.commit()
        time.sleep(0.05)
    con.commit()
