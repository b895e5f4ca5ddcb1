"""A world said in SQL (WORLD of the test's module), and what the checks of its domain (STATED) find wrong in it."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from fieldhouse import contracts
from fieldhouse.lake import duck
from fieldhouse.stages.audit import judging, session
from fieldhouse.stages.audit.suites import Suite


@pytest.fixture
def con(request: pytest.FixtureRequest) -> Iterator:
    """A session with the honest world of the test's module."""
    with duck.connect() as made:
        made.execute(f"CREATE TABLE {session.MIXED} (dataset VARCHAR, name VARCHAR, types VARCHAR)")
        made.execute(request.module.WORLD)
        yield made


@pytest.fixture
def emptied(con) -> list[str]:
    """The tables of the world, all of them without rows now."""
    tables = con.execute("SELECT table_schema || '.' || table_name FROM information_schema.tables").fetchall()
    names = [table for (table,) in tables if session.MIXED not in table]
    for table in names:
        con.execute(f"DELETE FROM {table}")
    return names


@pytest.fixture
def found(con, request: pytest.FixtureRequest) -> Callable[[], dict[str, int]]:
    """Tells which checks do not pass, and how much they find."""
    stated = request.module.STATED.expectations

    def fail() -> dict[str, int]:
        suites = [Suite(d, tuple(e for e in stated if e.dataset == d)) for d in sorted({e.dataset for e in stated})]
        verdicts = [v for suite in suites for v in judging.judge(con, suite, contracts.load_all()).verdicts]
        assert [v.message for v in verdicts if v.state == "error"] == []
        wrong: Counter[str] = Counter()
        for verdict in verdicts:
            wrong[verdict.expectation.rule] += verdict.wrong if verdict.state == "failed" else 0
        return dict(+wrong)

    return fail
