"""The site as a person meets it: opened from its folder in a browser, at a desk and on a phone, by mouse and by keyboard."""

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread

import chromium
import pytest
from chromium import Chromium

from fieldhouse import settings

pytestmark = pytest.mark.skipif(not chromium.found(), reason="needs Chromium: apt-get install chromium")

DESK, PHONE, SMALL = (1280, 900), (390, 844), (320, 640)
PICTURES = Path(os.environ.get("FIELDHOUSE_TEST_PICTURES") or settings.home() / "build" / "site")
#: A page of each kind.
KINDS = (
    "index.html",
    "lineage.html",
    "quality.html",
    "notes.html",
    "sources/openfootball.html",
    "datasets/football.standing.html",
    "datasets/baseball.salary.html",
)
Opened = Callable[[str], None]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and tells nobody."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests of this file."""
    with Chromium(tmp_path_factory.mktemp("profile"), *DESK) as page:
        yield page


@pytest.fixture
def page(browser: Chromium) -> Iterator[Chromium]:
    """The browser as at a desk; at the end of each test it must have blocked nothing, and missed nothing."""
    browser.look(*DESK)
    browser.complaints.clear()
    yield browser
    assert browser.complaints == []


@pytest.fixture
def go(page: Chromium, pages: Path) -> Opened:
    """Opens a page of the sample's site from its file."""
    return lambda name: page.show((pages / name).as_uri())


def test_somebody_searches_a_column_and_reads_what_it_means(page: Chromium, go: Opened) -> None:
    go("index.html")
    page.type("#search", "goals conceded")
    page.until("document.querySelector('#found a') !== null")
    assert "football.standing.goals_against" in str(page.run("document.querySelector('#found').innerText"))
    page.picture(PICTURES / "search.png")
    page.run("document.querySelector('#search').value = ''")
    page.type("#search", "standing points_official")
    page.enter()
    page.until("location.hash === '#column-points_official' && document.readyState === 'complete'")
    assert page.run("location.pathname.endsWith('/datasets/football.standing.html')")
    assert "Points less deductions" in str(page.run("document.querySelector(':target').innerText"))


def test_search_ranks_names_before_meanings_and_says_when_there_is_nothing(page: Chromium, go: Opened) -> None:
    go("datasets/core.team.html")
    page.type("#search", "standing")
    assert page.until("document.querySelector('#found a')?.href").endswith("/datasets/football.standing.html")
    page.press("Escape")
    assert page.run("document.querySelector('.found').hidden") is True
    page.type("#search", "no such thing")
    page.until("document.querySelector('#found-count').innerText === '0 found'")


def test_search_works_by_keyboard(page: Chromium, go: Opened) -> None:
    go("index.html")
    page.type("#search", "core.venue")
    page.until("document.querySelector('#found a') !== null")
    page.press("ArrowDown")
    assert page.run("document.activeElement.closest('#found') !== null")
    page.enter()
    page.until("location.pathname.endsWith('/datasets/core.venue.html')")


def test_the_first_stop_of_the_keyboard_leads_past_the_head(page: Chromium, go: Opened) -> None:
    go("datasets/football.standing.html")
    page.press("Tab")
    assert page.run("document.activeElement.innerText") == "Skip to the content"
    assert page.run("document.activeElement.getBoundingClientRect().left >= 0"), "where the focus is can be seen"
    page.enter()
    page.press("Tab")
    assert page.run("document.activeElement.closest('main') !== null")
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_somebody_follows_the_lineage_to_the_source(page: Chromium, go: Opened) -> None:
    go("lineage.html")
    boxes = page.run("[...document.querySelectorAll('.lineage a')].map(a => a.textContent.trim())")
    assert {"openfootball", "core.match", "football.standing"} <= set(boxes)
    page.click(".lineage a[href$='football.standing.html']")
    page.until("document.querySelector('h1')?.innerText.startsWith('football.standing')")
    for _ in range(100):  # by keyboard, from the head of the page on
        page.press("Tab")
        if "openfootball/" in str(page.run("document.activeElement.closest('.lineage a')?.textContent")):
            break
    page.picture(PICTURES / "lineage-of-a-dataset.png")
    page.enter()
    page.until("document.querySelector('h1')?.innerText === 'openfootball'")
    assert "CC0-1.0" in page.text()


