"""A run into a bucket: the tables of a run into a folder, and few requests where nothing is new."""

from collections import Counter
from pathlib import Path

import pytest
from object_stores import S3, Asked

from fieldhouse import embedded, settings
from fieldhouse.embedded import Outcome
from fieldhouse.lake import open_store, releases
from fieldhouse.lake.verify import verify

#: What a run with nothing new may ask of a bucket, besides a memo entry for each piece of work: receipts, landings, …
REQUESTS_AGAIN = 130


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """The demo's sample."""
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "openfootball").symlink_to(settings.home() / "containers" / "openfootball" / "sample")
    return tmp_path / "mirror"


def run(lake: str, mirror: Path) -> Outcome:
    """A run that must end well."""
    outcome = embedded.run(open_store(lake), ["openfootball"], mirror=mirror)
    assert not outcome.failed
    return outcome


def folders(asked: list[Asked], method: str) -> Counter[str]:
    """How often each folder of the lake was asked for a file by this method."""
    names = [found.path.partition("/some/lake/")[2] for found in asked if found.method == method]
    return Counter(name.partition("/")[0] for name in names if name)


def test_a_run_into_a_bucket_makes_what_a_run_into_a_folder_makes(
    bucket: str, s3: S3, mirror: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(str(tmp_path / "lake"), mirror)
    s3.play()
    first = run(bucket, mirror)
    once = s3.asked()
    store, here = open_store(bucket), open_store(str(tmp_path / "lake"))
    assert (first.release, first.published) == (1, True)
    assert releases.read(store).content == releases.read(here).content
    assert verify(store).clean
    for folder in ("raw", "parts", "memo", "audits"):
        assert store.entries(folder) == here.entries(folder)

    before = {name: store.names(name) for name in ("raw", "parts", "memo", "audits", "releases")}
    s3.play()
    again = run(bucket, mirror)
    asked = s3.asked()
    with capsys.disabled():
        print(f"\nrequests to a bucket: {len(once)} by a first run over the sample, {len(asked)} by the second")
    assert not again.published
    assert {name: store.names(name) for name in before} == before
    assert folders(asked, "PUT").keys() == {"only-once", "landings", "runs"}
    assert folders(asked, "GET")["parts"] == folders(asked, "HEAD")["parts"] == 0
    assert folders(asked, "GET")["raw"] == folders(asked, "HEAD")["raw"] == 0
    assert len(asked) < REQUESTS_AGAIN + len(before["memo"])


def test_a_bucket_that_breaks_off_ends_the_run_and_the_next_goes_on(
    bucket: str, s3: S3, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fieldhouse.errors import TemporaryError

    monkeypatch.setenv("FIELDHOUSE_PATIENCE", "1")
    s3.play({"method": "PUT", "path": "/parts/", "status": "503 Slow Down"})
    with pytest.raises(TemporaryError, match="not to be had now: HTTP 503"):
        run(bucket, mirror)
    monkeypatch.delenv("FIELDHOUSE_PATIENCE")
    s3.play()
    assert run(bucket, mirror).release == 1
    assert verify(open_store(bucket)).clean
