"""`demo`: from real football data to a release that can be read, without a network."""

import contextlib
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fieldhouse import settings
from fieldhouse.cli import answer, reading, screen
from fieldhouse.cli.call import Call, verb
from fieldhouse.cli.run import outcome_doc, say_outcome
from fieldhouse.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from fieldhouse.lake.store import Store

SOURCE = "openfootball"
TASTE = """
SELECT position, team, played, won, drawn, lost, goals_for, goals_against, points
FROM football.standing
WHERE competition = 'en.1' AND season = '2014-15' AND is_final AND position <= 6
ORDER BY position
"""
NEXT = """
What to type next{first}:

  {program} describe football.team_match
  {program} load football.match_wide --seasons 2014-15 -o matches.csv
  {program} sql "SELECT competition, avg(home_goals - away_goals) AS home_edge FROM football.match_wide GROUP BY ALL"

The same in Python ({python}):

  import fieldhouse as fh
  matches = fh.load("football.match_wide", seasons=["2013-14", "2014-15"])
  table = fh.sql("SELECT team, points FROM football.standing WHERE season = '2014-15' AND is_final ORDER BY points DESC")
  print(matches[["date", "home_team", "away_team", "home_goals", "away_goals"]].head(), table.head(), sep="\\n\\n")
  print(fh.describe("football.standing"))
"""


def register(app: typer.Typer) -> None:
    """Add the verb to the app."""
    verb(app)(demo)


def demo(call: Call) -> None:
    """See it work: real data to a release, without a network."""
    from fieldhouse import embedded
    from fieldhouse.cli.progress import progress

    began = time.monotonic()
    store = call.store(make=True)
    sample = _sample()
    refuse_other_data(store, sample)
    with _mirror(sample) as mirror, progress() as shown:
        outcome = embedded.run(store, [SOURCE], mirror=mirror, show=shown.task, log=shown.log)
    seconds = time.monotonic() - began
    if call.json:
        screen.print_json(outcome_doc(store, outcome, seconds))
    else:
        say_outcome(store, outcome, seconds)
        _show(call)
    for error in outcome.failed.values():
        raise typer.Exit(int(error.exit))


def _sample() -> Path:
    """The folder of real files that came with the package, laid out like the mirror of one source."""
    folder = settings.home() / "containers" / SOURCE / "sample"
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: the sample is missing", hint="take a whole checkout, or `fieldhouse run`")
    return folder


def refuse_other_data(store: "Store", sample: Path) -> None:
    """UsageError where the lake holds the source's real feeds: next to them, the sample looks as if most had vanished."""
    from fieldhouse.lake import landings

    last = max(landings.numbers(store, SOURCE), default=0)
    keys = {path.relative_to(sample).as_posix().partition("/")[2] for path in sample.rglob("*.json")}
    foreign = [key for _, key in landings.snapshot(store, SOURCE, last) if key not in keys]
    if foreign:
        raise UsageError(
            f"{store.url} holds {len(foreign):,} files of {SOURCE} that are not in the sample, such as {foreign[0]}",
            hint="`fieldhouse demo --lake demo-lake` shows the sample in a lake of its own",
        )


@contextlib.contextmanager
def _mirror(sample: Path) -> Iterator[Path]:
    """A folder laid out as a mirror of all sources, with the sample as the only one."""
    with tempfile.TemporaryDirectory(prefix="fieldhouse-demo-") as folder:
        (Path(folder) / SOURCE).symlink_to(sample.resolve(), target_is_directory=True)
        yield Path(folder)


def _show(call: Call) -> None:
    """What is in the release, a league table as a taste, and what to type next."""
    from fieldhouse.consume.opened import open_release
    from fieldhouse.consume.query import sql

    screen.say()
    reading.show_datasets(open_release(None, call.lake))
    screen.say("\nA taste: the top of the English Premier League, 2014-15\n")
    answer.show(sql(TASTE, engine="arrow", lake=call.lake))
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
