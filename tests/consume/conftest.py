"""A lake with three small releases, made the way the pipeline makes them: parts, then a manifest."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from fieldhouse import contracts
from fieldhouse.lake import duck, open_store, parts, releases, schema, tables
from fieldhouse.lake.folder import Folder
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release, Table
from fieldhouse.lake.store import Store

Rows = list[dict[str, object]]

#: Matches of two decades whose dates overlap: seasons that cross a new year and calendar years.
MATCHES: Rows = [
    {"match_id": "m1", "competition": "en.1", "season": "2009-10", "date": "2009-08-15", "home_goals": 2},
    {"match_id": "m4", "competition": "en.1", "season": "2009-10", "date": "2010-05-09", "home_goals": None},
    {"match_id": "m3", "competition": "worldcup", "season": "2010", "date": "2010-05-01", "home_goals": 0},
    {"match_id": "m2", "competition": "worldcup", "season": "2010", "date": "2010-05-09", "home_goals": 4},
    {"match_id": "m5", "competition": "en.1", "season": "2010-11", "date": "2010-08-14", "home_goals": 1},
]
for number, match in enumerate(MATCHES):
    match |= {"neutral": None if number == 0 else number > 2, "sources": ["a", "b"] if number else ["a"]}
    match |= {"kickoff_utc": "2009-08-15 14:00:00+00" if number == 0 else None, "home_team": f"Team {number}"}
STANDINGS: Rows = [
    {
        "competition": c,
        "season": s,
        "date": f"{s[:4]}-12-26",
        "team_id": t,
        "team": t.upper(),
        "points": n,
        "position": n,
    }
    for c in ("de.1", "en.1")
    for s in ("2008-09", "2011-12")
    for n, t in enumerate(("t1", "t2"), start=1)
]


def write(store: Store, name: str, rows: Rows) -> Table:
    """A release's table with these rows; columns that they leave out are null."""
    contract = contracts.load_all()[name]
    con = duck.connect()
    selects = [
        ", ".join(f"{_sql(row.get(c.name))}::{schema.DUCKDB[c.type]} AS {c.name}" for c in contract.columns)
        for row in rows
    ]
    found = tables.write(store, con, contract, " UNION ALL ".join(f"SELECT {s}" for s in selects)) if rows else []
    return Table(
        name=name,
        title=contract.title,
        doc=contract.doc,
        layer=contract.layer,
        version=contract.version,
        grain=contract.grain,
        sort=contract.order,
        schema=schema.digest(contract),
        columns=tuple(schema.describe(contract)),
        parts=tuple(found),
    )


def _sql(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_sql, value))}]"
    return "NULL" if value is None else duck.text(str(value))


def publish(store: Store, number: int, datasets: Mapping[str, Table], origins: dict[str, tuple[Part, ...]]) -> Release:
    """Write the release with these tables."""
    release = Release(
        number=number,
        parent=number - 1,
        time=f"2020-01-0{number}T06:00:00+00:00",
        run=f"run-{number}",
        content=releases.content(dict(datasets), origins),
        code="c0de",
        inputs={},
        licences={"openfootball": {"licence": "CC0-1.0", "attribution": "openfootball", "homepage": ""}},
        audit={},
        accounts=(),
        datasets=dict(datasets),
        origins=origins,
    )
    assert releases.create(store, release)
    return release


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that no test writes to: release 1 has less, release 2 is the newest, 3 is one past it."""
    import pyarrow as pa

    folder = tmp_path_factory.mktemp("lake")
    store = open_store(str(folder))
    small = {"football.standing": write(store, "football.standing", STANDINGS[:2])}
    publish(store, 1, small, {})
    whole = {
        "football.standing": write(store, "football.standing", STANDINGS),
        "football.match_wide": write(store, "football.match_wide", MATCHES),
        "football.goal": write(store, "football.goal", []),
        "core.team": write(
            store, "core.team", [{"team_id": t, "name": t.upper(), "sport": "football"} for t in ("t1", "t2")]
        ),
    }
    origin = parts.write(store, "core.team.origin", pa.table({"team_id": ["t1"], "source": ["openfootball"]}))
    publish(store, 2, whole, {"core.team.origin": (origin,)})
    return folder


@pytest.fixture(autouse=True)
def _default_lake(lake: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Calls that name no lake read this one."""
    monkeypatch.setenv("FIELDHOUSE_LAKE", str(lake))
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))


@pytest.fixture
def read_parts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of all parts whose files are asked for during the test."""
    seen: list[str] = []
    local_paths: Callable[[Folder, Sequence[str]], list[Path]] = Folder.local_paths

    def noted(self: Folder, names: Sequence[str]) -> list[Path]:
        seen.extend(names)
        return local_paths(self, names)

    monkeypatch.setattr(Folder, "local_paths", noted)
    return seen


@pytest.fixture(scope="session")
def publish_rows() -> Callable[..., str]:
    """Makes a lake of its own with a release for each argument, of these rows per dataset; answers with its name."""

    def made(folder: Path, *published: Mapping[str, Rows]) -> str:
        folder.mkdir()
        store = open_store(str(folder))
        for number, rows in enumerate(published, start=1):
            publish(store, number, {name: write(store, name, own) for name, own in rows.items()}, {})
        return str(folder)

    return made
