"""Small mirrors that tests may change, and lakes that are run over them in this process."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fieldhouse import contracts, embedded, settings, sources
from fieldhouse.embedded import Outcome
from fieldhouse.kit.faults import Behaviour, FaultServer, Ok, Status
from fieldhouse.lake import duck, landings, open_store, releases
from fieldhouse.lake.releases import Release
from fieldhouse.lake.store import Store

SOURCES = ("openfootball", "international_results")

#: Two matches of a World Cup as the one source says them, and (below) as the other does.
CUP = {
    "name": "World Cup 2018",
    "matches": [
        {
            "round": "Matchday 1",
            "group": "Group A",
            "date": "2018-06-14",
            "time": "18:00 UTC+3",
            "team1": "Russia",
            "team2": "Saudi Arabia",
            "score": {"ft": [5, 0], "ht": [2, 0]},
            "goals1": [
                {"name": "Gazinsky", "minute": 12},
                {"name": "Cheryshev", "minute": 43},
                {"name": "Dzyuba", "minute": 71},
                {"name": "Cheryshev", "minute": 90, "offset": 1},
                {"name": "Golovin", "minute": 90, "offset": 4},
            ],
            "goals2": [],
            "ground": "Luzhniki Stadium, Moscow",
        },
        {
            "round": "Matchday 2",
            "group": "Group A",
            "date": "2018-06-15",
            "time": "17:00 UTC+5",
            "team1": "Egypt",
            "team2": "Uruguay",
            "score": {"ft": [0, 1], "ht": [0, 0]},
            "goals1": [],
            "goals2": [{"name": "Giménez", "minute": 89}],
            "ground": "Ekaterinburg Arena, Ekaterinburg",
        },
    ],
}
INTERNATIONALS = {
    "results.csv": """date,home_team,away_team,home_score,away_score,tournament,city,country,neutral
2018-06-01,Russia,Turkey,1,1,Friendly,Moscow,Russia,FALSE
2018-06-14,Russia,Saudi Arabia,5,0,FIFA World Cup,Moscow,Russia,FALSE
2018-06-15,Egypt,Uruguay,0,1,FIFA World Cup,Ekaterinburg,Russia,TRUE
""",
    "goalscorers.csv": """date,home_team,away_team,team,scorer,minute,own_goal,penalty
2018-06-14,Russia,Saudi Arabia,Russia,Yury Gazinsky,12,FALSE,FALSE
2018-06-14,Russia,Saudi Arabia,Russia,Denis Cheryshev,43,FALSE,FALSE
2018-06-14,Russia,Saudi Arabia,Russia,Artem Dzyuba,71,FALSE,FALSE
2018-06-14,Russia,Saudi Arabia,Russia,Denis Cheryshev,90,FALSE,FALSE
2018-06-14,Russia,Saudi Arabia,Russia,Aleksandr Golovin,90,FALSE,FALSE
2018-06-15,Egypt,Uruguay,Uruguay,José Giménez,89,FALSE,FALSE
""",
    "shootouts.csv": "date,home_team,away_team,winner,first_shooter\n",
    "former_names.csv": "current,former,start_date,end_date\nRussia,Soviet Union,1924-11-16,1991-11-13\n",
}


@dataclass(frozen=True)
class Mirror:
    """A folder of files that stand in for upstreams, and may change."""

    folder: Path

    def put(self, path: str, content: str) -> None:
        """Write a file, said as `<source>/<repository>/<key>`; another time than before tells it apart."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.stat().st_mtime_ns if target.exists() else 0
        target.write_text(content, encoding="utf-8", newline="")
        if target.stat().st_mtime_ns <= before:
            os.utime(target, ns=(before + 1_000_000_000,) * 2)

    def get(self, path: str) -> str:
        """The text of a file."""
        return (self.folder / path).read_text(encoding="utf-8")

    def take(self, files: Path, source: str, keys: Sequence[str]) -> None:
        """Copy files from a folder of real ones; keys are said from the source's folder."""
        for key in keys:
            target = self.folder / source / key
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(files / key, target)


@dataclass(frozen=True)
class Lake:
    """A lake, and how to run over a mirror into it."""

    folder: Path
    store: Store
    scratch: Path
    outcomes: list[Outcome] = field(default_factory=list)

    def run(self, mirror: Mirror, sources: Sequence[str] = SOURCES) -> Outcome:
        """One run of the sources over the mirror."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FIELDHOUSE_SCRATCH", str(self.scratch))
            return embedded.run(self.store, sources, mirror=mirror.folder)

    def release(self, number: int | None = None) -> Release:
        """A release, the newest if none is said."""
        return releases.read(self.store, number)

    def entries(self, *folders: str) -> dict[str, int]:
        """Names below the folders, with the time at which each was written."""
        names = [name for folder in folders for name in self.store.names(folder)]
        return {name: (self.folder / name).stat().st_mtime_ns for name in names}

    def sql(self, query: str, number: int | None = None) -> list[tuple]:
        """The rows of a query over a release's datasets."""
        con = duck.connect()
        for name, table in self.release(number).datasets.items():
            columns = ", ".join(f'NULL AS "{column["name"]}"' for column in table.columns)
            duck.view(con, self.store, name, table.parts, f"SELECT {columns} WHERE false")
        return [tuple(row.values()) for row in con.sql(query).to_arrow_table().to_pylist()]


