"""A small source, and output folders as an honest extractor leaves them, for the tests to spoil."""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fieldhouse import sources
from fieldhouse.extract.known import Known
from fieldhouse.extract.request import write_request
from fieldhouse.extract.seal import Seal, verify
from fieldhouse.kit.faults import FaultServer

DECLARATION = """
name = "leagues"
title = "Leagues"
homepage = "https://leagues.example"
licence = "CC0-1.0"
attribution = ""
owner = "data"
schedule = "0 6 * * *"
rank = 1
[extractor]
language = "python"
uses = "http"
[limits]
deadline_s = 60
silence_s = 30
max_bytes = 10_000
max_file_bytes = 5_000
max_files = 20
requests_per_second = 1000
concurrency = 4
max_vanished = 0.5
[config]
contact = "data@leagues.example"
[bases.main]
url = "https://leagues.example/data/"
mirror = "data"
[feeds.season]
format = "json"
key = "{season}/{code}.json"
optional = true
values = { season = ["2015-16", "2016-17"], code = ["en.1"] }
[feeds.season.records.match]
path = ["$.matches[*]"]
[feeds.season.records.match.fields.date]
type = "text"
[feeds.table]
format = "csv"
key = "table.csv"
"""


@pytest.fixture
def declare(tmp_path: Path) -> Callable[[str], sources.Source]:
    """Reads a declaration as the product does."""

    def declare(text: str) -> sources.Source:
        folder = tmp_path / "containers" / "leagues"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "source.toml").write_text(text)
        return sources.read(folder / "source.toml")

    return declare


@pytest.fixture
def source(declare: Callable[[str], sources.Source]) -> sources.Source:
    return declare(DECLARATION)


@dataclass
class Output:
    """An output folder under construction; `manifest` is what will be sealed, free to be spoilt."""

    out: Path
    source: sources.Source
    known: dict[tuple[str, str], Known] = field(default_factory=dict)
    manifest: dict[str, object] = field(default_factory=dict)

    @property
    def files(self) -> list[dict[str, object]]:
        files = self.manifest["files"]
        assert isinstance(files, list)
        return files

    def new(self, feed: str, key: str, body: bytes = b"[]", **fields: object) -> dict[str, object]:
        """Write a file and name it in the manifest; the entry comes back to be spoilt."""
        path = self.out / "files" / feed / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        digest = hashlib.sha256(body).hexdigest()
        return self.say(feed, key, "new", bytes=len(body), sha256=digest, **fields)

    def say(self, feed: str, key: str, status: str, **fields: object) -> dict[str, object]:
        """Name a key in the manifest without writing anything."""
        entry: dict[str, object] = {"feed": feed, "key": key, "status": status, **fields}
        self.files.append(entry)
        return entry

    def know(self, feed: str, key: str, body: bytes = b"[]") -> Known:
        """Let the lake know a key."""
        known = Known(feed, key, hashlib.sha256(body).hexdigest(), len(body), '"e1"', None)
        self.known[feed, key] = known
        return known

    def seal(self, values: Mapping[str, object] | None = None) -> Seal:
        """Write the manifest and verify the folder as the pipeline does."""
        (self.out / "manifest.json").write_text(json.dumps(self.manifest if values is None else values))
        return self.verify()

    def verify(self) -> Seal:
        return verify(self.out, source=self.source, run="day-1", attempt=1, known=self.known)


@pytest.fixture
def output(tmp_path: Path, source: sources.Source) -> Output:
    out = tmp_path / "out"
    out.mkdir()
    manifest: dict[str, object] = {
        "protocol": 1,
        "source": "leagues",
        "run": "day-1",
        "attempt": 1,
        "files": [],
        "state": None,
    }
    return Output(out, source, manifest=manifest)


@dataclass(frozen=True)
class Extraction:
    """What one run of the HTTP extractor left: exit code, verified seal (or none), log lines."""

    code: int
    seal: Seal | None
    log: list[dict[str, object]]
    out: Path

    @property
    def last(self) -> dict[str, object]:
        return self.log[-1]

    def statuses(self) -> dict[str, str]:
        """Key → status, as sealed."""
        return {file.key: file.status for file in self.seal.files} if self.seal else {}


@pytest.fixture
def extract(
    tmp_path: Path,
    declare: Callable[[str], sources.Source],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Callable[..., Extraction]:
    """Runs the HTTP extractor in this process for feeds declared as TOML; what it seals is verified."""
    monkeypatch.setenv("FIELDHOUSE_HTTP_BACKOFF_S", "0.01")
    monkeypatch.setenv("NO_PROXY", "*")
    head = DECLARATION.partition("[bases.main]")[0]

    def extract(
        url: str,
        feeds: str,
        *,
        known: Mapping[tuple[str, str], Known] | None = None,
        mirror: str | None = None,
        limits: str = "",
        config: Mapping[str, object] | None = None,
    ) -> Extraction:
        from fieldhouse.extract.http.extraction import ended
        from fieldhouse.extract.http.extraction import extract as run

        text = head.replace("[config]", f"{limits}\n[config]")
        for line in limits.splitlines():  # a limit given here replaces the one above
            name = line.partition("=")[0].strip()
            text = re.sub(rf"^{name} = .*\n", "", text, count=1, flags=re.MULTILINE)
        source = declare(f'{text}[bases.main]\nurl = "{url}"\nmirror = "data"\n{feeds}')
        known = known or {}
        request = write_request(
            tmp_path / "in", source, "day-1", 1, known=known.values(), state=None, mirror=mirror, config=config
        )
        out = Path(tempfile.mkdtemp(prefix="out-", dir=tmp_path))
        capfd.readouterr()
        try:
            code = run(request, out)
        except Exception as error:
            code = ended(error)
        log = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
        sealed = (out / "manifest.json").exists()
        seal = verify(out, source=source, run="day-1", attempt=1, known=known) if sealed else None
        return Extraction(code, seal, log, out)

    return extract


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server
