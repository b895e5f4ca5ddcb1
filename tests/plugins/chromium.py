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

#: Keys by name: their number, and the text that they type.
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, ""), "ArrowDown": (40, "")}
#: What a browser tells unasked about pages: what it blocked or could not load, and scripts that failed.
COMPLAINTS = ("Log.entryAdded", "Runtime.exceptionThrown")


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
        self.complaints: list[str] = []
        target = next(t for t in self._call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Log", "Runtime"):  # where the browser tells what it blocked, and what broke
            self._call(f"{domain}.enable")

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

    def show(self, url: str) -> None:
        """Go to a page, and wait until all of it is there."""
        self.open(url)
        self.until(f"document.readyState === 'complete' && location.href === {json.dumps(url)}")

    def look(self, width: int, height: int, *, dark: bool = False, printed: bool = False) -> None:
        """See pages as on a screen of this size, by day or in the dark, or as they are printed."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", media="print" if printed else "", features=[scheme])

    def run(self, script: str) -> object:
        """The value of a JavaScript expression in the page."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return answer.get("result", {}).get("value")

    def until(self, script: str, seconds: float = 60) -> object:
        """Wait until an expression is true; its value."""
        end = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"not within {seconds:.0f} s: {script}; the page says {self.text()[:2000]}"
            time.sleep(0.05)
        return value

    def text(self) -> str:
        """All words of the page that can be seen."""
        return str(self.run("document.body ? document.body.innerText : ''"))

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.until(f"document.querySelector({json.dumps(selector)}) !== null")
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self._call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click with the mouse in the middle of an element."""
        found = f"document.querySelector({json.dumps(selector)})"
        where = self.run(
            f"(e => {{ e.scrollIntoView({{block: 'center', inline: 'center'}}); const r = e.getBoundingClientRect();"
            f" return [r.x + r.width / 2, r.y + r.height / 2] }})({found})"
        )
        assert isinstance(where, list), f"there is no {selector}"
        for kind in ("mousePressed", "mouseReleased"):
            at = {"x": where[0], "y": where[1], "button": "left", "clickCount": 1}
            self._call("Input.dispatchMouseEvent", type=kind, **at)

    def enter(self) -> None:
        """Press Enter."""
        self.press("Enter")

    def press(self, name: str) -> None:
        """Press a key, one of KEYS."""
        code, text = KEYS[name]
        for kind in ("keyDown", "keyUp"):
            key = {"key": name, "code": name, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
            self._call("Input.dispatchKeyEvent", type=kind, **key)

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """Keep what is seen, or the whole page, as PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        taken = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(taken["data"]))

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
        told = json.loads(message)
        if told.get("method") in COMPLAINTS:
            self.complaints.append(json.dumps(told["params"])[:1000])
        return told
