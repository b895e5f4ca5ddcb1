"""`demo`: from the real data beside sources to a release that can be read, without a network."""

import contextlib
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fieldhouse import settings
from fieldhouse.cli import answer, reading, screen
from fieldhouse.cli.call import Call, verb
from fieldhouse.cli.run import Sources, outcome_doc, say_outcome
from fieldhouse.errors import ConfigurationError, UsageError
from fieldhouse.sources import find, load_all

if TYPE_CHECKING:
    from fieldhouse.lake.store import Store

#: What a demo shows of its release: a heading, and a query.
TASTES = {
    "the top of the English Premier League, 2014-15": """
        SELECT position, team, played, won, drawn, lost, goals_for, goals_against, points
        FROM football.standing
        WHERE competition = 'en.1' AND season = '2014-15' AND is_final AND position <= 6
        ORDER BY position
    """,
    "the home runs of 2001": """
        SELECT player, age, games, at_bats, hits, home_runs, round(slugging, 3) AS slugging, salary
        FROM baseball.player_season
        WHERE season = 2001 AND home_runs >= 50
        ORDER BY home_runs DESC
    """,
}
NEXT = """
What to type next{first}:

  {program} describe football.team_match
  {program} load football.match_wide --seasons 2014-15 -o matches.csv
  {program} load baseball.team_season_wide --seasons 2001 -o teams.csv
  {program} site -o catalog
  {program} sql "SELECT competition, avg(home_goals - away_goals) AS home_edge FROM football.match_wide GROUP BY ALL"

The same in Python ({python}):

  import fieldhouse as fh
  matches = fh.load("football.match_wide", seasons=["2013-14", "2014-15"])
  table = fh.sql("SELECT team, points FROM football.standing WHERE season = '2014-15' AND is_final ORDER BY points DESC")
  print(matches[["date", "home_team", "away_team", "home_goals", "away_goals"]].head(), table.head(), sep="\\n\\n")
  print(fh.load("baseball.player_season", seasons=2001).nlargest(5, "home_runs")[["player", "age", "home_runs"]])
  print(fh.describe("football.standing"))
"""


def register(app: typer.Typer) -> None:
    """Add the verb to the app."""
    verb(app)(demo)


def demo(call: Call, sources: Sources = None) -> None:
    """See it work: real data to a release, without a network.

    Without a source: all those that have a sample and need nothing but Fieldhouse to run.
    """
    from fieldhouse import embedded
    from fieldhouse.cli.progress import progress

    began = time.monotonic()
    store = call.store(make=True)
    samples = _samples(sources or ())
    refuse_other_data(store, samples)
    with _mirror(samples) as mirror, progress() as shown:
        # A sample is no release for the readers of a warehouse.
        outcome = embedded.run(store, list(samples), mirror=mirror, warehouse=False, show=shown.task, log=shown.log)
    seconds = time.monotonic() - began
    if call.json:
        screen.print_json(outcome_doc(store, outcome, seconds))
    else:
        say_outcome(store, outcome, seconds)
        if not sources:
            _show(call)
    for error in outcome.failed.values():
        raise typer.Exit(int(error.exit))


def _samples(names: Sequence[str]) -> dict[str, Path]:
    """Per source that has one the folder of real files that came with it, laid out like its mirror."""
    # A demo needs no image and no toolchain; whoever names a source has those.
    chosen = [find(name) for name in names] or [s for s in load_all().values() if s.extractor.uses]
    samples = {source.name: source.folder / "sample" for source in chosen if (source.folder / "sample").is_dir()}
    if absent := [name for name in names if name not in samples]:
        raise UsageError(f"{absent[0]} has no sample", hint=f"`fieldhouse run {absent[0]}` asks its upstream")
    if not samples:
        folder = settings.home() / "containers"
        raise ConfigurationError(f"{folder}: no source has a sample", hint="take a whole checkout, or `fieldhouse run`")
    return samples


def refuse_other_data(store: "Store", samples: Mapping[str, Path]) -> None:
    """UsageError where the lake holds a source's real feeds: next to them, a sample looks as if most had vanished."""
    from fieldhouse.lake import landings

    for source, sample in samples.items():
        paths = [path.relative_to(sample).parts for path in sample.rglob("*") if path.is_file()]
        keys = {"/".join(parts[start:]) for parts in paths for start in range(len(parts))}
        last = max(landings.numbers(store, source), default=0)
        foreign = [key for _, key in landings.snapshot(store, source, last) if key not in keys]
        if foreign:
            raise UsageError(
                f"{store.url} holds {len(foreign):,} files of {source} that are not in the sample, such as {foreign[0]}",
                hint="`fieldhouse demo --lake demo-lake` shows the samples in a lake of their own",
            )


@contextlib.contextmanager
def _mirror(samples: Mapping[str, Path]) -> Iterator[Path]:
    """A folder laid out as a mirror of all sources, with those that have a sample in it."""
    with tempfile.TemporaryDirectory(prefix="fieldhouse-demo-") as folder:
        for source, sample in samples.items():
            (Path(folder) / source).symlink_to(sample.resolve(), target_is_directory=True)
        yield Path(folder)


def _show(call: Call) -> None:
    """What is in the release, a taste of each domain, and what to type next."""
    from fieldhouse.consume.opened import open_release
    from fieldhouse.consume.query import sql

    screen.say()
    reading.show_datasets(open_release(None, call.lake))
    for heading, query in TASTES.items():
        screen.say(f"\nA taste: {heading}\n")
        answer.show(sql(query, engine="arrow", lake=call.lake))
    elsewhere = call.lake != settings.setting("FIELDHOUSE_LAKE")
    first = f" (first: export FIELDHOUSE_LAKE={shlex.quote(call.lake)})" if elsewhere else ""
    screen.say(NEXT.format(first=first, program=_typed("fieldhouse"), python=_typed("python")).rstrip())


def _typed(program: str) -> str:
    """How a program of this environment is called from here: by name where that finds it, else by its path."""
    own = Path(sys.executable).parent / program
    found = shutil.which(program)
    if not own.exists() or (found and Path(found) == own):
        return program
    return str(own.relative_to(Path.cwd())) if own.is_relative_to(Path.cwd()) else str(own)
