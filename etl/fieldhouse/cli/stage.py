"""The stages as verbs: one task each, as a pod runs it. Each leaves a receipt, and prints it."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import complete, screen
from fieldhouse.cli.call import Call, verb
from fieldhouse.cli.run import receipt_doc
from fieldhouse.errors import NotFound, UsageError

if TYPE_CHECKING:
    from fieldhouse.cli.progress import Progress
    from fieldhouse.interval import Interval
    from fieldhouse.lake.runs import Receipt
    from fieldhouse.lake.store import Store

SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="The source.", autocompletion=complete.sources)]
DomainName = Annotated[str, typer.Argument(metavar="DOMAIN", help="The domain.", autocompletion=complete.domains)]
Run = Annotated[
    str,
    typer.Option(
        "--run", metavar="ID", help="The run, as `extract` or `cut` printed it.", autocompletion=complete.runs
    ),
]
NewRun = Annotated[
    str | None, typer.Option("--run", metavar="ID", help="The run; a new one, whose id is printed, if it is left out.")
]
Ended = Annotated[
    int | None,
    typer.Option("--ended", metavar="CODE", help="How the extractor ended, where `extract` did not run it."),
]
Since = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="A backfill: only what changed or is dated from then on."),
]
Until = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help="… and before then. A day (2026-08-01) or a time with its zone."),
]
Bucket = Annotated[
    int | None,
    typer.Option("--bucket", metavar="N", min=1, help="Only this bucket, from 1, ahead of a call for all of them."),
]
Do = Callable[["Store", "Progress"], "Receipt"]


def register(app: typer.Typer) -> None:
    """Add the verbs to the app."""
    verb(app, "mirror")(extract)
    for function in (request, land, read, cut, normalize, conform, denormalize, audit, publish):
        verb(app)(function)


def extract(call: Call, source: SourceName, run: NewRun = None, since: Since = None, until: Until = None) -> None:
    """Fetch a source's feeds into scratch space, sealed for `land`."""
    from fieldhouse.embedded import new_run
    from fieldhouse.stages import extract as stage

    interval = _interval(since, until)
    name = run or new_run()

    def do(store: "Store", shown: "Progress") -> "Receipt":
        with _mirror(call) as url:
            return stage.run(
                store, source, name, interval=interval, mirror=url, log=lambda record: shown.log(source, record)
            )

    _do(call, "extract", source, do, f"fieldhouse land {source} --run {name}")


def _interval(since: str | None, until: str | None) -> "Interval | None":
    """The interval of a backfill; None where there is none. One end alone is an error."""
    from fieldhouse.interval import between

    if since is None and until is None:
        return None
    if since is None or until is None:
        raise UsageError("--from and --to go together", hint="a backfill has a start and an end")
    return between(since, until)


def request(  # noqa: PLR0913  (what a request is made of)
    call: Call,
    source: SourceName,
    run: Run,
    attempt: Annotated[int, typer.Option("--attempt", metavar="N", min=1, help="The attempt's number, from 1.")],
    inbox: Annotated[Path, typer.Option("--inbox", metavar="DIR", help="Where the extractor sees its request.")],
    since: Since = None,
    until: Until = None,
    secrets: Annotated[
        Path | None, typer.Option("--secrets", metavar="DIR", help="Where the extractor sees its secrets.")
    ] = None,
    reading: Annotated[
        str | None, typer.Option("--read", metavar="FEED", help="Ask its reader for the records of this feed instead.")
    ] = None,
    mirror_url: Annotated[
        str | None, typer.Option("--mirror-url", metavar="URL", help="What stands in for the source's addresses.")
    ] = None,
) -> None:
    """Write what an extractor is asked, where something else runs it."""
    from fieldhouse.stages import extract as stage
    from fieldhouse.stages import read as reader

    interval = _interval(since, until)
    store = call.store(make=True)
    if reading is not None:
        folder = reader.prepare(store, source, reading, run, attempt, inbox=inbox)
    else:
        folder = stage.prepare(
            store, source, run, attempt, inbox=inbox, interval=interval, secrets=secrets, mirror=mirror_url
        )
    if call.json:
        screen.print_json({"source": source, "run": run, "attempt": attempt, "folder": str(folder)})
        return
    screen.say(f"request {attempt} of {source} is written; the extractor reads {inbox}/request.json")


