"""Headless Chromium through a pipe, by the standard library alone: open a page, type, wait for words, take a picture."""

import base64
import json
import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
)


def found() -> str | None:
    """The browser's program, if this machine has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One page of a browser of its own. `with Chromium(folder) as page: page.open(url)`."""

    def __init__(self, profile: Path, width: int = 1400, height: int = 1000) -> None:
        program = found()
        assert program, "no Chromium"
        ask, self._ask = os.pipe()
        self._answers, answer = os.pipe()
        flags = [*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", "--remote-debugging-pipe"]
        # The browser reads its orders from descriptor 3 and answers on 4.
        script = f'exec 3<&{ask} 4>&{answer}; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "chromium", program, *flags, "about:blank"],
            pass_fds=(ask, answer),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(ask)
        os.close(answer)
        self._rest, self._id = b"", 0
        target = next(t for t in self._call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]

    _session = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError, AssertionError):
            self._session = ""
            self._call("Browser.close")
        self._process.kill()
        self._process.wait()
        os.close(self._ask)
        os.close(self._answers)

    def open(self, url: str) -> None:
        """Go to a page."""
        self._call("Page.navigate", url=url)

    def run(self, script: str) -> object:
        """The value of a JavaScript expression in the page."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return answer.get("result", {}).get("value")

    def until(self, script: str, seconds: float = 60) -> object:
        """Wait until an expression is true; its value."""
        end = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"not within {seconds:.0f} s: {script}; the page says {self.text()[:2000]}"
            time.sleep(0.25)
        return value

    def text(self) -> str:
        """All words of the page that can be seen."""
        return str(self.run("document.body ? document.body.innerText : ''"))

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.until(f"document.querySelector({json.dumps(selector)}) !== null")
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self._call("Input.insertText", text=text)

    def enter(self) -> None:
        """Press Enter."""
        for kind in ("keyDown", "keyUp"):
            key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
            self._call("Input.dispatchKeyEvent", type=kind, **key)

    def picture(self, file: Path) -> None:
        """Keep what is seen, as PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def _call(self, method: str, **params: object) -> dict:
        self._id += 1
        order = {"id": self._id, "method": method, "params": params}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._ask, json.dumps(order).encode() + b"\0")
        while (answer := self._next()).get("id") != self._id:
            pass
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def _next(self) -> dict:
        while b"\0" not in self._rest:
            chunk = os.read(self._answers, 1 << 20)
            assert chunk, "Chromium has ended"
            self._rest += chunk
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)
