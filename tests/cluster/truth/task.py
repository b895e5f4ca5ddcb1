"""One try of one task in a process of its own, run and judged by Airflow's own task runner; the scheduler is played.

The runner sets its handler of SIGTERM, calls the operator, and makes a state of what comes back or is raised. What it
would tell its supervisor is left in `outcome.json`, its log in `log.jsonl`, both in the order's folder.
"""

import importlib
import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from truth.operators import Wish, make


@dataclass(frozen=True)
class Order:
    """What a process is to run. `resume`: the method and the arguments of a task that was deferred.

    `patches`: constants as `module:NAME` with other values, for waits that nobody wants to sit through.
    """

    wish: Wish
    folder: Path
    store: Path
    resume: tuple[str, Mapping[str, object]] | None = None
    began: float = field(default_factory=time.time)
    patches: Mapping[str, object] = field(default_factory=dict)


def run(order: Order) -> None:
    """Run it, as the main function of a process."""
    _log_to(order.folder / "log.jsonl")
    _patch(order.patches)
    from airflow.sdk.execution_time import task_runner

    supervisor = Supervisor(order.store)
    task_runner.SUPERVISOR_COMMS = supervisor
    ti = _instance(order)
    context, entered = ti.get_template_context(), time.time()
    state, message, error = task_runner.run(ti, context, _logger())
    _leave(order, {
        "state": str(state.value),
        "error": type(error).__name__ if error else "",
        "message": str(error) if error else "",
        "entered": entered,
        "ended": time.time(),
        "cpu": time.process_time(),
        "deferral": json.loads(message.model_dump_json()) if state.value == "deferred" else None,
    })  # fmt: skip
    os._exit(0)  # threads that still wait for something do not hold a worker, either


def pull(folder: Path, deferral: Mapping[str, object], patches: Mapping[str, object]) -> None:
    """Be the triggerer: run the trigger of a deferred task to its first event, which is left in `outcome.json`."""
    import asyncio

    from airflow.sdk.serde import deserialize, serialize

    _log_to(folder / "log.jsonl")
    _patch(patches)
    module, _, name = str(deferral["classpath"]).rpartition(".")
    trigger = getattr(importlib.import_module(module), name)(**deserialize(deferral["trigger_kwargs"]))

    async def first() -> object:
        async for event in trigger.run():
            return event.payload
        raise AssertionError("the trigger ended without an event")

    payload = asyncio.run(first())
    done = folder / "outcome.new"
    done.write_text(json.dumps({"state": "triggered", "event": serialize(payload), "ended": time.time()}))
    done.replace(folder / "outcome.json")
    os._exit(0)


class Supervisor:
    """What a task's process may ask of Airflow; the store of the task's state is a file."""

    socket = None

    def __init__(self, store: Path) -> None:
        self._path = store

    def send(self, msg: object) -> object:
        """Answer a request."""
        from airflow.sdk.execution_time import comms

        match msg:
            case comms.GetTaskStateStore():
                values = self._read()
                if msg.key in values:
                    return comms.TaskStateStoreResult(value=values[msg.key])
                return comms.ErrorResponse(error=comms.ErrorType.TASK_STORE_NOT_FOUND)
            case comms.SetTaskStateStore():
                self._write({**self._read(), msg.key: msg.value})
            case comms.DeleteTaskStateStore():
                self._write({key: value for key, value in self._read().items() if key != msg.key})
            case comms.ClearTaskStateStore():
                self._write({})
            case comms.ValidateInletsAndOutlets():
                return comms.InactiveAssetsResult(inactive_assets=[])
        return None

    def _read(self) -> dict[str, object]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def _write(self, values: Mapping[str, object]) -> None:
        self._path.write_text(json.dumps(values))


def _instance(order: Order) -> object:
    from airflow.sdk import DAG
    from airflow.sdk.api.datamodels._generated import DagRun, DagRunState, DagRunType, TIRunContext
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    wish = order.wish
    now = datetime.now(UTC)
    with DAG(wish.dag, schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
        task = make(wish)
    if wish.timeout_s:
        task.execution_timeout = timedelta(seconds=wish.timeout_s)
    dag_run = DagRun(
        dag_id=wish.dag, run_id=wish.run, run_after=now, run_type=DagRunType.MANUAL, state=DagRunState.RUNNING,
        consumed_asset_events=[], logical_date=None, data_interval_start=None, data_interval_end=None,
        start_date=now, end_date=None, partition_key=None,
    )  # fmt: skip
    method, kwargs = order.resume or (None, None)
    context = TIRunContext(dag_run=dag_run, max_tries=2, should_retry=True, next_method=method, next_kwargs=kwargs)
    return RuntimeTaskInstance.model_construct(
        id=uuid.uuid4(), task_id=task.task_id, dag_id=wish.dag, run_id=wish.run, try_number=wish.attempt,
        map_index=wish.map_index, dag_version_id=uuid.uuid4(), task=task, bundle_instance=None, max_tries=2,
        _ti_context_from_server=context, start_date=datetime.fromtimestamp(order.began, UTC), is_mapped=False,
    )  # fmt: skip


def _leave(order: Order, outcome: Mapping[str, object]) -> None:
    done = order.folder / "outcome.new"
    done.write_text(json.dumps(outcome))
    done.replace(order.folder / "outcome.json")


def _log_to(path: Path) -> None:
    """Log as a task does; what is printed beside the log goes to a file next to it."""
    from airflow.sdk.log import configure_logging

    with path.with_name("printed.txt").open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    configure_logging(json_output=True, output=path.open("ab", buffering=0))


def _logger() -> object:
    import structlog

    return structlog.get_logger(logger_name="task")


def _patch(patches: Mapping[str, object]) -> None:
    for where, value in patches.items():
        module, _, name = where.partition(":")
        found = importlib.import_module(module)
        assert hasattr(found, name), where
        setattr(found, name, value)
