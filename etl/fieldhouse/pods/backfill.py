"""Tasks of the backfill DAG, whose source is a parameter of the run and whose intervals are mapped over."""

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException

from fieldhouse import interval, plan, sources
from fieldhouse.errors import ConfigurationError, FieldhouseError
from fieldhouse.plan import Task
from fieldhouse.pods.operators import FieldhousePodOperator
from fieldhouse.pods.work import Program, Work

if TYPE_CHECKING:
    from airflow.sdk.definitions._internal.expandinput import MappedArgument

SOURCE, SINCE, UNTIL, STEP = "source", "from", "to", "step"


class Intervals(BaseOperator):
    """Cuts what a backfill is asked for into steps; refuses a source that cannot be backfilled, and says the way out.

    Runs in Airflow's own worker: what is mapped over is decided there. Returns the intervals as text, in order.
    """

    template_fields = ()

    def execute(self, context: Context) -> list[str]:
        """The intervals; AirflowFailException, which is not tried again, where they cannot be asked for."""
        params = context["params"]
        try:
            asked = plan.backfilled(sources.find(str(params[SOURCE])))
            whole = interval.between(str(params[SINCE]), str(params[UNTIL]))
            pieces = interval.cut(whole, str(params[STEP]))
        except FieldhouseError as error:
            raise AirflowFailException(str(error)) from None
        self.log.info("%s: %d intervals of %s, feeds %s", params[SOURCE], len(pieces), whole, ", ".join(asked))
        return [str(piece) for piece in pieces]


class BackfillPodOperator(FieldhousePodOperator):
    """`extract` or `land` for one interval: the tasks of the source's own DAG, in a run of its own in the lake."""

    template_fields = ("interval",)

    def __init__(self, *, planned: Task, interval: "str | MappedArgument", **kwargs: object) -> None:
        self.interval = interval
        super().__init__(stage="", planned=planned, **kwargs)  # type: ignore[arg-type]

    def _program(self) -> Program:
        # Which image it will be is known when the run has its source; until then Airflow is shown the pipeline's.
        return Program(self.pods.image_of("pipeline"), "python")

    def _work(self, context: Context | None) -> Work:
        if context is None:
            raise ConfigurationError(
                f"{self.task_id}: its source is a parameter of the run; without a run it is no work"
            )
        source = sources.find(str(context["params"][SOURCE]))
        work = super()._work(context)
        [task] = [
            task
            for task in plan.source_tasks(source, interval.parse(str(self.interval)))
            if task.stage == self.planned.stage
        ]
        identity = replace(work.identity, part=str(work.identity.map_index))
        return Work(task, identity, source if work.extracts else None)
