"""A way to the API server that can be disturbed: refusals, silence, and logs whose connection breaks; for one task only."""

import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

_HANGS_S = 25.0


class Proxy:
    """Passes requests on, unless `mode` is a status to answer with, or `hangs`.

    `break_logs_s`: a log that is followed is cut off after so many seconds, without its last chunk.
    """

    def __init__(self, kubeconfig: str, folder: Path) -> None:
        from kubernetes import client, config

        found = client.Configuration()
        config.load_kube_config(kubeconfig, client_configuration=found)
        self.mode: int | str = "passes"
        self.break_logs_s = 0.0
        self._tls = ssl.create_default_context(cafile=found.ssl_ca_cert)
        self._tls.load_cert_chain(found.cert_file, found.key_file)
        self._server = urlsplit(found.host)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        self.kubeconfig = folder / "kubeconfig.json"
        self.kubeconfig.write_text(json.dumps(_kubeconfig(f"http://127.0.0.1:{self.server.server_port}")))

    def connect(self) -> http.client.HTTPSConnection:
        """A connection to the API server."""
        port = self._server.port or 443
        return http.client.HTTPSConnection(self._server.hostname or "", port, context=self._tls, timeout=300)


@contextmanager
def disturbable(kubeconfig: str, folder: Path) -> Iterator[Proxy]:
    """A proxy before the cluster of this kubeconfig."""
    folder.mkdir(parents=True, exist_ok=True)
    proxy = Proxy(kubeconfig, folder)
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()


def _kubeconfig(server: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {}}],
    }


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def _do(self) -> None:
            self.close_connection = True
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if isinstance(proxy.mode, int):
                return self._refuse(proxy.mode)
            until = time.monotonic() + _HANGS_S
            while proxy.mode == "hangs":
                if time.monotonic() > until:
                    return None
                time.sleep(0.1)
            try:
                return self._pass_on(body)
            except OSError:
                return None

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do

        def _refuse(self, status: int) -> None:
            data = json.dumps({"kind": "Status", "code": status, "message": "the server is busy"}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _pass_on(self, body: bytes) -> None:
            connection = proxy.connect()
            drop = {"host", "connection", "content-length", "accept-encoding"}
            headers = {name: value for name, value in self.headers.items() if name.lower() not in drop}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if self._copy(answer):
                self.wfile.write(b"0\r\n\r\n")
            connection.close()

        def _copy(self, answer: http.client.HTTPResponse) -> bool:
            """Copy the body; False where it is cut off."""
            followed = "/log?" in self.path and "follow=True" in self.path
            until = time.monotonic() + proxy.break_logs_s
            while data := answer.read1(65536):
                if proxy.mode != "passes" or (followed and proxy.break_logs_s and time.monotonic() > until):
                    return False
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()
            return True

    return Handler