@contextlib.contextmanager
def _mirror(call: Call) -> Iterator[str | None]:
    if call.mirror is None:
        yield None
        return
    from fieldhouse.extract.mirror import Mirror

    with Mirror(call.mirror) as mirror:
        yield mirror.url


def land(call: Call, source: SourceName, run: Run, ended: Ended = None) -> None:
    """Verify what is sealed, store it, record a numbered landing."""
    from fieldhouse.stages import land as stage

    _do(call, "land", source, lambda store, _: stage.run(store, source, run, ended=ended))


def read(
    call: Call,
    source: SourceName,
    run: Run,
    feed: Annotated[str, typer.Option("--feed", metavar="FEED", help="The feed that its reader is to read.")],
) -> None:
    """Let a source's own reader make records of a feed, ahead of normalize."""
    from fieldhouse.stages import read as stage

    def do(store: "Store", shown: "Progress") -> "Receipt":
        return stage.run(store, source, feed, run, log=lambda record: shown.log(source, record))

    _do(call, "read", source, do, f"fieldhouse normalize {source} --run {run}")


def cut(call: Call, run: NewRun = None) -> None:
    """Pin what a release is made from: every newest landing."""
    from fieldhouse.embedded import new_run
    from fieldhouse.stages import cut as stage

    name = run or new_run()
    _do(call, "cut", "", lambda store, _: stage.run(store, name), f"fieldhouse normalize SOURCE --run {name}")


def normalize(call: Call, source: SourceName, run: Run, bucket: Bucket = None) -> None:
    """Turn a source's raw records into rows of datasets."""
    from fieldhouse.stages import normalize as stage

    if bucket is None:
        _do(call, "normalize", source, lambda store, _: stage.run(store, source, run))
    else:
        then = f"fieldhouse normalize {source} --run {run}"
        _do(call, "normalize", source, lambda store, _: stage.run_bucket(store, source, run, bucket), then)


def conform(call: Call, run: Run) -> None:
    """Join what all sources say: one row and one id a thing."""
    from fieldhouse.stages import conform as stage

    _do(call, "conform", "", lambda store, _: stage.run(store, run))


def denormalize(call: Call, domain: DomainName, run: Run) -> None:
    """Build the wide datasets of a domain."""
    from fieldhouse.stages import denormalize as stage

    _do(call, "denormalize", _known(domain), lambda store, _: stage.run(store, domain, run))


def audit(call: Call, domain: DomainName, run: Run) -> None:
    """Check the datasets of a domain; what fails is not published."""
    from fieldhouse.stages import audit as stage

    _do(call, "audit", _known(domain), lambda store, _: stage.run(store, domain, run))


def _known(domain: str) -> str:
    """The domain, if there is one of this name."""
    from fieldhouse import contracts, plan

    domains = plan.domains(contracts.load_all())
    if domain not in domains:
        raise NotFound(f"there is no domain {domain!r}; domains are {', '.join(domains)}")
    return domain


def publish(call: Call, run: Run) -> None:
    """Publish a run's tables as a release, all at once."""
    from fieldhouse.stages import publish as stage

    _do(call, "publish", "", lambda store, _: stage.run(store, run))


def _do(call: Call, stage: str, of: str, do: Do, then: str = "") -> None:
    """Run one task, show its progress, print its receipt and what comes `then`."""
    from fieldhouse.cli import termination
    from fieldhouse.cli.progress import line, progress
    from fieldhouse.plan import Task

    task = Task(stage, of)
    store = call.store(make=stage in ("extract", "land"))
    store.check_writable()
    with progress() as shown:
        shown.task(task, None)
        receipt = do(store, shown)
    termination.done(receipt)
    if call.json:
        screen.print_json(receipt_doc(receipt))
        return
    screen.say(line(task, receipt, receipt.seconds))
    if then:
        screen.hint(f"run {receipt.run}; next: {then}")
