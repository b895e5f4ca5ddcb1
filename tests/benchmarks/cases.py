"""What is measured: whole runs, shares of stages, the same SQL bare, rivals on one feed, loading, and extractors."""

import json
import shutil
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import extracting
import measuring
import mirrors
from measuring import Measure
from report import Figure

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
FIELDHOUSE = str(Path(sys.executable).parent / "fieldhouse")
GROWN_MEMORY = "512MB"


@dataclass(frozen=True)
class Bench:
    """Where the feeds are, where to work, how often to measure, and the Python that has the rivals (empty: none)."""

    feeds: Path
    work: Path
    runs: int
    rivals: str

    def run(self, lake: Path, mirror: Path, *sources: str, declarations: Path | None = None) -> tuple[Measure, dict]:
        """One `fieldhouse run`, and what it said."""
        said = self.work / "said.json"
        words = [FIELDHOUSE, "run", *sources, "--mirror", str(mirror), "--lake", str(lake), "--json"]
        scratch = {"FIELDHOUSE_SCRATCH": str(self.work / "scratch")}
        home = {"FIELDHOUSE_HOME": str(declarations)} if declarations else {}
        measure = measuring.command(words, {**scratch, **home}, said)
        return measure, json.loads(said.read_text(encoding="utf-8"))

    def first(self) -> Path:
        """A lake with one release of all sources, made once."""
        lake = self.work / "first"
        if not lake.exists():
            self.run(lake, self.feeds)
        return lake

    def fresh(self, name: str) -> Path:
        """An empty place of that name."""
        path = self.work / name
        shutil.rmtree(path, ignore_errors=True)
        return path


def whole(bench: Bench) -> Iterator[Figure]:
    """From mirror to release, again with nothing new, and where the time goes."""
    measures, docs = [], []
    for _ in range(bench.runs):
        measure, doc = bench.run(bench.fresh("lake"), bench.feeds)
        measures.append(measure)
        docs.append(doc)
    full = measuring.median(measures)
    yield Figure("run", "all sources, from mirror to release", full.wall_s, "s", bench.runs, at_most=40)
    yield Figure("run", "CPU", full.cpu_s, "CPU s", bench.runs)
    yield Figure("run", "memory of all processes", full.peak_mib, "MiB", bench.runs, at_most=1.2 * 1024)
    yield Figure("run", "raw records a second", _records(docs[0]) / full.wall_s, "1/s", bench.runs)
    again = measuring.repeat(bench.runs, lambda: bench.run(bench.work / "lake", bench.feeds)[0])
    yield Figure("run", "again, nothing new", again.wall_s, "s", bench.runs, at_most=3)
    shares = [_shares(doc) for doc in docs]
    for stage in shares[0]:
        percent = 100 * statistics.median(share[stage] for share in shares)
        yield Figure(
            "share of the tasks' time", stage, percent, "%", bench.runs, at_most=25 if stage == "audit" else None
        )


def _records(doc: dict) -> int:
    counts = [task["counts"] for task in doc["tasks"] if task["task"].startswith("normalize.")]
    return sum(c.get(outcome, 0) for c in counts for outcome in ("used", "passed over", "set aside"))


def _shares(doc: dict) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for task in doc["tasks"]:
        stage = task["task"].partition(".")[0]
        seconds[stage] = seconds.get(stage, 0) + task["seconds"]
    return {stage: s / sum(seconds.values()) for stage, s in seconds.items()}


def increment(bench: Bench) -> Iterator[Figure]:
    """A day on which one in a hundred files changed, against the whole."""
    mirror = bench.fresh("day")
    names = mirrors.changed(bench.feeds, mirror, 0.01)
    ratios = []
    for _ in range(bench.runs):
        lake = bench.fresh("lake")
        full, _ = bench.run(lake, bench.feeds)
        day, _ = bench.run(lake, mirror)
        ratios.append(100 * day.wall_s / full.wall_s)
    yield Figure(
        "run", f"1 % of the files changed ({len(names)})", statistics.median(ratios), "%", bench.runs, at_most=35
    )


def growth(bench: Bench) -> Iterator[Figure]:
    """Ten times the matches, football alone."""
    sources = ("openfootball", "international_results")
    mirror, declarations = bench.fresh("tenfold"), bench.fresh("declarations")
    for folder in ("containers", "datasets", "quality"):
        shutil.copytree(CHECKOUT / folder, declarations / folder)
    mirrors.tenfold(bench.feeds, mirror, declarations)
    once = measuring.repeat(bench.runs, lambda: bench.run(bench.fresh("lake"), bench.feeds, *sources)[0])
    ten, _ = bench.run(bench.fresh("lake"), mirror, *sources, declarations=declarations)
    yield Figure("growth", "ten times the matches", ten.wall_s / once.wall_s, "times the time", 1, at_most=11)
    yield Figure("growth", f"memory, SQL limited to {GROWN_MEMORY}", ten.peak_mib, "MiB", 1)


