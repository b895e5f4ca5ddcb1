"""A verdict as Airflow understands it: fail at once, or try again, not before the time that the task asked for."""

from datetime import timedelta

from airflow.sdk import Context, RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from fieldhouse.pods.verdict import Verdict

#: Nobody waits longer than this because a source said so.
LONGEST = timedelta(hours=6)


class PodFailed(AirflowFailException):
    """The task failed for good: trying again is of no use. `verdict` says why."""

    def __init__(self, text: str, verdict: Verdict) -> None:
        super().__init__(text)
        self.verdict = verdict


class PodUnfinished(AirflowException):
    """The task did not succeed; trying again may help. `verdict` says why."""

    def __init__(self, text: str, verdict: Verdict) -> None:
        super().__init__(text)
        self.verdict = verdict


def error(verdict: Verdict, text: str) -> PodFailed | PodUnfinished:
    """The exception of a verdict that is no success."""
    return PodFailed(text, verdict) if verdict.state == "fail" else PodUnfinished(text, verdict)


class AsAsked(RetryPolicy):
    """Waits as long as the task asked for (`retry_after_s`), else as the task's own retry_delay says."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        """Decide when to try again."""
        verdict = getattr(exception, "verdict", None)
        seconds = verdict.retry_after_s if isinstance(verdict, Verdict) else None
        if not seconds:
            return RetryDecision.default()
        delay = min(timedelta(seconds=seconds), LONGEST)
        return RetryDecision.retry(delay, f"the task asked to be left alone for {delay}")
