"""The calls to the Kubernetes API that pods need, with patience where it is out of reach; no pod's spec is ever logged."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from kubernetes.client import CoreV1Api

Doc = Mapping[str, object]
T = TypeVar("T")
#: Seconds: to connect, and between two lines of a log; then the connection is made anew.
_TIMEOUT = (10, 30)
_LOG_TIMEOUT = (10, 60)
_MAX_PAUSE_S = 5.0
_HURRIED_S = 10.0


class Refused(Exception):
    """The API server says no, for a reason that waiting does not cure. `status` is HTTP's."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status
        self.said = said


class Unreachable(Exception):
    """The API server could not be reached, or was not well, for longer than patience lasts."""


class Cluster:
    """Pods of one namespace. `api` gives the client; `renew` makes it forget credentials that have expired.

    `hurry`: whether there is little time left, because this process was told to stop.
    """

    def __init__(
        self,
        api: "Callable[[], CoreV1Api]",
        namespace: str,
        *,
        patience_s: float,
        renew: Callable[[], None] = lambda: None,
        hurry: Callable[[], bool] = lambda: False,
    ) -> None:
        self._api = api
        self.namespace = namespace
        self._patience_s = patience_s
        self._renew = renew
        self._hurry = hurry

    def make(self, pod: object) -> Doc | None:
        """Make a pod; None where one of its name is there already."""
        try:
            return self._doc(
                self._patiently(
                    lambda: self._api().create_namespaced_pod(self.namespace, pod, _request_timeout=_TIMEOUT)
                )
            )
        except Refused as refused:
            if refused.status == 409:
                return None
            raise

    def look(self, name: str) -> Doc | None:
        """A pod as it is now; None where there is none."""
        try:
            return self._doc(
                self._patiently(
                    lambda: self._api().read_namespaced_pod(name, self.namespace, _request_timeout=_TIMEOUT)
                )
            )
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def owned(self, label: str, value: str) -> list[Doc]:
        """All pods with this label."""
        found = self._patiently(
            lambda: self._api().list_namespaced_pod(
                self.namespace, label_selector=f"{label}={value}", _request_timeout=_TIMEOUT
            )
        )
        return [self._doc(pod) for pod in found.items]

    def delete(self, name: str, uid: str, grace_s: int | None = None) -> None:
        """Delete this very pod; one that is gone, or another of its name, is none of ours."""
        body: dict[str, object] = {"preconditions": {"uid": uid}} if uid else {}
        if grace_s is not None:
            body["gracePeriodSeconds"] = grace_s
        try:
            self._patiently(
                lambda: self._api().delete_namespaced_pod(name, self.namespace, body=body, _request_timeout=_TIMEOUT)
            )
        except Refused as refused:
            if refused.status not in (404, 409):
                raise

    def mark(self, name: str, labels: Mapping[str, str]) -> None:
        """Set labels of a pod."""
        body = {"metadata": {"labels": dict(labels)}}
        self._patiently(lambda: self._api().patch_namespaced_pod(name, self.namespace, body, _request_timeout=_TIMEOUT))

    def log(self, name: str, container: str) -> Callable[[int | None, bool], Iterator[bytes]]:
        """What opens a container's log, for a Follower. Errors are the reader's to bear."""

        def open_log(since_s: int | None, follow: bool) -> Iterator[bytes]:
            from kubernetes.client.exceptions import ApiException

            asked = {} if since_s is None else {"since_seconds": since_s}
            try:
                response = self._api().read_namespaced_pod_log(
                    name,
                    self.namespace,
                    container=container,
                    follow=follow,
                    timestamps=True,
                    _preload_content=False,
                    _request_timeout=_LOG_TIMEOUT,
                    **asked,
                )
            except ApiException as error:
                raise Refused(int(error.status or 0), _said(error)) from None
            try:
                yield from response.stream(amt=None)
            finally:
                response.close()

        return open_log

    def _doc(self, found: object) -> Doc:
        doc: Doc = self._api().api_client.sanitize_for_serialization(found)
        return doc

    def _patiently(self, call: Callable[[], T]) -> T:
        """Call until it answers: errors of the way there and of a server that is not well are borne for a while."""
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        began = time.monotonic()
        pause_s, renewed = 0.5, False
        while True:
            try:
                return call()
            except ApiException as error:
                status = int(error.status or 0)
                if status == 401 and not renewed:
                    renewed = True
                    self._renew()
                    continue
                if 400 <= status < 500 and status != 429:
                    raise Refused(status, _said(error)) from None
                why = f"{status} {_said(error)}"
            except (HTTPError, OSError) as error:
                why = f"{type(error).__name__}: {error}"
            patience_s = min(_HURRIED_S, self._patience_s) if self._hurry() else self._patience_s
            if time.monotonic() + pause_s > began + patience_s:
                raise Unreachable(f"the Kubernetes API cannot be reached: {' '.join(why.split())[:300]}")
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _MAX_PAUSE_S)


def _said(error: object) -> str:
    """What the API server says, without the headers and the body around it."""
    body = getattr(error, "body", None)
    try:
        said = json.loads(body or "")["message"]
    except (ValueError, TypeError, KeyError):
        said = getattr(error, "reason", None) or "no reason is given"
    return " ".join(str(said).split())[:500]
