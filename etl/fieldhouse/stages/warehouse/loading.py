"""A whole release into a schema of its own: its tables side by side, then foreign keys and grants. Nobody sees it yet."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fieldhouse import settings
from fieldhouse.lake.store import Store
from fieldhouse.stages.warehouse import books, filling, grants, keys, session, shape
from fieldhouse.stages.warehouse.address import Address
from fieldhouse.stages.warehouse.plan import LoadPlan
from fieldhouse.stages.warehouse.shape import Reference

if TYPE_CHECKING:
    import sqlalchemy as sa

Job = TypeVar("Job")
Done = TypeVar("Done")
#: Sessions at a time: one more than cores, since each waits for its client now and then; and no more than these.
_MOST = 4
#: What sessions that work side by side are told: to sort in memory, and to start no workers of their own. Nothing of a
#: release counts before its last commit, which waits for the disk; the others need not.
_SETTINGS = (
    "maintenance_work_mem = '128MB'",
    "max_parallel_maintenance_workers = 0",
    "max_parallel_workers_per_gather = 0",
    "default_statistics_target = 10",
    "synchronous_commit = off",
)


@dataclass(frozen=True)
class Loaded:
    """Rows that were sent, and copied within the server; the foreign keys that the data do not satisfy."""

    sent: int = 0
    copied: int = 0
    unsatisfied: tuple[Reference, ...] = ()


def load(store: Store, address: Address, con: "sa.Connection", plan: LoadPlan) -> Loaded:
    """Load a release in full, let readers at its schema, and note it as ready.

    What a loader leaves that ends before that, the next one removes.
    """
    number = plan.release.number
    con.exec_driver_sql(f"CREATE SCHEMA {shape.schema_name(number)}")
    books.begin(con, plan.release)
    con.commit()
    filled = side_by_side(address, plan.tables, lambda own, table: filling.fill(store, own, number, table))
    unsatisfied = keys.add(con, plan.release)
    if grants.there(con):
        grants.release(con, number)
    books.ready(con, number)
    con.commit()
    return Loaded(sum(f.sent for f in filled), sum(f.copied for f in filled), unsatisfied)


def side_by_side(address: Address, jobs: Iterable[Job], do: "Callable[[sa.Connection, Job], Done]") -> list[Done]:
    """Do all jobs in the order given, several at a time, each session one after the other; what they answered.

    The first that fails stops the others after what they are at, and is raised.
    """
    waiting, done, stop = deque(jobs), list[Done](), threading.Event()

    def work() -> None:
        try:
            with session.connected(address, session.HELPER) as own:
                own.exec_driver_sql("; ".join(f"SET {setting}" for setting in _SETTINGS))
                own.commit()
                while waiting and not stop.is_set():
                    done.append(do(own, waiting.popleft()))
        except IndexError:  # another session took the last one
            return
        except BaseException:
            stop.set()
            raise

    sessions = max(1, min(_MOST, settings.threads() + 1, len(waiting)))
    with ThreadPoolExecutor(sessions) as pool:
        futures = [pool.submit(work) for _ in range(sessions)]
        try:
            for future in futures:
                future.result()
        except BaseException:
            stop.set()
            raise
    return done
