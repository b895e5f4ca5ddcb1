"""Images, built once and run as a restricted pod would run them. FIELDHOUSE_TEST_IMAGES names the folder of `build` and
`run-image`, which do it without a docker engine; without it these tests are skipped, each by name."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from fieldhouse import sources
from fieldhouse.extract.known import Known
from fieldhouse.extract.request import write_request
from fieldhouse.extract.seal import Seal, verify
from fieldhouse.sources import Source

KIT = "FIELDHOUSE_TEST_IMAGES"
ROOT = Path(__file__).resolve().parents[2]
SOURCE = "international_results"
USER = 54321  # nobody that an image knows
# Before any test changes it: the scripts have settings of their own.
ENVIRONMENT = dict(os.environ)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"images: builds and runs container images ({KIT})")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked `images` where nothing can build them, each test by name and with the reason."""
    if os.environ.get(KIT):
        return
    for item in items:
        if item.get_closest_marker("images"):
            item.add_marker(pytest.mark.skip(reason=f"needs the image scripts: {KIT} is not set"))


@dataclass(frozen=True)
class Image:
    """A built image, and its size in bytes."""

    tag: str
    size: int


@dataclass(frozen=True)
class Images:
    """The scripts that build and run images."""

    kit: Path

    def build(self, tag: str, context: Path, *options: str) -> Image:
        """Build as `docker build -t TAG … CONTEXT` would."""
        command = [str(self.kit / "build"), tag, str(context), *options]
        found = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
        assert found.returncode == 0, found.stderr[-5000:]
        size = re.search(r" (\d+) bytes", found.stdout)
        assert size, found.stdout
        return Image(tag, int(size[1]))

    def command(
        self,
        image: Image,
        *args: object,
        entrypoint: str = "",
        mounts: Iterable[Path] = (),
        read_only: Iterable[Path] = (),
        env: Mapping[str, str] | None = None,
        network: str = "none",
    ) -> list[str]:
        """The command that runs an image as user 54321; folders are mounted where they are on this machine."""
        options = ["--user", f"{USER}:{USER}", "--network", network, "--tmp-size", "512m"]
        for folder in mounts:
            options += ["--mount", f"{folder}:{folder}"]
        for folder in read_only:
            options += ["--mount", f"{folder}:{folder}:ro"]
        for name, value in (env or {}).items():
            options += ["--env", f"{name}={value}"]
        if entrypoint:
            options += ["--entrypoint", entrypoint]
        return [str(self.kit / "run-image"), image.tag, *options, "--", *map(str, args)]

    def run(self, image: Image, *args: object, **how: object) -> "subprocess.CompletedProcess[str]":
        """Run an image to its end."""
        command = self.command(image, *args, **how)  # type: ignore[arg-type]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)


@pytest.fixture(scope="session")
def images() -> Images:
    given = ENVIRONMENT.get(KIT)
    if not given:
        pytest.skip(f"needs the image scripts: {KIT} is not set")
    assert (Path(given) / "build").is_file(), f"{KIT} is {given!r}, which has no script `build`"
    return Images(Path(given).resolve())


