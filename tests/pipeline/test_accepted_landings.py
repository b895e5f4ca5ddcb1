"""A source from which more vanished than may: refused day by day, until a person looks and accepts it."""

import json

import pytest

from fieldhouse.cli.ending import end
from fieldhouse.errors import Exit
from fieldhouse.kit.faults import Status
from fieldhouse.lake import aside, landings
from fieldhouse.lake.verify import verify

FIRST, SECOND = "international_results", "other_results"


def test_what_vanished_stays_in_the_release_until_somebody_accepts_that_it_did(
    upstreams, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = ("--lake", upstreams.store.url)
    upstreams.run()
    upstreams.server.on(f"/{FIRST}/shootouts.csv", Status(404))
    assert end(["run", FIRST, *lake]) == Exit.DATA
    assert upstreams.input(FIRST)["files"] == 4

    capsys.readouterr()
    assert end(["source", "aside", "ls", *lake, "--json"]) == 0
    (refused,) = json.loads(capsys.readouterr().out)["attempts"]
    assert refused["over"][0].startswith("1 of 4 known keys are gone, 25.0%; limits.max_vanished allows ")
    assert end(["source", "aside", "accept", refused["id"], "--reason", "shoot-outs are in results", *lake]) == 0
    accepted = aside.accepted(upstreams.store, aside.read_all(upstreams.store, FIRST)[0])
    assert accepted is not None
    assert accepted.reason == "shoot-outs are in results"

    assert end(["run", FIRST, *lake]) == 0
    newest = max(landings.numbers(upstreams.store, FIRST))
    assert len(landings.snapshot(upstreams.store, FIRST, newest)) == 3
    assert verify(upstreams.store).clean
