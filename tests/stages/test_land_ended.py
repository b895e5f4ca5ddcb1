"""`land` is told how the extractor ended where something else ran it: only exit 0 has seen everything."""

import pytest

from fieldhouse import sources
from fieldhouse.extract.request import write_request
from fieldhouse.extract.sealed import Seal, write_seal
from fieldhouse.lake import landings, open_store
from fieldhouse.stages import attempt, land


@pytest.mark.parametrize(("ended", "partial"), [(0, False), (75, True), (None, True)])
def test_a_landing_is_partial_unless_the_extractor_ended_well(tmp_path, monkeypatch, ended, partial):
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    store = open_store(str(tmp_path / "lake"))
    source = sources.find("openfootball")
    made = attempt.begin(store, source.name, "r")
    write_request(made.inbox, source, "r", 1, known=(), state=None)
    write_seal(made.out, Seal(1, source.name, "r", 1, (), state={"seen": 1}))
    land.run(store, source.name, "r", ended=ended)
    landed = landings.read(store, source.name, 1)
    assert (landed.partial, landed.state) == (partial, None if partial else {"seen": 1})
