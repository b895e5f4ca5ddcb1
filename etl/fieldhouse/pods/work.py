"""What one pod is to do: a task of the plan, for one run and try; which image does it, and how it is called."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from fieldhouse.errors import ConfigurationError
from fieldhouse.plan import Task
from fieldhouse.pods.identity import Identity
from fieldhouse.pods.languages import RUNTIMES, Runtime
from fieldhouse.pods.settings import LANGUAGES, Language, PodSettings
from fieldhouse.sources import Source

LAKE = "/lake"
SCRATCH = "/scratch"
INBOX = "/in"
OUT = "/out"
SECRETS = "/secrets"
#: Stages that a source's own program does.
OWN = ("extract", "read")
#: The container that does the task, and the one that writes its request beforehand.
MAIN = "main"
REQUEST = "request"


@dataclass(frozen=True)
class Program:
    """An image, what is called in it (nothing: its entrypoint), and the language whose habits it has."""

    image: str
    language: Language
    command: tuple[str, ...] = ()

    @property
    def runtime(self) -> Runtime:
        """How programs of the language are run."""
        return RUNTIMES[self.language]


@dataclass(frozen=True)
class Work:
    """One task for one run and try. `source` is the declaration behind an extract task."""

    task: Task
    identity: Identity
    source: Source | None = None

    @property
    def extracts(self) -> bool:
        """Whether the pod runs a source's own program, an extractor or a reader, which has no access to the lake."""
        return self.task.stage in OWN

    def attempt_folder(self, settings: PodSettings) -> str:
        """The folder of this attempt below scratch, as the stages name it, too."""
        named = ".".join(part for part in (self.task.of, self.task.feed) if part)
        return attempt_folder(settings, self.identity.run, named, self.identity.attempt)


def attempt_folder(settings: PodSettings, run: str, source: str, attempt: int) -> str:
    """The folder of one attempt below scratch."""
    return f"{run_folder(settings, run)}/{source}/{attempt:04d}"


def run_folder(settings: PodSettings, run: str) -> str:
    """The folder of all attempts of a run below scratch."""
    lake = hashlib.sha256((settings.lake or LAKE).encode()).hexdigest()[:12]
    return f"runs/{lake}/{run}"


def program(work: Work, settings: PodSettings) -> Program:
    """What the pod's main container runs; ConfigurationError where nothing is known that could."""
    if not work.extracts:
        return Program(settings.image_of("pipeline"), "python", ("fieldhouse",))
    if work.source is None:
        raise ConfigurationError(f"{work.task.id}: a task of a source's program needs the declaration of its source")
    if work.task.stage == "read":
        reader = work.source.reader
        image = reader.image or settings.image_of(f"{work.source.name}-reader")
        return Program(image, _known(reader.language, work.source))
    if work.source.name in settings.extractors:
        language, image = settings.extractors[work.source.name]
        return Program(image, language)
    extractor = work.source.extractor
    if extractor.uses:
        generic = ("python", "-m", f"fieldhouse.extract.{extractor.uses}")
        return Program(settings.image_of("pipeline"), "python", generic)
    return Program(extractor.image or settings.image_of(work.source.name), language_of(work.source))


def language_of(source: Source) -> Language:
    """The language that a source's extractor is declared to be written in."""
    return _known(source.extractor.language, source)


def _known(said: str, source: Source) -> Language:
    for language in LANGUAGES:
        if said == language:
            return language
    raise ConfigurationError(f"{source.name}: no operator for the language {said!r}")


def arguments(work: Work) -> tuple[str, ...]:
    """What the main container is called with."""
    if work.extracts:
        return (f"{INBOX}/request.json", OUT)
    # A pod of `land` is started only after its extractor ended with 0, which nobody else can tell it.
    ended = ("--ended", "0") if work.task.stage == "land" else ()
    return (*work.task.arguments, "--run", work.identity.run, *ended)


def request_arguments(work: Work, settings: PodSettings) -> tuple[str, ...]:
    """What `fieldhouse` is called with to write the request of an extract pod.

    `--inbox`: where the extractor will see the folder of its request.
    """
    given = ["request", work.task.of, "--run", work.identity.run, "--attempt", str(work.identity.attempt)]
    given += ["--inbox", INBOX]
    if work.task.feed:
        return (*given, "--read", work.task.feed)
    given += work.task.options
    if work.source is not None and work.source.secrets:
        given += ["--secrets", SECRETS]
    if settings.mirror:
        given += ["--mirror-url", settings.mirror]
    return tuple(given)


def environment(settings: PodSettings) -> Mapping[str, str]:
    """What every container is told: where it may write, and how it reaches the world."""
    found = {"HOME": "/tmp", "TMPDIR": "/tmp", "TZ": "UTC"}  # noqa: S108  (an emptyDir of the pod's own)
    if settings.proxy:
        found |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), settings.proxy)
    if settings.no_proxy:
        found |= dict.fromkeys(("NO_PROXY", "no_proxy"), settings.no_proxy)
    if settings.ca:
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "HEX_CACERTS_PATH")
        found |= dict.fromkeys(names, CA_FILE)
    return found


#: Where a pod of the stage `warehouse` finds its URL.
WAREHOUSE = "/warehouse"
CA_FOLDER = "/etc/fieldhouse/ca"
CA_FILE = f"{CA_FOLDER}/ca.crt"
TERMINATION_LOG = "/dev/termination-log"


def pipeline_environment(settings: PodSettings, memory: str, cores: int) -> Mapping[str, str]:
    """What the pipeline's own containers are told besides."""
    return {
        "FIELDHOUSE_LAKE": settings.lake or LAKE,
        "FIELDHOUSE_SCRATCH": SCRATCH,
        "FIELDHOUSE_MEMORY": memory,
        "FIELDHOUSE_THREADS": str(cores),
        "FIELDHOUSE_TERMINATION_LOG": TERMINATION_LOG,
        "GX_ANALYTICS_ENABLED": "false",
    }
