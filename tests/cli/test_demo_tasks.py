"""What a run on one machine leaves in the lake is what the plan, and so the DAGs, have as tasks, in an order they allow."""

import json
from pathlib import Path

from fieldhouse import contracts, plan, sources
from fieldhouse.lake import landings, open_store, releases, runs


def test_a_run_does_the_tasks_of_the_plan_and_no_others(lake: Path) -> None:
    store = open_store(str(lake))
    run = releases.read(store, 1).run
    done = {name.split("/")[2] for name in store.names(f"runs/{run}") if name.count("/") == 3}
    landed = [source for source in sources.load_all().values() if landings.numbers(store, source.name)]
    graph = plan.graph(landed, contracts.load_all())
    planned = (*(task for tasks in graph.sources.values() for task in tasks), *graph.release)
    assert done == {task.id for task in planned}
    for task in planned:
        assert runs.receipt(store, run, task.id).task == task.id


def test_a_second_run_tells_its_tasks_in_an_order_that_their_edges_allow(own_lake: Path, fieldhouse) -> None:
    ended = fieldhouse("demo", "--lake", own_lake, "--json")
    told = [task["task"] for task in json.loads(ended.out)["tasks"]]
    graph = plan.graph(list(sources.load_all().values()), contracts.load_all())
    for task in (*(task for tasks in graph.sources.values() for task in tasks), *graph.release):
        for needed in task.needs:
            if task.id in told and needed in told:
                assert told.index(needed) < told.index(task.id), f"{needed} comes before {task.id}"
    assert len(told) == len(set(told))
