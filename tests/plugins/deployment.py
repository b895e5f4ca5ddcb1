"""A deployment of Airflow on the cluster of KUBECONFIG: kubectl, and Airflow's REST API."""

import base64
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = "fieldhouse"
OURS = "app.kubernetes.io/managed-by=airflow"
T = TypeVar("T")
_COUNT = re.compile(r"end of log: ([\d,]+) lines?$")
# Before any test changes it.
ENVIRONMENT = dict(os.environ)


def until(found: Callable[[], T | None], seconds: float, what: str, every: float = 0.5) -> T:
    """What `found` gives as soon as that is anything; fails after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(every)


def command(*args: object, stdin: str | None = None, check: bool = True) -> str:
    """What a program prints; where it fails, what it says is in the error."""
    ended = subprocess.run(
        [str(arg) for arg in args], input=stdin, capture_output=True, text=True, check=False, env=ENVIRONMENT
    )
    assert ended.returncode == 0 or not check, f"{args}: {ended.stdout[-3000:]}{ended.stderr[-3000:]}"
    return ended.stdout


@dataclass(frozen=True)
class Kube:
    """kubectl in one namespace."""

    namespace: str = NAMESPACE

    def __call__(self, *args: object, stdin: str | None = None, check: bool = True) -> str:
        return command("kubectl", "--namespace", self.namespace, *args, stdin=stdin, check=check)

    def get(self, *args: object) -> dict:
        """Objects as JSON."""
        return json.loads(self("get", *args, "-o", "json"))

    def pods(self, selector: str = OURS) -> list[dict]:
        """The pods with these labels; by default, those of tasks."""
        return self.get("pods", "--selector", selector)["items"]

    def secret(self, name: str, key: str) -> str:
        """One value of a Secret."""
        return base64.b64decode(self.get("secret", name)["data"][key]).decode()

    def settings(self, given: Mapping[str, str | None]) -> None:
        """Change settings of pods (None: take away): workers that start from now on have them."""
        self("patch", "configmap", "fieldhouse-settings", "--type=merge", "-p", json.dumps({"data": given}))


@dataclass
class Airflow:
    """Airflow's REST API, with the password that the deployment has: at its Service's address, where this machine reaches
    that, else through a forwarded port, which is forwarded anew where it was lost.
    """

    kube: Kube
    _forward: "subprocess.Popen[str] | None" = None
    _token: str = ""
    url: str = ""
    runs: "dict[str, Run]" = field(default_factory=dict)

    def __call__(self, method: str, path: str, body: object = None) -> dict:
        """Call the API; errors of the way are tried again for minutes, HTTP's are raised (404: LookupError)."""
        return until(lambda: self._try(method, f"/api/v2{path}", body), 300, f"{method} {path}")

    def status(self, path: str, body: object = None) -> int:
        """With which status a request without a token is answered; errors of the way are tried again for minutes."""

        def asked() -> int | None:
            self.forward()
            data = json.dumps(body).encode() if body is not None else None
            request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                self.close()
                return None

        return until(asked, 300, path)

    def password(self) -> str:
        """The password of `admin`."""
        return json.loads(self.kube.secret("airflow-login", "passwords.json"))["admin"]

    def close(self) -> None:
        """Forward no longer."""
        if self._forward is not None:
            self._forward.terminate()
            self._forward.wait()
            assert self._forward.stdout
            self._forward.stdout.close()
            self._forward = None

    def _try(self, method: str, path: str, body: object) -> dict | None:
        try:
            if not self._token:
                login = {"username": "admin", "password": self.password()}
                self._token = self._send("POST", "/auth/token", login)["access_token"]
            return self._send(method, path, body)
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            if error.code == 404:
                raise LookupError(f"{method} {path}: {said[:500]}") from None
            if error.code < 500:
                raise AssertionError(f"{method} {path}: {error.code} {said[:500]}") from None
        except OSError:
            self.close()
        return None

    def _send(self, method: str, path: str, body: object) -> dict:
        self.forward()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"{}") or {"": None}

    def forward(self) -> None:
        """Make `url` lead to the API server: directly, or through a port of this machine."""
        if self._forward is not None and self._forward.poll() is None:
            return
        self.close()
        service = self.kube.get("service", "airflow-api-server")["spec"]
        address = (service["clusterIP"], service["ports"][0]["port"])
        with suppress(OSError), socket.create_connection(address, timeout=5):
            self.url = f"http://{address[0]}:{address[1]}"
            return
        arguments = ["--namespace", self.kube.namespace, "port-forward", "service/airflow-api-server", ":8080"]
        self._forward = subprocess.Popen(
            ["kubectl", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=ENVIRONMENT,
        )
        assert self._forward.stdout
        port = re.search(r":(\d+) ->", self._forward.stdout.readline())
        if not port:
            raise OSError("kubectl port-forward has ended")
        self.url = f"http://127.0.0.1:{port[1]}"


@dataclass
class Run:
    """One run of a DAG, seen through the API."""

    airflow: Airflow
    dag: str
    id: str
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = f"/dags/{self.dag}/dagRuns/{quote(self.id)}"

    @property
    def state(self) -> str:
        """The run's state."""
        return self.airflow("GET", self.path)["state"]

    def task(self, task: str) -> dict:
        """A task instance as it is now."""
        return self.airflow("GET", f"{self.path}/taskInstances/{task}")

    def tasks(self) -> dict[str, dict]:
        """All task instances by their ids."""
        found = self.airflow("GET", f"{self.path}/taskInstances?limit=100")["task_instances"]
        return {task["task_id"]: task for task in found}

    def tries(self, task: str) -> list[str]:
        """The states that all tries of a task ended in."""
        found = self.airflow("GET", f"{self.path}/taskInstances/{task}/tries")["task_instances"]
        return [one["state"] for one in sorted(found, key=lambda one: one["try_number"])]

    def log(self, task: str, attempt: int = 1) -> list[dict]:
        """The lines of a try's log, as the UI gets them."""
        answer = self.airflow("GET", f"{self.path}/taskInstances/{task}/logs/{attempt}?full_content=true")
        return answer["content"]

    def says(self, task: str, attempt: int = 1) -> list[str]:
        """The text of a try's log, line by line; nothing before the try has begun."""
        try:
            return [str(line["event"]) for line in self.log(task, attempt)]
        except LookupError:
            return []

    def pod_said(self, task: str) -> list[str]:
        """What a task's pod said, by Airflow's log of the first try: complete, as the count at its end says."""
        lines = [line for line in self.log(task) if "fieldhouse" in str(line.get("logger"))]
        counts = [found for line in lines if (found := _COUNT.fullmatch(str(line["event"])))]
        assert counts, lines
        own = [str(line["event"]) for line in lines if line["filename"] == "operators.py"]
        pods = [text for text in own if not re.match(r"made the pod |end of log: |\[request\]", text)]
        assert len(pods) == int(counts[-1][1].replace(",", "")), pods
        return pods

    def ended(self, seconds: float = 900) -> str:
        """Wait for the run's end; its state."""
        return until(
            lambda: state if (state := self.state) in ("success", "failed") else None,
            seconds,
            f"the end of {self.dag} {self.id}: { {name: task['state'] for name, task in self.tasks().items()} }",
            every=2,
        )


def first(airflow: Airflow, dag: str) -> Run:
    """The oldest run of a DAG that is no longer to be paused: one begins by itself, if it is overdue; else it is started."""
    airflow("PATCH", f"/dags/{dag}", {"is_paused": False})
    time.sleep(10)
    found = airflow("GET", f"/dags/{dag}/dagRuns?order_by=id&limit=1")["dag_runs"]
    return Run(airflow, dag, found[0]["dag_run_id"]) if found else start(airflow, dag)


def start(airflow: Airflow, dag: str, **params: str) -> Run:
    """Start a run of a DAG by hand."""
    answer = airflow("POST", f"/dags/{dag}/dagRuns", {"logical_date": None, "conf": params})
    return Run(airflow, dag, answer["dag_run_id"])