def test_somebody_looks_into_a_check_that_does_not_hold(page: Chromium, go: Opened) -> None:
    go("index.html")
    page.click("nav a[href='quality.html']")
    page.until("document.querySelector('h1')?.innerText === 'Quality'")
    check = "[...document.querySelectorAll('.check')].find(c => c.innerText.includes('work_is_paid'))"
    told = str(page.run(f"{check}.innerText"))
    assert "does not hold for 1 row" in told
    assert "fieldhouse trace baseball.salary" in told
    assert page.run(f"{check}.querySelectorAll('tbody tr').length") == 1
    page.run(f"{check}.scrollIntoView()")
    page.picture(PICTURES / "a-check-that-does-not-hold.png")


def test_the_numbers_of_a_chart_can_be_opened(page: Chromium, go: Opened) -> None:
    go("datasets/baseball.player_season.html")
    assert page.run("document.querySelectorAll('.chart rect').length") == 4
    assert page.run("document.querySelector('details table').checkVisibility()") is False
    page.click("summary")
    assert page.run("document.querySelector('details table').checkVisibility()") is True


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small"])
def test_nothing_is_wider_than_a_phone(page: Chromium, go: Opened, name: str, size: tuple[int, int]) -> None:
    page.look(*size)
    go(name)
    assert page.run("document.documentElement.scrollWidth") == size[0]
    # What is cut off stands in a region of its own that scrolls; all else lies within the screen.
    assert (
        page.run(
            "[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && !e.closest('.scroll, thead, svg')"
            " && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
        )
        == []
    )


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_there_is_no_serious_flaw_of_accessibility(page: Chromium, go: Opened, name: str, look: str) -> None:
    page.look(*(PHONE if look == "phone" else DESK), dark=look == "dark")
    go(name)
    page.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.run(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8") + "; true")
    found = page.run(
        "axe.run().then(r => JSON.stringify(r.violations.filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html)])))"
    )
    assert json.loads(str(found)) == []


@pytest.mark.parametrize("name", KINDS)
def test_pictures_are_kept(page: Chromium, go: Opened, name: str) -> None:
    for look, size in (("desk", DESK), ("phone", PHONE), ("dark", DESK)):
        page.look(*size, dark=look == "dark")
        go(name)
        file = PICTURES / f"{Path(name).stem}-{look}.png"
        page.picture(file)
        assert file.stat().st_size > 5_000


def test_in_the_dark_the_page_is_dark_and_on_paper_it_has_no_menu(page: Chromium, go: Opened) -> None:
    go("index.html")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.run(paper) == "rgb(255, 255, 255)"
    page.look(*DESK, dark=True)
    assert sum(map(int, str(page.run(paper))[4:-1].split(","))) < 100
    page.look(*DESK, printed=True)
    assert page.run("document.querySelector('nav').checkVisibility()") is False
    assert page.run("document.querySelector('main').checkVisibility()") is True


def test_it_works_behind_a_web_server_too(page: Chromium, pages: Path) -> None:
    handler = partial(Quiet, directory=str(pages))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page.show(f"http://127.0.0.1:{server.server_port}/index.html")
        page.type("#search", "core.venue")
        page.until("document.querySelector('#found a') !== null")
        page.enter()
        page.until("location.pathname === '/datasets/core.venue.html' && document.readyState === 'complete'")
        assert "Stable id of the venue" in page.text()
        server.shutdown()


def test_a_hostile_name_is_a_name(page: Chromium, hostile_pages: Path) -> None:
    page.show((hostile_pages / "datasets" / "football.match_wide.html").as_uri())
    assert "<script>alert(1)</script>" in page.text()
    assert page.run("document.querySelectorAll('script:not([src])').length") == 0


def test_the_policy_blocks_what_is_not_the_site_s(browser: Chromium, pages: Path, tmp_path: Path) -> None:
    """The browser does tell what it blocks: a page with a script in it is complained about, and the script is not run."""
    import shutil

    shutil.copytree(pages, tmp_path / "site")
    file = tmp_path / "site" / "index.html"
    file.write_text(file.read_text(encoding="utf-8").replace("</main>", "<script>globalThis.evil = 1</script></main>"))
    browser.complaints.clear()
    browser.show(file.as_uri())
    assert browser.run("globalThis.evil") is None
    assert "Content Security Policy" in browser.complaints[0]