def bare(bench: Bench) -> Iterator[Figure]:
    """normalize and denormalize against their own SQL in one session."""
    ratios = []
    for _ in range(bench.runs):
        _, doc = bench.run(bench.fresh("lake"), bench.feeds)
        ours = sum(t["cpu_seconds"] for t in doc["tasks"] if t["task"].startswith(("normalize.", "denormalize.")))
        said = bench.work / "bare.json"
        words = [sys.executable, str(HERE / "bare.py"), str(bench.work / "lake"), str(bench.fresh("bare"))]
        measuring.command(words, {"FIELDHOUSE_MEMORY": "6GB"}, said)
        ratios.append(ours / sum(json.loads(said.read_text(encoding="utf-8")).values()))
    ratio = statistics.median(ratios)
    yield Figure("against", "its own SQL in one DuckDB session (CPU)", ratio, "times", bench.runs, at_most=2)


def rivals(bench: Bench) -> Iterator[Figure]:
    """One nested feed, openfootball, to tables: ours with checks, accounts and provenance, the rivals without."""
    lake, feed = bench.first(), bench.feeds / "openfootball"
    work = bench.fresh("feed")
    for folder in ("football.json", "worldcup.json"):
        shutil.copytree(feed / folder, work / folder)

    def ours() -> Measure:
        shutil.rmtree(lake / "memo", ignore_errors=True)
        words = [FIELDHOUSE, "normalize", "openfootball", "--lake", str(lake), "--run", "bench"]
        return measuring.command(words, {"FIELDHOUSE_SCRATCH": str(bench.work / "scratch")})

    own = measuring.repeat(bench.runs, ours)
    yield Figure("one nested feed", "fieldhouse normalize", own.cpu_s, "CPU s", bench.runs)
    for name, python, target in (("pandas", sys.executable, 5), ("dlt", bench.rivals, 10)):
        if python:
            words = [python, str(HERE / f"rival_{name}.py"), str(work), str(bench.work / name)]
            other = measuring.repeat(bench.runs, lambda words=words: measuring.command(words))
            yield Figure("one nested feed", name, other.cpu_s, "CPU s", bench.runs)
            yield Figure(
                "one nested feed", f"{name} against ours", other.cpu_s / own.cpu_s, "times", 1, at_least=target
            )


def loading(bench: Bench) -> Iterator[Figure]:
    """`fh.load` against `pandas.read_parquet` of the same columns of the same parts."""
    said = bench.work / "loading.json"
    measuring.command([sys.executable, str(HERE / "loading.py"), str(bench.first())], None, said)
    for row in json.loads(said.read_text(encoding="utf-8")):
        allowed = 1.1 * row["pandas_ms"] + 20
        yield Figure("load", f"{row['what']}: pandas.read_parquet", row["pandas_ms"], "ms", row["runs"])
        yield Figure("load", f"{row['what']}: fh.load", row["ours_ms"], "ms", row["runs"], at_most=round(allowed, 1))


def extractors(bench: Bench) -> Iterator[Figure]:
    """Extractors in Rust and Elixir against curl, from a server on this machine."""
    yield from extracting.extractors(bench.feeds, bench.fresh("extractors"), bench.runs)


def warehouse(bench: Bench) -> Iterator[Figure]:
    """A release into PostgreSQL against COPY by hand of the same rows, in the same run."""
    said = bench.work / "warehouse.json"
    measuring.command([sys.executable, str(HERE / "warehousing.py"), str(bench.first()), str(bench.runs)], None, said)
    found = json.loads(said.read_text(encoding="utf-8"))
    if found is None:
        return
    ours, by_hand = statistics.median(found["ours"]), statistics.median(found["by_hand"])
    yield Figure("warehouse", f"COPY by hand of {found['rows']:,} rows", by_hand, "s", bench.runs)
    with_keys = statistics.median(found["with_keys"])
    yield Figure("warehouse", "the same, and the primary keys", with_keys, "s", bench.runs)
    yield Figure("warehouse", "fieldhouse warehouse", ours, "s", bench.runs)
    ratio = statistics.median(a / b for a, b in zip(found["ours"], found["by_hand"], strict=True))
    yield Figure("warehouse", "ours against COPY by hand", ratio, "times", bench.runs, at_most=1.3)


CASES = {case.__name__: case for case in (whole, increment, growth, bare, rivals, loading, extractors, warehouse)}
