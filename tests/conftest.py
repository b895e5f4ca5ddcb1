"""What all tests share: a clean environment, and the real feeds where a machine has them."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

FEEDS = "FIELDHOUSE_TEST_FEEDS"
SHARED = "FIELDHOUSE_TEST_SHARED"

# How fast a machine is says nothing about the code.
settings.register_profile("fieldhouse", deadline=None)
settings.load_profile("fieldhouse")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked `feeds` where there are none, each test by name and with the reason."""
    if os.environ.get(FEEDS):
        return
    for item in items:
        if item.get_closest_marker("feeds"):
            item.add_marker(pytest.mark.skip(reason=f"needs the real feeds: {FEEDS} is not set"))


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test never meets the lake, the mirror or the proxy that the caller's shell names."""
    for variable in list(os.environ):
        if variable.startswith("FIELDHOUSE_") and variable not in (FEEDS, SHARED):
            monkeypatch.delenv(variable)
        if variable.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(variable)


@pytest.fixture(scope="session")
def feeds() -> Path:
    """The folder of the real feeds, `<source>/…` laid out like upstream; without it the test is skipped."""
    return _folder(FEEDS, "the real feeds")


@pytest.fixture(scope="session")
def shared_feeds() -> Path:
    """The folder that holds `check-facts` and the facts; without it the test is skipped."""
    return _folder(SHARED, "the facts about the real feeds")


def _folder(variable: str, what: str) -> Path:
    given = os.environ.get(variable)
    if not given:
        pytest.skip(f"needs {what}: {variable} is not set")
    folder = Path(given).resolve()
    assert folder.is_dir(), f"{variable} is {given!r}: no such folder"
    return folder
