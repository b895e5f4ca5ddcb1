"""How fast extractors in Rust and Elixir fetch from a server on this machine, beside curl fetching the same files."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from report import Figure

from fieldhouse import sources
from fieldhouse.errors import FieldhouseError
from fieldhouse.extract import program
from fieldhouse.extract.program import Program
from fieldhouse.extract.request import write_request

sys.path.append(str(Path(__file__).parents[1] / "plugins"))
from packing import PackingMirror

#: Per source, in which language it is extracted, and how many files curl fetches at once: as many as upstream lets us.
SUBJECTS = (("cricsheet", "Rust", 1), ("wyscout", "Elixir", 8))


@dataclass(frozen=True)
class Extraction:
    """A source's extractor, and a server that has its feed."""

    source: sources.Source
    found: Program
    mirror: PackingMirror
    feeds: Path
    work: Path

    def once(self) -> tuple[float, int]:
        """Seconds and bytes of one extraction of everything; RuntimeError where it fails."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        out = folder / "out"
        out.mkdir()
        request = write_request(
            folder / "in",
            self.source,
            "bench",
            1,
            known=(),
            state=None,
            mirror=self.mirror.url,
            config=_archives(self.source, self.feeds),
            seen_as=self.found.inbox,
        )
        start = perf_counter()
        ended = self.found.run(request, out, limits=self.source.limits, log=lambda _: None)
        seconds = perf_counter() - start
        if ended.exit_code or not (out / "manifest.json").is_file():
            raise RuntimeError(f"{self.source.name} ended with {ended.exit_code}: {ended.last_error}")
        landed = sum(path.stat().st_size for path in (out / "files").rglob("*") if path.is_file())
        shutil.rmtree(folder)
        return seconds, landed

    def curl(self, paths: Sequence[str], at_once: int) -> float:
        """Seconds that curl takes for the same files."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        lines = [f'url = "{self.mirror.url}{path}"\noutput = "{folder / str(n)}"' for n, path in enumerate(paths)]
        (folder / "curl.txt").write_text("\n".join(lines), encoding="utf-8")
        words = [
            "curl",
            "--silent",
            "--no-progress-meter",
            "--show-error",
            "--fail",
            "--config",
            str(folder / "curl.txt"),
        ]
        words += ["--parallel", "--parallel-max", str(at_once)] if at_once > 1 else []
        start = perf_counter()
        subprocess.run(words, check=True)
        seconds = perf_counter() - start
        shutil.rmtree(folder)
        return seconds


def _archives(source: sources.Source, feeds: Path) -> dict[str, object]:
    """Of feeds that name archives those that the mirror can pack; nothing else of the source's config changes."""
    kept = {
        name: [
            {**row, "archive": [a for a in row["archive"] if (feeds / source.name / a).is_dir()]}
            for row in feed.raw["values"]
        ]
        for name, feed in source.feeds.items()
        if all("archive" in row for row in feed.raw.get("values", [{}]))
    }
    return {"values": kept} if kept else {}


def _there(url: str) -> bool:
    """Whether the server has it."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD")):
            return True
    except urllib.error.HTTPError:
        return False


def extractors(feeds: Path, work: Path, runs: int) -> Iterator[Figure]:
    """MB a second of each extractor and of curl, and the one as a share of the other."""
    for name, language, at_once in SUBJECTS:
        declared = sources.find(name)
        # Upstream's patience is no part of what is measured.
        source = replace(declared, limits=replace(declared.limits, requests_per_second=10_000, concurrency=at_once))
        with PackingMirror(feeds) as mirror:
            try:
                found = program.find(source, mirror=mirror.url)
            except FieldhouseError as error:
                print(f"  left out: {error}", file=sys.stderr)
                continue
            extraction = Extraction(source, found, mirror, feeds, work)
            _, landed = extraction.once()  # packs the archives, and says which files there are
            paths = sorted({urlsplit(asked.target).path for asked in mirror.asked if asked.method == "GET"})
            paths = [path for path in paths if _there(mirror.url + path)]
            ours, curls = [], []
            for _ in range(runs):
                ours.append(extraction.once()[0])
                curls.append(extraction.curl(paths, at_once))
        own, other = statistics.median(ours), statistics.median(curls)
        what = f"{name}, {language}"
        yield Figure("extractors", f"{what}: landed", landed / own / 1e6, "MB/s", runs)
        yield Figure("extractors", f"{what}: the extractor", own, "s", runs)
        yield Figure("extractors", f"{what}: curl, {at_once} at once", other, "s", runs)
        yield Figure("extractors", f"{what}: share of curl's speed", 100 * other / own, "%", runs, at_least=50)
