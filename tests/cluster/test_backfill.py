"""The backfill DAG on the cluster: a source's past, interval after interval, each by pods of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from deployment import Airflow, Kube, start, until

from fieldhouse.lake import landings, open_store
from fieldhouse.pods.identity import run_id

pytestmark = pytest.mark.cluster
BACKFILL = "fieldhouse.backfill"
YEARS = {"from": "2012-08-01", "to": "2014-08-01", "step": "year"}


@pytest.mark.usefixtures("openfootball")
def test_two_years_are_asked_for_one_after_the_other(airflow: Airflow, kube: Kube, lake: Callable[[], Path]) -> None:
    before = landings.numbers(open_store(str(lake())), "openfootball")
    airflow("PATCH", f"/dags/{BACKFILL}", {"is_paused": False})
    run = start(airflow, BACKFILL, source="openfootball", **YEARS)
    assert run.ended() == "success"
    found = airflow("GET", f"{run.path}/taskInstances?limit=100")["task_instances"]
    mapped = sorted((task["task_id"], task["map_index"]) for task in found if task["map_index"] >= 0)
    assert mapped == [("backfill.extract", 0), ("backfill.extract", 1), ("backfill.land", 0), ("backfill.land", 1)]
    extracts = sorted((task["start_date"], task["end_date"]) for task in found if task["task_id"] == "backfill.extract")
    assert extracts[0][1] <= extracts[1][0]  # no source is asked for two intervals at a time
    until(lambda: not kube.pods(f"fieldhouse/run={run_id(run.dag, run.id)}"), 30, "no pod of the run is left")

    store = open_store(str(lake()))
    made = [n for n in landings.numbers(store, "openfootball") if n not in before]
    assert len(made) == 2
    for number in made:  # what lies outside of the interval is not gone
        assert not landings.read(store, "openfootball", number).gone


def test_a_source_without_a_past_says_so_and_is_not_tried_again(airflow: Airflow) -> None:
    airflow("PATCH", f"/dags/{BACKFILL}", {"is_paused": False})
    run = start(airflow, BACKFILL, source="international_results", **YEARS)
    assert run.ended() == "failed"
    assert run.tries("intervals") == ["failed"]
    assert any("international_results cannot be backfilled" in text for text in run.says("intervals"))
