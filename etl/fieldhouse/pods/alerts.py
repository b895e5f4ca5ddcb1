"""Telling somebody that a task has failed or a run is late: one line in the log, and whatever the deployment calls."""

import logging
from collections.abc import Mapping
from importlib import import_module

from fieldhouse.errors import ConfigurationError
from fieldhouse.pods import settings

log = logging.getLogger(__name__)


def failed(context: Mapping[str, object]) -> None:
    """A task has failed for good (Airflow's `on_failure_callback`)."""
    ti = context["ti"]
    error = str(context.get("exception", "")).strip()
    first = error.partition("\n")[0] or "no reason is known"
    where = f"{getattr(ti, 'dag_id', '?')}/{getattr(ti, 'task_id', '?')}"
    tell(f"failed: {where} in the run {context.get('run_id', '?')}: {first}")


async def late(dag: str, minutes: int, **_: object) -> None:
    """A run is late (the callback of Airflow's deadlines)."""
    tell(f"late: a run of {dag} has not ended {minutes} minutes after it was queued")


def tell(text: str) -> None:
    """Say it in the log, and call what FIELDHOUSE_PODS_ALERT names; that this fails is said, not raised."""
    log.error("fieldhouse alert: %s", text)
    try:
        named = settings.read().alert
        if named:
            module, _, function = named.rpartition(".")
            getattr(import_module(module), function)(text)
    except (ConfigurationError, ImportError, AttributeError, ValueError) as error:
        log.error("FIELDHOUSE_PODS_ALERT could not be called: %s", error)
    except Exception:  # somebody else's function: an alert that fails must not fail a run
        log.exception("what FIELDHOUSE_PODS_ALERT names has failed")
