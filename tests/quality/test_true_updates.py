"""Updates that sources really made raise few alarms: older revisions of feeds are released, then the current ones.

FIELDHOUSE_TEST_FULL; it takes a minute or two. FIELDHOUSE_TEST_REWRITE=1 writes the table of docs/faults.md.
"""

import os
import shutil
from pathlib import Path

import measured_page
import pytest

from fieldhouse import contracts, embedded
from fieldhouse.lake import open_store
from fieldhouse.stages.audit import basis, changing

SOURCES = ("openfootball", "international_results")
FULL = pytest.mark.skipif(not os.environ.get("FIELDHOUSE_TEST_FULL"), reason="FIELDHOUSE_TEST_FULL is not set")


def mirror(feeds: Path, folder: Path, revision: Path | None) -> Path:
    """The feeds, with the files of an older revision in the place of today's."""
    shutil.rmtree(folder, ignore_errors=True)
    for source in SOURCES:
        shutil.copytree(feeds / source, folder / source)
    for file in revision.rglob("*") if revision else ():
        target = folder / revision.parent.name / revision.name.split("@")[0] / file.relative_to(revision)
        if file.is_file() and target.exists():
            target.unlink()
            shutil.copyfile(file, target)
    return folder


@FULL
@pytest.mark.feeds
def test_true_updates_raise_few_alarms_and_stop_nothing(feeds, tmp_path):
    store = open_store(str(tmp_path / "lake"))
    domains = sorted({c.domain for c in contracts.load_all().values()})
    rows, checks, alarms = [], 0, []
    for revision in sorted(path for source in SOURCES for path in (feeds / source).glob("*@*")):
        for of in (revision, None):
            outcome = embedded.run(store, SOURCES, mirror=mirror(feeds, tmp_path / "mirror", of))
            assert not outcome.failed
        audits = [audit for d in domains if (audit := changing.work_on(d, basis.of_release(store))).due]
        verdicts = [v for audit in audits for suite in audit.judged(store) for v in suite.verdicts]
        failed = [v for v in verdicts if v.state != "passed"]
        told = "; ".join(f"{v.expectation.dataset} {v.expectation.about} `{v.expectation.rule}`" for v in failed)
        repository, commit = revision.name.split("@")
        rows.append((f"{repository} {commit[:8]}", len(verdicts), len(failed), told.replace("  ", " ")))
        checks, alarms = checks + len(verdicts), alarms + failed
    whole = ("**all**", checks, f"{len(alarms)} ({len(alarms) / checks:.1%})", "")
    measured_page.write("updates", ("from", "checks", "alarms", "which"), [*rows, whole])
    assert checks > 1000
    assert [v.expectation.rule for v in alarms if v.stops] == []
    assert len(alarms) < 0.05 * checks
