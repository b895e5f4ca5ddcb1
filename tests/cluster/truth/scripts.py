"""What is done to a task and its pod while they run."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from truth.play import SIGKILL, SIGTERM, Play, Running
from truth.proxy import disturbable
from truth.world import offer

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
    deferral = play.begin().wait(play.patience_s).deferral
    assert deferral is not None
    trigger = play.trigger(deferral)
    play.until_written(LINES)
    play.delete_pod()
    play.finish(play.resume(deferral, trigger.wait(play.patience_s).event))


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


def two_schedulers(play: Play) -> None:
    """The same try is begun twice at once."""
    first, second = play.begin(), play.begin(attempt=1)
    play.finish(first)
    play.finish(second)


def mapped(play: Play) -> None:
    """Two tasks run at once whose ids differ behind the 63 characters of a label only; the second one's program fails."""
    name = "a_task_with_a_long_name." * 5
    first = play.begin(task_id=f"{name}a", map_index=0)
    second = play.begin(task_id=f"{name}b", map_index=1, attempt=1, program="log 60 20; exit 1")
    play.finish(first)
    play.finish(second)


def cleared(play: Play) -> None:
    """The task is cleared: its process is told to stop, what it says then is not heard, and the next try begins at once."""
    run = play.begin()
    play.until_shown(run, LINES)
    run.signal(SIGTERM)
    play.tries.append(replace(run.wait(play.patience_s), state="cleared"))
    play.finish(play.begin())


def triggerer_restarts(play: Play) -> None:
    """The triggerer is killed while it waits; another takes over."""
    deferral = play.begin().wait(play.patience_s).deferral
    assert deferral is not None
    trigger = play.trigger(deferral)
    play.until_written(LINES)
    trigger.signal(SIGKILL)
    trigger.wait(10)
    event = play.trigger(deferral).wait(play.patience_s).event
    play.finish(play.resume(deferral, event))


def image_comes(play: Play) -> None:
    """The image is not there for the first try, and is for the second."""
    name = f"fieldhouse/truth:{play.wish.key}-{play.world.namespace}"  # that no earlier run has offered
    play.finish(play.begin(image=name))
    offer(name, play.world.folder)
    play.finish(play.begin())


def api_unwell(play: Play) -> None:
    """For a minute the API server answers 503, then 429, then not at all; the pod runs on and ends well."""
    with disturbable(play.wish.kubeconfig, play.folder) as proxy:
        run = play.begin(kubeconfig=str(proxy.kubeconfig))
        play.until_shown(run, LINES)
        for proxy.mode in (503, 429, "hangs"):
            time.sleep(20)
        proxy.mode = "passes"
        play.finish(run)


def log_breaks(play: Play) -> None:
    """The connection over which the log comes is cut every three seconds."""
    with disturbable(play.wish.kubeconfig, play.folder) as proxy:
        proxy.break_logs_s = 3.0
        play.finish(play.begin(kubeconfig=str(proxy.kubeconfig)))


def node_gone(play: Play) -> None:
    """The kubelet is stopped, and the pod deleted, as is done when a node is lost; nobody is there to end it."""
    with _stopped(play, "kubelet", 70) as run:
        time.sleep(3)
        play.delete_pod()
        play.finish(run)


def api_gone(play: Play) -> None:
    """The API server is stopped for a minute."""
    with _stopped(play, "kube-apiserver", 60) as run:
        play.finish(run)


@contextmanager
def _stopped(play: Play, part: str, seconds: int) -> Iterator[Running]:
    run = play.begin()
    play.until_shown(run, LINES)
    stopped = threading.Thread(target=play.world.chaos, args=("stop", part, str(seconds)))
    stopped.start()
    yield run
    stopped.join()


def _lose(play: Play) -> None:
    run = play.begin()
    play.until_shown(run, LINES)
    run.signal(SIGKILL)
    play.finish(run)
