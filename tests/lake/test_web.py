"""A lake behind a web server: read by probing, written by nobody, and every wrong answer is called by its name."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from object_stores import Asked, Handler, Serve

from fieldhouse.errors import (
    Exit,
    FieldhouseError,
    NotFound,
    RefusedError,
    StorageError,
    TemporaryError,
    UnavailableError,
    UsageError,
)
from fieldhouse.lake import Store, landings, memo, objects, open_store, releases, runs
from fieldhouse.lake.landings import Landing
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release
from fieldhouse.lake.runs import Receipt

PAGE = b"<!DOCTYPE html><title>Please log in</title>"


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDHOUSE_PATIENCE", "1")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The folder behind the server, empty."""
    return open_store(str(tmp_path / "lake"))


@pytest.fixture
def url(store: Store, part: Callable[..., Part], publish: Callable[..., Release], serve: Serve) -> str:
    """The address of a lake with two releases of a part each."""
    publish(part(1))
    publish(part(1, 2))
    return serve(Path(store.url)).url


def answering(answer: Callable[[Handler], None], *, on: str = "") -> type[Handler]:
    """A handler that answers so, to requests for paths that hold `on`; to others as usual."""

    class Wrong(Handler):
        def do_GET(self) -> None:
            answer(self) if on in self.path else super().do_GET()

        do_HEAD = do_GET

    return Wrong


