"""What tests of pods share: the work of every task, and an API server that plays what happens to pods, over HTTP."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from fieldhouse import contracts, interval, plan, sources
from fieldhouse.lake import open_store, runs
from fieldhouse.lake.runs import Receipt
from fieldhouse.pods import session, watching
from fieldhouse.pods.identity import Identity
from fieldhouse.pods.work import OWN, Work

RUN = "scheduled__2026-08-01T05:00:00+00:00"
JULY = interval.between("2026-07-01", "2026-08-01")


def works() -> list[Work]:
    """The work of every task of the plan, for one run; an interval of a backfill for each source before all others."""
    declared = sources.load_all()
    backfills = [task for source in declared.values() for task in plan.source_tasks(source, JULY)]
    tasks = plan.graph(list(declared.values()), contracts.load_all(), warehouse=True).tasks
    return [
        Work(task, identity, declared.get(task.of) if task.stage in OWN else None)
        for task, identity in (
            *((task, Identity("fieldhouse", RUN, f"backfill.{task.stage}", 3, 2, part="3")) for task in backfills),
            *((task, Identity("fieldhouse", RUN, task.id, attempt=2)) for task in tasks),
        )
    ]


@pytest.fixture(scope="session")
def every_work() -> list[Work]:
    """The work of every task of the plan, for one run."""
    return works()


@pytest.fixture(scope="session")
def work() -> Callable[[str], Work]:
    """The work of the task with this id."""
    known = {work.task.id: work for work in works()}
    return known.__getitem__


def stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class FakePod:
    """A pod as its kubelet sees it. A play calls these methods; the API server answers with what they made of it."""

    def __init__(self, doc: dict, kube: "FakeKube") -> None:
        self.doc = doc
        self.kube = kube
        self.lines: list[tuple[int, bytes]] = []
        self.log_open = True
        self.rotated = 0
        self.gone = False
        self.deletion = threading.Event()
        self.refuse_logs, self.refusal = 0, 500
        names = [c["name"] for kind in ("initContainers", "containers") for c in doc["spec"].get(kind, [])]
        self.states: dict[str, dict] = {name: {"waiting": {"reason": "PodInitializing"}} for name in names}
        doc["status"] = {"phase": "Pending"}

    def view(self) -> dict:
        """The pod's document now."""
        statuses = {n: {"name": n, "state": s, "image": "", "imageID": "", "ready": False, "restartCount": 0}
                    for n, s in self.states.items()}  # fmt: skip
        status = {
            **self.doc["status"],
            "initContainerStatuses": [s for n, s in statuses.items() if n != "main"],
            "containerStatuses": [statuses["main"]],
        }
        return {**self.doc, "status": status}

    def scheduled(self) -> "FakePod":
        """A node takes the pod."""
        self.doc["spec"]["nodeName"] = "node-1"
        return self

    def start(self, container: str = "main") -> "FakePod":
        """A container begins; those before it have ended with 0."""
        self.scheduled()
        for name in self.states:
            if name == container:
                break
            self.states[name] = {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": stamp()}}
        self.states[container] = {"running": {"startedAt": stamp()}}
        self.doc["status"]["phase"] = "Running"
        return self

    def say(self, *texts: str) -> "FakePod":
        """The main container writes lines."""
        for text in texts:
            self.lines.append((time.time_ns(), text.encode()))
        return self

    def end(self, code: int, container: str = "main", phase: str = "", **state: object) -> "FakePod":
        """A container ends."""
        reason = "Completed" if code == 0 else "Error"
        found = {"exitCode": code, "reason": reason, "finishedAt": stamp(), **state}
        self.states[container] = {"terminated": found}
        self.log_open = False
        if container == "main" or code:
            self.doc["status"]["phase"] = phase or ("Succeeded" if code == 0 else "Failed")
        return self

    def seal(self) -> "FakePod":
        """The extractor writes its seal where its pod may write."""
        [out] = [m for m in self.doc["spec"]["containers"][0]["volumeMounts"] if m["mountPath"] == "/out"]
        folder = self.kube.scratch / out["subPath"]
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
        return self

    def receipt(self, **counts: int) -> str:
        """The stage leaves a receipt; the termination message that says so."""
        args = self.doc["spec"]["containers"][0]["args"]
        run = args[args.index("--run") + 1]
        stage = self.doc["metadata"]["annotations"]["fieldhouse/task"]
        left = runs.leave(open_store(str(self.kube.lake)), Receipt(run, stage, 1, counts=counts, peak_mib=77))
        return json.dumps({"receipt": left.digest, "peak_mib": 77})

    def delete(self, grace_s: int = 30) -> "FakePod":
        """Somebody asks for the pod's deletion."""
        asked = datetime.now(UTC).timestamp() + grace_s
        due = datetime.fromtimestamp(asked, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.doc["metadata"] |= {"deletionTimestamp": due, "deletionGracePeriodSeconds": grace_s}
        self.deletion.set()
        return self

    def leave(self) -> None:
        """The pod is no more."""
        self.log_open = False
        self.gone = True


Play = Callable[[FakePod], object]


class FakeKube:
    """Pods of one namespace over HTTP. `plays`: what happens to the pods that are made, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.scratch, self.lake = folder / "scratch", folder / "lake"
        (self.scratch / "runs").mkdir(parents=True)
        open_store(str(self.lake))
        (self.lake / "landings").mkdir()
        self.pods: list[FakePod] = []
        self.plays: list[Play] = []
        self.fail: list[int] = []  # statuses of the next answers; 0 drops the connection
        self.refuse = 0  # the status in answer to every new pod
        self.drop_logs: list[int] = []  # after how many lines the next connections to a log break
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.config = folder / "kubeconfig"
        self.config.write_text(json.dumps(self._kubeconfig()))

    def _kubeconfig(self) -> dict:
        server = f"http://127.0.0.1:{self.server.server_port}"
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
            "clusters": [{"name": "k", "cluster": {"server": server}}],
            "users": [{"name": "u", "user": {}}],
        }

    @property
    def there(self) -> list[FakePod]:
        """Pods that are there."""
        return [pod for pod in self.pods if not pod.gone]

    def make(self, doc: dict) -> FakePod:
        """Make a pod, and let its play begin."""
        uid = f"uid-{len(self.pods)}"
        doc["metadata"] |= {"uid": uid, "creationTimestamp": f"2026-08-01T05:00:{len(self.pods):02}Z"}
        pod = FakePod(doc, self)
        self.pods.append(pod)
        if self.plays:
            threading.Thread(target=self.plays.pop(0), args=(pod,), daemon=True).start()
        return pod

    def find(self, name: str) -> FakePod | None:
        return next((pod for pod in self.there if pod.doc["metadata"]["name"] == name), None)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        kube = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None: ...

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def _do(self) -> None:
                url = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else {}
                if kube.fail and not url.path.endswith("/log"):
                    status = kube.fail.pop(0)
                    if status:
                        return self._answer(status, {"message": f"status {status}"})
                    self.close_connection = True
                    return self.connection.close()
                parts = url.path.strip("/").split("/")[4:]  # api v1 namespaces NS
                query = {key: values[0] for key, values in parse_qs(url.query).items()}
                return getattr(self, f"_{self.command.lower()}_{'log' if parts[-1] == 'log' else 'pods'}")(
                    parts, body, query
                )

            do_GET = do_POST = do_DELETE = do_PATCH = _do

            def _answer(self, status: int, doc: dict) -> None:
                data = json.dumps(doc).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def _missing(self, name: str) -> None:
                self._answer(404, {"kind": "Status", "message": f'pods "{name}" not found', "code": 404})

            def _post_pods(self, _parts: list, body: dict, _query: dict) -> None:
                if kube.refuse:
                    return self._answer(kube.refuse, {"message": "no", "code": kube.refuse})
                if kube.find(body["metadata"]["name"]):
                    return self._answer(409, {"message": "already exists", "code": 409})
                return self._answer(201, kube.make(body).view())

            def _get_pods(self, parts: list, _body: dict, query: dict) -> None:
                if len(parts) == 1:
                    key, _, value = query["labelSelector"].partition("=")
                    found = [p.view() for p in kube.there if p.doc["metadata"]["labels"].get(key) == value]
                    return self._answer(200, {"kind": "PodList", "apiVersion": "v1", "items": found})
                pod = kube.find(parts[1])
                return self._answer(200, pod.view()) if pod else self._missing(parts[1])

            def _patch_pods(self, parts: list, body: dict, _query: dict) -> None:
                pod = kube.find(parts[1])
                if pod is None:
                    return self._missing(parts[1])
                pod.doc["metadata"]["labels"] |= body["metadata"]["labels"]
                return self._answer(200, pod.view())

            def _delete_pods(self, parts: list, body: dict, _query: dict) -> None:
                pod = kube.find(parts[1])
                if pod is None:
                    return self._missing(parts[1])
                wanted = (body.get("preconditions") or {}).get("uid")
                if wanted and wanted != pod.doc["metadata"]["uid"]:
                    return self._answer(409, {"message": "the UID in the precondition does not match", "code": 409})
                final = pod.doc["status"]["phase"] in ("Succeeded", "Failed")
                ended = final or not any("running" in state for state in pod.states.values())
                pod.delete(body.get("gracePeriodSeconds") or 30)
                if ended:
                    pod.leave()
                return self._answer(200, pod.view())

            def _get_log(self, parts: list, _body: dict, query: dict) -> None:
                pod = kube.find(parts[1])
                if pod is None:
                    return self._missing(parts[1])
                if pod.refuse_logs:
                    pod.refuse_logs -= 1
                    return self._answer(pod.refusal, {"message": "no log to be had"})
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.close_connection = True
                if query.get("container") == "main" and not self._stream(pod, query):
                    return self.connection.close()  # without the last chunk: the connection broke
                return self._chunk(b"")

            def _chunk(self, data: bytes) -> None:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()

            def _stream(self, pod: FakePod, query: dict) -> bool:
                since = time.time_ns() - int(query["sinceSeconds"]) * 10**9 if "sinceSeconds" in query else 0
                follow = query.get("follow", "").lower() == "true"
                after = kube.drop_logs.pop(0) if follow and kube.drop_logs else None
                sent = pod.rotated
                while True:
                    still = pod.log_open
                    for ns, text in pod.lines[sent:]:
                        if after == 0:
                            return False
                        after = None if after is None else after - 1
                        sent += 1
                        if ns >= since:
                            when = datetime.fromtimestamp(ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
                            self._chunk(f"{when}.{ns % 10**9:09}Z ".encode() + text + b"\n")
                    if not follow or not still:
                        return True
                    time.sleep(0.005)

        return Handler


@pytest.fixture
def kube(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKube]:
    """An API server that plays; lake and scratch are where a worker would mount them."""
    found = FakeKube(tmp_path)
    monkeypatch.setenv("FIELDHOUSE_LAKE", str(found.lake))
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(found.scratch))
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a kubelet needs time for, the played one does at once: pauses are short."""
    monkeypatch.setattr(session, "_LOOK_PAUSE_S", 0.01)
    monkeypatch.setattr(watching, "_SETTLE_S", 0.1)
