"""Explaining: what a run would do and why, and which raw records a row came from. Nothing here changes the lake."""

from fieldhouse.explain.due import Step, plan_run
from fieldhouse.explain.telling import tell_plan, tell_trace
from fieldhouse.explain.tracing import Trace, trace

__all__ = ["Step", "Trace", "plan_run", "tell_plan", "tell_trace", "trace"]