def reply(status: int, data: bytes = b"", *, length: int | None = None, **headers: str) -> Callable[[Handler], None]:
    """An answer of this status and content; `length`: what it says its length is."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data) if length is None else length))
        for header, value in headers.items():
            handler.send_header(header, value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(data)
        handler.close_connection = True

    return answer


def test_what_is_in_the_folder_is_read_over_the_web(
    store: Store, part: Callable[..., Part], land: Callable[..., Landing], publish: Callable[..., Release], serve: Serve
) -> None:
    landed = land(a="one")
    remembered = memo.Result((part(1), part(2)))
    memo.remember(store, "ab" * 32, remembered)
    left = runs.leave(store, Receipt("run", "conform", 1, outputs=(part(1),)))
    made = publish(part(1))
    web = open_store(serve(Path(store.url)).url + "/")
    assert releases.read(web) == made
    assert landings.read(web, "toy", 1) == landed
    assert memo.find(web, "ab" * 32) == remembered
    assert web.find(f"runs/run/conform/{left.attempt:04d}.json") is not None
    assert objects.local(web, landed.changed[0].sha256).read_bytes() == b"one"
    assert web.local(part(1).path).read_bytes() == store.get(part(1).path)
    assert web.size("raw/none") is web.find("raw/none") is None


def test_all_releases_are_found_by_walking_back(url: str) -> None:
    assert [release.number for release in releases.every(open_store(url))] == [1, 2]


def test_content_is_fetched_once_and_only_what_is_asked_for(
    store: Store, part: Callable[..., Part], serve: Serve
) -> None:
    wanted, other = part(1), part(2)
    served = serve(Path(store.url))
    for _ in range(2):
        open_store(served.url).local_paths([wanted.path, wanted.path])
    assert served.asked == [Asked("GET", f"/{wanted.path}")]
    assert not any(other.path in asked.path for asked in served.asked)


def writes() -> dict[str, Callable[[Store], object]]:
    """Every way to write."""
    return {
        "put": lambda store: store.put("raw/ab/abc", b""),
        "create": lambda store: store.create("releases/00000003.json", b""),
        "hint": lambda store: store.hint("releases/latest", b""),
        "delete": lambda store: store.delete(["releases/latest"]),
        "check_writable": lambda store: store.check_writable(),
    }


@pytest.mark.parametrize("verb", writes())
def test_nothing_is_written(url: str, verb: str) -> None:
    with pytest.raises(UsageError, match=f"{url} can only be read: it is a web server's"):
        writes()[verb](open_store(url))


@pytest.mark.parametrize("verb", ["names", "entries", "times"])
def test_nothing_is_listed(url: str, verb: str) -> None:
    with pytest.raises(UsageError, match="a web server does not"):
        getattr(open_store(url), verb)("parts")


def test_a_server_that_answers_everything_with_a_page_is_no_lake(store: Store, serve: Serve) -> None:
    served = serve(Path(store.url), answering(reply(200, PAGE)))
    with pytest.raises(UnavailableError, match="what it gives as releases/latest is no number"):
        releases.newest(open_store(served.url))
    with pytest.raises(StorageError, match=r"releases/00000001.json is a web page"):
        releases.read(open_store(served.url), 1)


def test_a_server_that_has_a_page_for_whatever_it_lacks_is_a_lake(url: str, store: Store, serve: Serve) -> None:
    class Pages(Handler):
        def send_error(self, *_: object) -> None:
            reply(200, PAGE)(self)

    served = serve(Path(store.url), Pages)
    assert releases.newest(open_store(served.url)) == 2
    with pytest.raises(StorageError, match="is a web page"):
        releases.read(open_store(served.url), 7)


@dataclasses.dataclass(frozen=True)
class Wrong:
    """An answer, the error that it is, its exit code, and what it says."""

    answer: Callable[[Handler], None]
    kind: type[FieldhouseError]
    exit: Exit
    says: str


def _drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(50):
        handler.wfile.write(b"{")
        time.sleep(0.1)


def _break_off(handler: Handler) -> None:
    handler.close_connection = True


WRONG = {
    "500": Wrong(reply(500), TemporaryError, Exit.TEMPORARY, "not to be had now: HTTP 500"),
    "503": Wrong(reply(503), TemporaryError, Exit.TEMPORARY, "not to be had now: HTTP 503"),
    "401": Wrong(reply(401), RefusedError, Exit.PERMISSION, "access is refused: HTTP 401"),
    "403": Wrong(reply(403), RefusedError, Exit.PERMISSION, "access is refused: HTTP 403"),
    "410": Wrong(reply(410), UnavailableError, Exit.UNAVAILABLE, "not to be had: HTTP 410"),
    "redirects for ever": Wrong(reply(302, Location="/again"), UnavailableError, Exit.UNAVAILABLE, "redirect"),
    "truncated": Wrong(reply(200, b"{", length=50), TemporaryError, Exit.TEMPORARY, "the connection broke off"),
    "no answer": Wrong(_break_off, TemporaryError, Exit.TEMPORARY, "the connection broke off"),
    "slow": Wrong(_drip, TemporaryError, Exit.TEMPORARY, "no whole answer within 1 s"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_an_error_of_its_class(store: Store, serve: Serve, wrong: Wrong) -> None:
    url = serve(Path(store.url), answering(wrong.answer)).url
    with pytest.raises(wrong.kind, match=f"^{url}: releases/latest: .*{wrong.says}") as caught:
        releases.read(open_store(url))
    assert caught.value.exit == wrong.exit
    assert caught.value.hint


@pytest.mark.parametrize("data", [PAGE, b"", b"PAR1 half of a part"])
def test_content_that_is_not_what_its_name_says_is_refused_and_not_kept(
    url: str, store: Store, part: Callable[..., Part], serve: Serve, data: bytes
) -> None:
    broken = open_store(serve(Path(store.url), answering(reply(200, data), on="/parts/")).url)
    with pytest.raises(StorageError, match=f"{part(1).path} came with other content: its SHA-256 is "):
        broken.local(part(1).path)
    assert open_store(url).local(part(1).path).read_bytes() == store.get(part(1).path)


def test_a_redirect_is_followed(url: str, store: Store, serve: Serve) -> None:
    def elsewhere(handler: Handler) -> None:
        reply(302, Location=url + handler.path)(handler)

    assert releases.read(open_store(serve(Path(store.url), answering(elsewhere)).url)).number == 2


def test_an_answer_without_a_length_is_told(store: Store, serve: Serve) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True

    with pytest.raises(UnavailableError, match="Content-Length Header missing"):
        releases.newest(open_store(serve(Path(store.url), answering(endless)).url))


def test_an_unknown_server_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match=r"^http://no.such.host.invalid/lake: .*: nobody knows a server"):
        releases.newest(open_store("http://no.such.host.invalid/lake"))


def test_a_server_that_is_down_may_come_back(url: str) -> None:
    with pytest.raises(TemporaryError, match="nothing answers there"):
        releases.newest(open_store("http://127.0.0.1:9/lake"))
    with pytest.raises(UnavailableError, match="no identity that is trusted"):
        releases.newest(open_store(url.replace("http:", "https:")))


def test_a_user_and_password_are_sent_and_never_shown(
    store: Store, publish: Callable[..., Release], serve: Serve
) -> None:
    publish()
    seen = []

    class Guarded(Handler):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            super().do_GET() if self.path == "/releases/latest" else reply(403)(self)

        do_HEAD = do_GET

    url = serve(Path(store.url), Guarded).url
    web = open_store(url.replace("//", "//me:p%40ss@"))
    assert web.url == url
    with pytest.raises(RefusedError) as caught:
        releases.newest(web)
    assert seen[0] == "Basic bWU6cEBzcw=="
    cause = caught.value.__cause__
    assert not any(secret in f"{caught.value} {cause}" for secret in ("p@ss", "p%40ss", "bWU6"))


@pytest.mark.parametrize(
    "url", ["https://", "https:///lake", "https://host/lake?token=secret", "https://me:secret@h/#x"]
)
def test_what_is_no_address_is_refused_without_showing_secrets(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(url)
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"


def test_a_release_that_is_not_there_names_the_newest(url: str) -> None:
    with pytest.raises(NotFound, match="has no release 7") as caught:
        releases.read(open_store(url), 7)
    assert caught.value.hint == "the newest is 2"
