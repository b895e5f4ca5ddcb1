"""What is done to a task and its pod while they run."""

from truth.play import SIGKILL, SIGTERM, Play

#: Lines after which a disturbance comes: the pod runs, and its log is followed.
LINES = 20


def undisturbed(play: Play) -> None:
    """Nothing: the program does it all."""
    play.finish(play.begin())


def sigterm(play: Play) -> None:
    """The task's process is told to stop."""
    run = play.begin()
    play.until_shown(run, LINES)
    run.signal(SIGTERM)
    play.finish(run)


def both(play: Play) -> None:
    """The workload's pod is deleted, and half a second later the task's process is told to stop."""
    import time

    run = play.begin()
    play.until_shown(run, LINES)
    play.delete_pod()
    time.sleep(0.5)
    run.signal(SIGTERM)
    play.finish(run)


def deleted(play: Play) -> None:
    """The pod is deleted."""
    run = play.begin()
    play.until_shown(run, LINES)
    play.delete_pod()
    play.finish(run)


def forced(play: Play) -> None:
    """The pod is deleted from the API server without waiting for its end."""
    run = play.begin()
    play.until_shown(run, LINES)
    play.delete_pod(grace_period_seconds=0)
    play.finish(run)


def deleted_deferred(play: Play) -> None:
    """The pod is deleted while the triggerer waits for it."""
    run = play.begin()
    play.until_written(LINES)
    play.delete_pod()
    play.finish(run)


def gone_on_resume(play: Play) -> None:
    """The pod is cleared away between the trigger's event and the task's re-entry."""
    deferral = play.begin().wait(play.patience_s).deferral
    assert deferral is not None
    event = play.trigger(deferral).wait(play.patience_s).event
    play.delete_pod(grace_period_seconds=0)
    play.finish(play.resume(deferral, event))


def lost_worker(play: Play) -> None:
    """The worker is killed; the next try begins while the pod runs."""
    _lose(play)
    play.finish(play.begin())


def lost_worker_pod_ended(play: Play) -> None:
    """The worker is killed; the next try begins when the pod has ended."""
    _lose(play)
    play.until_ended()
    play.finish(play.begin())


def _lose(play: Play) -> None:
    run = play.begin()
    play.until_shown(run, LINES)
    run.signal(SIGKILL)
    play.finish(run)
