"""Two lakes and the sites of their releases: that of the sample, and one whose upstream is hostile and changes its mind."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from demo_lake import Ended

from fieldhouse import embedded, site
from fieldhouse.lake import open_store

#: What a hostile upstream calls a team.
HOSTILE = "<script>alert(1)</script>"


class Page(HTMLParser):
    """One page as a reader of its markup finds it: links, ids, elements, and the words between them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.words = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.text += " " if tag in ("td", "th", "dd") else ""
        self.tags.append((tag, given))
        self.ids += [str(given["id"])] if "id" in given else []
        self.links += [str(given[name]) for name in ("href", "src") if name in given]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="session")
def lake(demo: tuple[Path, Ended]) -> Path:
    """The sample's lake, to be read."""
    return demo[0]


@pytest.fixture(scope="session")
def pages(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the sample's release."""
    return site.write(tmp_path_factory.mktemp("site") / "catalog", lake=lake).folder


@pytest.fixture(scope="session")
def hostile_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with two releases of three matches, of which upstream changed one; a team's name is a script."""
    folder = tmp_path_factory.mktemp("hostile")
    file = folder / "mirror" / "openfootball" / "football.json" / "2015-16" / "en.1.json"
    file.parent.mkdir(parents=True)
    store = open_store(str(folder / "lake"))
    for goals in (1, 4):
        pairs = [(HOSTILE, "Everton", [3, 1]), ("Everton", "Chelsea", [1, 1]), ("Chelsea", HOSTILE, [goals, 1])]
        matches = [
            {
                "round": f"Matchday {day}",
                "date": f"2016-05-{day:02}",
                "team1": one,
                "team2": two,
                "score": {"ft": score},
            }
            for day, (one, two, score) in enumerate(pairs, 1)
        ]
        file.write_text(json.dumps({"name": "English Premier League 2015/16", "matches": matches}), encoding="utf-8")
        outcome = embedded.run(store, ["openfootball"], mirror=folder / "mirror")
        assert not outcome.failed
    return folder / "lake"


@pytest.fixture(scope="session")
def hostile_pages(hostile_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the hostile lake's second release."""
    return site.write(tmp_path_factory.mktemp("hostile-site") / "catalog", lake=hostile_lake).folder


@pytest.fixture(scope="session")
def read() -> type[Page]:
    """Reads a page's markup."""
    return Page