@pytest.fixture(scope="session")
def new_lake(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Lake]:
    """Makes an empty lake."""

    def new() -> Lake:
        folder = tmp_path_factory.mktemp("lake")
        return Lake(folder, open_store(str(folder)), tmp_path_factory.mktemp("scratch"))

    return new


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    """Both sources in small: two leagues' seasons of the demo's sample, and a World Cup's first matches."""
    return _fill(Mirror(tmp_path / "mirror"))


@pytest.fixture(scope="session")
def new_mirror(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Mirror]:
    """Makes a mirror without a file."""
    return lambda: Mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture
def empty_mirror(new_mirror: Callable[[], Mirror]) -> Mirror:
    """A mirror without a file."""
    return new_mirror()


@pytest.fixture(scope="session")
def shared_mirror(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    """The small mirror for tests that change nothing in it."""
    return _fill(Mirror(tmp_path_factory.mktemp("mirror")))


def _fill(mirror: Mirror) -> Mirror:
    sample = settings.home() / "containers" / "openfootball" / "sample"
    mirror.take(sample, "openfootball", ["football.json/2012-13/en.1.json", "football.json/2013-14/en.1.json"])
    mirror.put("openfootball/worldcup.json/2018/worldcup.json", json.dumps(CUP, ensure_ascii=False))
    for key, text in INTERNATIONALS.items():
        mirror.put(f"international_results/international_results/{key}", text)
    return mirror


REAL = settings.home()
FIRST, SECOND = "international_results", "other_results"
HEADS = {
    "goalscorers.csv": "date,home_team,away_team,team,scorer,minute,own_goal,penalty\n",
    "shootouts.csv": "date,home_team,away_team,winner,first_shooter\n",
    "former_names.csv": "current,former,start_date,end_date\n",
}
RESULTS = "date,home_team,away_team,home_score,away_score,tournament,city,country,neutral\n"
MATCHES = ("1872-11-30,Scotland,England,0,0,Friendly,Glasgow,Scotland,FALSE\n",)
GONE = Status(404)


@dataclass(frozen=True)
class Upstreams:
    """Two sources with upstreams of their own, a lake, and what a day does."""

    home: Path
    store: Store
    server: FaultServer

    def declare(self, source: str, *, rank: int, limits: str = "") -> None:
        """Declare a source like the real one, whose upstream is this server."""
        real, folder = REAL / "containers" / FIRST, self.home / "containers" / source
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("normalize", "conform"):
            shutil.copytree(real / name, folder / name, dirs_exist_ok=True)
        text = (real / "source.toml").read_text(encoding="utf-8")
        text = re.sub(r'^url = ".*"', f'url = "{self.server.url}/{source}/"', text, flags=re.MULTILINE)
        text = text.replace(f'name = "{FIRST}"', f'name = "{source}"')
        text = re.sub(r"^rank = \d+", f"rank = {rank}", text, flags=re.MULTILINE)
        for line in limits.splitlines():  # a limit that is given here replaces the real one
            text = re.sub(rf"^{line.split(' ')[0]} = .*\n", "", text, flags=re.MULTILINE)
        # A file that is not there is absent, so that files can vanish.
        text = text.replace('key = "shootouts.csv"', 'key = "shootouts.csv"\noptional = true')
        (folder / "source.toml").write_text(text.replace("[limits]", f"[limits]\n{limits}"), encoding="utf-8")
        sources.load_all.cache_clear()

    def up(self, source: str, *matches: str) -> None:
        """The source's upstream has these matches."""
        for name, head in HEADS.items():
            self.server.on(f"/{source}/{name}", Ok(head.encode()))
        self.server.on(f"/{source}/results.csv", Ok((RESULTS + "".join(matches)).encode()))

    def down(self, source: str, how: Behaviour = GONE) -> None:
        """The source's upstream fails."""
        self.server.on(f"/{source}/results.csv", how)

    def run(self) -> Outcome:
        """One run of both sources."""
        return embedded.run(self.store)

    def age(self, source: str, days: float) -> None:
        """Let all landings of a source be this much older."""
        for number in landings.numbers(self.store, source):
            path = Path(self.store.url) / landings.name(source, number)
            doc = json.loads(path.read_text())
            doc["time"] = (datetime.fromisoformat(doc["time"]) - timedelta(days=days)).isoformat()
            path.write_text(json.dumps(doc))

    def input(self, source: str) -> dict[str, object]:
        """What the newest release says that it has of a source."""
        return releases.read(self.store).inputs[source]


@pytest.fixture
def upstreams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstreams]:
    """Two small sources whose upstreams are on a fault server, and an empty lake."""
    monkeypatch.setenv("FIELDHOUSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    monkeypatch.setenv("FIELDHOUSE_HTTP_BACKOFF_S", "0.01")
    monkeypatch.setattr(embedded, "PATIENCE_S", 0.01)
    (tmp_path / "home" / "containers").mkdir(parents=True)
    for name in ("datasets", "quality"):
        (tmp_path / "home" / name).symlink_to(REAL / name, target_is_directory=True)
    contracts.load_all.cache_clear()
    with FaultServer() as server:
        made = Upstreams(tmp_path / "home", open_store(str(tmp_path / "lake")), server)
        for rank, source in enumerate((FIRST, SECOND), 1):
            made.declare(source, rank=rank)
            made.up(source, *MATCHES)
        yield made
    sources.load_all.cache_clear()
    contracts.load_all.cache_clear()
