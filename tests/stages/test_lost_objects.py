"""A raw object that was lost is fetched again, so that what `lake verify` advises works."""

from pathlib import Path

import pytest

from fieldhouse.extract.mirror import Mirror
from fieldhouse.lake import Store, landings, objects, open_store
from fieldhouse.lake.verify import verify
from fieldhouse.stages import extract, land

FILES = {
    "results.csv": "date,home_team,away_team,home_score,away_score,tournament,city,country,neutral\n"
    "1872-11-30,Scotland,England,0,0,Friendly,Glasgow,Scotland,FALSE\n",
    "goalscorers.csv": "date,home_team,away_team,team,scorer,minute,own_goal,penalty\n",
    "shootouts.csv": "date,home_team,away_team,winner,first_shooter\n",
    "former_names.csv": "current,former,start_date,end_date\n",
}
SOURCE = "international_results"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror of one source."""
    folder = tmp_path / "mirror" / SOURCE / SOURCE
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_text(content)
    return tmp_path / "mirror"


def fetch(store: Store, mirror: Path, run: str) -> None:
    with Mirror(mirror) as server:
        extract.run(store, SOURCE, run, mirror=server.url)
    land.run(store, SOURCE, run)


@pytest.mark.parametrize("damage", ["lost", "cut short"])
def test_a_raw_object_that_is_not_whole_comes_again(
    tmp_path: Path, mirror: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    store = open_store(str(tmp_path / "lake"))
    fetch(store, mirror, "r1")
    landed = landings.snapshot(store, SOURCE, 1)["results", "results.csv"]
    path = Path(store.url) / objects.name(landed.sha256)
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:10])
    assert [problem.name for problem in verify(store).problems] == [objects.name(landed.sha256)]
    fetch(store, mirror, "r2")
    assert verify(store).clean
    assert landings.snapshot(store, SOURCE, 2)["results", "results.csv"].sha256 == landed.sha256
