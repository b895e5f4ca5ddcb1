"""`doctor`, `run` and readers on lakes that are no folder: what each says, and the code with which it ends."""

from pathlib import Path

import pytest
from object_stores import S3, Serve

from fieldhouse.lake import open_store, releases


def lake_check(found: dict) -> tuple[str, str]:
    """What `doctor --json` says of the lake: state and finding."""
    (check,) = [check for check in found["checks"] if check["name"] == "lake"]
    return check["state"], check["found"]


def test_a_bucket_that_can_be_written(bucket: str, fieldhouse) -> None:
    done = fieldhouse("doctor", "--lake", bucket, "--json")
    assert (done.code, lake_check(done.json)) == (0, ("ok", f"{bucket}, no release yet"))


def test_a_bucket_that_can_only_be_read(bucket: str, s3: S3, fieldhouse) -> None:
    s3.play({"method": "PUT", "status": "403 Forbidden"})
    done = fieldhouse("doctor", "--lake", bucket, "--json")
    state, found = lake_check(done.json)
    assert (done.code, state) == (0, "warn")
    assert "access is refused" in found


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"method": "PUT", "ignore": "HTTP_IF_NONE_MATCH"}, "ignores `If-None-Match: *`"),
        ({"status": "403 Forbidden"}, "access is refused: HTTP 403"),
        ({"status": "404 Not Found", "body": "<Error><Code>NoSuchBucket</Code></Error>"}, "there is no such bucket"),
        ({"status": "503 Slow Down"}, "not to be had now: HTTP 503"),
    ],
)
def test_a_bucket_that_is_not_fit(bucket: str, s3: S3, fieldhouse, monkeypatch, rule: dict, says: str) -> None:
    monkeypatch.setenv("FIELDHOUSE_PATIENCE", "1")
    s3.play(rule)
    done = fieldhouse("doctor", "--lake", bucket, "--json")
    state, found = lake_check(done.json)
    assert (done.code, state) == (78, "fail")
    assert says in found
    assert bucket in found


def test_a_web_server_is_only_read(own_lake: Path, serve: Serve, fieldhouse) -> None:
    url = serve(own_lake).url
    state, found = lake_check(fieldhouse("doctor", "--lake", url, "--json").json)
    assert state == "warn"
    assert f"{url}, newest release 1; {url} can only be read" in found


@pytest.mark.parametrize("verb", [["run"], ["demo"], ["cut", "--run", "r"], ["extract", "openfootball"]])
def test_what_writes_refuses_a_web_server_before_it_begins(own_lake: Path, serve: Serve, fieldhouse, verb) -> None:
    served = serve(own_lake)
    done = fieldhouse(*verb, "--lake", served.url)
    assert (done.code, done.out) == (64, "")
    assert f"{served.url} can only be read: it is a web server's" in done.err
    assert served.asked == []


def test_what_writes_refuses_a_bucket_that_may_not_be_written(bucket: str, s3: S3, fieldhouse) -> None:
    s3.play({"method": "PUT", "status": "403 Forbidden"})
    done = fieldhouse("run", "openfootball", "--lake", bucket)
    assert (done.code, done.out) == (77, "")
    assert f"{bucket}: only-once: access is refused" in done.err


@pytest.mark.parametrize(("status", "code"), [("403 Forbidden", 77), ("503 Slow Down", 75), ("410 Gone", 69)])
def test_readers_end_with_the_code_of_what_went_wrong(
    bucket: str, s3: S3, fieldhouse, monkeypatch, status: str, code: int
) -> None:
    monkeypatch.setenv("FIELDHOUSE_PATIENCE", "1")
    s3.play({"status": status})
    for verb in (["describe", "core.team"], ["sql", "SELECT 1"], ["release", "ls"], ["lake", "verify"]):
        assert fieldhouse(*verb, "--lake", bucket).code == code


def test_the_verbs_of_a_reader_work_on_a_bucket_and_over_the_web(
    own_lake: Path, bucket: str, serve: Serve, fieldhouse
) -> None:
    store, here = open_store(bucket), open_store(str(own_lake))
    for name in here.names(""):
        store.hint(name, here.get(name))
    content = releases.read(here).content
    counted = fieldhouse("sql", "SELECT count(*) AS n FROM core.match", "--lake", own_lake, "--json").json["rows"]
    for lake in (bucket, serve(own_lake).url):
        assert fieldhouse("release", "ls", "--lake", lake, "--json").json["releases"][0]["content"] == content
        rows = fieldhouse("sql", "SELECT count(*) AS n FROM core.match", "--lake", lake, "--json").json["rows"]
        assert rows == counted
    assert fieldhouse("lake", "verify", "--lake", bucket).code == 0
    assert fieldhouse("lake", "gc", "--lake", bucket).code == 0


def test_no_password_is_shown(own_lake: Path, serve: Serve, fieldhouse, monkeypatch) -> None:
    url = serve(own_lake).url.replace("//", "//me:geheim@")
    monkeypatch.setenv("FIELDHOUSE_LAKE", url)
    done = [fieldhouse(*verb) for verb in (["doctor"], ["doctor", "--lake", url], ["run"], ["ls"], ["release", "show"])]
    assert not any("geheim" in found.out + found.err for found in done)