@pytest.fixture
def engine(images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the product's own runner use the engine that the scripts have set up, and the images that they built."""
    library = images.kit / "lib.sh"
    if library.is_file():
        script = '. "$0" && fh_setup && printf "%s\\n%s\\n" "$CONTAINERS_CONF" "$CONTAINERS_REGISTRIES_CONF"'
        ended = subprocess.run(
            ["bash", "-c", script, library], capture_output=True, text=True, check=True, env=ENVIRONMENT
        )
        for name, value in zip(("CONTAINERS_CONF", "CONTAINERS_REGISTRIES_CONF"), ended.stdout.split(), strict=True):
            monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def pipeline_image(images: Images) -> Image:
    return images.build("fieldhouse/pipeline:test", ROOT, "-f", str(ROOT / "containers/pipeline/Dockerfile"))


@pytest.fixture(scope="session")
def elixir_image(images: Images) -> Image:
    return images.build("fieldhouse/extract-elixir:test", ROOT / "containers/sdk/elixir")


@pytest.fixture(scope="session")
def rust_image(images: Images) -> Image:
    return images.build("fieldhouse/extract-rust:test", ROOT / "containers/sdk/rust")


@pytest.fixture(scope="session")
def python_image(images: Images) -> Image:
    return images.build("fieldhouse/extract-python:test", ROOT / "containers/sdk/python")


@pytest.fixture(scope="session")
def shell_image(images: Images) -> Image:
    return images.build("fieldhouse/extract-shell:test", ROOT / "containers/sdk/shell")


@dataclass(frozen=True)
class Extracted:
    """What one extraction in a container left: exit code, verified seal (or none), log lines, output folder."""

    code: int
    seal: Seal | None
    log: list[dict[str, object]]
    out: Path


@dataclass(frozen=True)
class Extractor:
    """An extractor in an image, for requests of one source."""

    images: Images
    image: Image
    entrypoint: tuple[str, ...]
    source: Source
    folder: Path

    def request(
        self, name: str, mirror: str, known: Iterable[Known] = (), feeds: list[str] | None = None, state: object = None
    ) -> tuple[Path, Path]:
        """A request for run `name`, and an empty output folder that belongs to the container's user."""
        folder = self.folder / f"{name}-in"
        request = write_request(folder, self.source, name, 1, known=known, state=state, mirror=mirror, feeds=feeds)
        out = self.folder / f"{name}-out"
        out.mkdir()
        os.chown(out, USER, USER)
        return request, out

    def command(
        self, request: Path, out: Path, env: Mapping[str, str] | None = None, ca: Path | None = None
    ) -> list[str]:
        """The command that serves a request; `ca` is a file of certificates to trust."""
        first, rest = (self.entrypoint[0], self.entrypoint[1:]) if self.entrypoint else ("", ())
        return self.images.command(
            self.image,
            *rest,
            request,
            out,
            entrypoint=first,
            mounts=[out],
            read_only=[request.parent, *([ca] if ca else [])],
            env={"FIELDHOUSE_HTTP_BACKOFF_S": "0.01", **(env or {})},
            network="host",
        )

    def __call__(
        self,
        name: str,
        mirror: str,
        known: Mapping[tuple[str, str], Known] | None = None,
        *,
        ca: Path | None = None,
        env: Mapping[str, str] | None = None,
        feeds: list[str] | None = None,
        state: object = None,
        memory: str = "",
    ) -> Extracted:
        """Serve one request; what is sealed is verified as the pipeline does. `memory`: at most so much, such as `256m`."""
        known = known or {}
        request, out = self.request(name, mirror, known.values(), feeds=feeds, state=state)
        command = self.command(request, out, env, ca)
        if memory:
            at = command.index("--")
            command = [*command[:at], "--memory", memory, *command[at:]]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
        sealed = (out / "manifest.json").exists()
        seal = verify(out, source=self.source, run=name, attempt=1, known=known) if sealed else None
        return Extracted(ended.returncode, seal, [json.loads(line) for line in ended.stderr.splitlines()], out)

    def terminate(self, name: str, mirror: str, feeds: list[str]) -> Extracted:
        """Send SIGTERM after the first line of the log."""
        request, out = self.request(name, mirror, feeds=feeds)
        command = self.command(request, out)
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
            assert process.stderr
            first = process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            lines = [first, *process.stderr.read().splitlines()]
        return Extracted(process.returncode, None, [json.loads(line) for line in lines], out)


@pytest.fixture
def source() -> Source:
    return sources.read(ROOT / "containers" / SOURCE / "source.toml")


@pytest.fixture
def elixir(images: Images, elixir_image: Image, source: Source, tmp_path: Path) -> Extractor:
    return Extractor(images, elixir_image, (), source, tmp_path)


@pytest.fixture
def rust(images: Images, rust_image: Image, source: Source, tmp_path: Path) -> Extractor:
    return Extractor(images, rust_image, (), source, tmp_path)


@pytest.fixture
def python(images: Images, python_image: Image, source: Source, tmp_path: Path) -> Extractor:
    return Extractor(images, python_image, (), source, tmp_path)


@pytest.fixture
def shell(images: Images, shell_image: Image, source: Source, tmp_path: Path) -> Extractor:
    return Extractor(images, shell_image, (), source, tmp_path)


@pytest.fixture(params=["elixir", "rust", "python", "shell"])
def sdk(request: pytest.FixtureRequest) -> Extractor:
    """Each language's extractor in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Extractor)
    return found


@pytest.fixture
def generic(images: Images, pipeline_image: Image, source: Source, tmp_path: Path) -> Extractor:
    return Extractor(images, pipeline_image, ("python", "-m", "fieldhouse.extract.http"), source, tmp_path)


@pytest.fixture(params=["generic", "elixir", "rust", "python", "shell"])
def extractor(request: pytest.FixtureRequest) -> Extractor:
    """Each extractor in turn: what holds for one holds for all."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Extractor)
    return found


FILES = {
    "results.csv": "date,home_team,away_team,home_score,away_score,tournament,city,country,neutral\n"
    "2018-06-14,Russia,Saudi Arabia,5,0,FIFA World Cup,Moscow,Russia,FALSE\n"
    "2018-06-15,Egypt,Uruguay,0,1,FIFA World Cup,Ekaterinburg,Russia,TRUE\n"
    "2018-06-17,Curaçao,Côte d'Ivoire,2,2,Friendly,Willemstad,Curaçao,FALSE\n",
    "goalscorers.csv": "date,home_team,away_team,team,scorer,minute,own_goal,penalty\n"
    "2018-06-15,Egypt,Uruguay,Uruguay,José Giménez,89,FALSE,FALSE\n",
    "shootouts.csv": "date,home_team,away_team,winner,first_shooter\n",
    "former_names.csv": "current,former,start_date,end_date\nRussia,Soviet Union,1924-11-16,1991-11-13\n",
}


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A mirror's folder that holds the source's four files."""
    folder = tmp_path / "mirror" / SOURCE / SOURCE
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tmp_path / "mirror"


@pytest.fixture
def owned() -> Callable[[Path], Path]:
    """Gives a folder with all that is in it to the containers' user, as `fsGroup` does for a pod."""

    def owned(folder: Path) -> Path:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, USER, USER)
        return folder

    return owned
