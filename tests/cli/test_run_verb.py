"""`run`, `plan` and the stage verbs: from a mirror to a release, and what a source that fails does to it."""

import json
import re
from pathlib import Path

from fieldhouse import contracts, settings
from fieldhouse.plan import release_tasks, source_tasks
from fieldhouse.sources import find

BROKEN = """
name = "broken"
title = "A source whose extractor says no"
homepage = "https://example.org"
licence = "CC0-1.0"
attribution = "nobody"
owner = "nobody"
schedule = "0 5 * * *"
rank = 9

[extractor]
language = "shell"
command = ["sh", "-c", 'echo "{{\\"level\\": \\"error\\", \\"msg\\": \\"the secret is wrong\\"}}"; exit {code}', "sh"]

[feeds.feed]
format = "text"
"""


def declare_broken(home: Path, code: int) -> None:
    folder = home / "containers" / "broken"
    folder.mkdir()
    (folder / "source.toml").write_text(BROKEN.format(code=code), encoding="utf-8")


def test_run_publishes_what_a_mirror_has(mirror: Path, tmp_path: Path, fieldhouse) -> None:
    done = fieldhouse("run", "openfootball", "--mirror", mirror, "--lake", tmp_path / "lake")
    assert done.code == 0
    assert re.search(r"Release 1 is published: [\d,]+ rows in \d+ datasets", done.out)
    found = fieldhouse("sql", "SELECT count(*) AS n FROM core.match", "--lake", tmp_path / "lake", "--json").json
    assert found["rows"] == [{"n": 3}]


def test_the_mirror_may_come_from_the_environment(mirror: Path, tmp_path: Path, fieldhouse, monkeypatch) -> None:
    monkeypatch.setenv("FIELDHOUSE_MIRROR", str(mirror))
    monkeypatch.setenv("FIELDHOUSE_LAKE", str(tmp_path / "lake"))
    done = fieldhouse("--json", "run", "openfootball", "--run", "mine")
    assert (done.code, done.json["run"], done.json["lake"]) == (0, "mine", str(tmp_path / "lake"))


def test_a_source_that_fails_is_told_and_its_exit_code_kept_after_the_others_are_published(
    home: Path, mirror: Path, tmp_path: Path, apart
) -> None:
    real = settings.home() / "containers" / "openfootball"
    (home / "containers" / "openfootball").symlink_to(real, target_is_directory=True)
    declare_broken(home, 77)
    done = apart("run", "--mirror", mirror, "--lake", tmp_path / "lake", "--json", env={"FIELDHOUSE_HOME": str(home)})
    assert done.code == 77
    assert (done.json["release"], done.json["published"]) == (1, True)
    failed = done.json["failed"]["broken"]
    assert (failed["error"], failed["exit"]) == ("RefusedError", 77)
    assert "the secret is wrong" in failed["message"]
    assert re.search(r"^extract +broken .* failed: broken: ", done.err, re.MULTILINE)


def test_a_run_in_which_everything_fails_ends_with_that_error_and_no_release(home: Path, tmp_path: Path, apart) -> None:
    declare_broken(home, 69)
    done = apart("run", "--lake", tmp_path / "lake", "--json", env={"FIELDHOUSE_HOME": str(home)})
    assert (done.code, done.out, done.error["exit"]) == (69, "", 69)
    assert not (tmp_path / "lake" / "releases").exists()


def test_an_unknown_source_is_refused_before_anything_is_fetched(tmp_path: Path, fieldhouse) -> None:
    done = fieldhouse("run", "openfotball", "--lake", tmp_path / "lake")
    assert (done.code, done.out) == (64, "")
    assert "openfootball" in done.err


def test_plan_says_what_would_be_built_and_changes_nothing(own_lake: Path, fieldhouse) -> None:
    before = sorted(path for path in own_lake.rglob("*"))
    steps = fieldhouse("plan", "openfootball", "--lake", own_lake, "--json").json["steps"]
    assert {step["action"] for step in steps} == {"remembered"}
    told = fieldhouse("plan", "--lake", own_lake)
    assert re.search(r"normalize.international_results +build +nothing of it has landed yet", told.out)
    assert sorted(path for path in own_lake.rglob("*")) == before


def test_plan_where_there_is_no_lake_yet_is_to_build_everything_and_makes_none(tmp_path: Path, fieldhouse) -> None:
    done = fieldhouse("plan", "--lake", tmp_path / "none", "--json")
    assert (done.code, {step["action"] for step in done.json["steps"]}) == (0, {"build"})
    assert {"conform", "publish"} <= {step["task"] for step in done.json["steps"]}
    assert f"there is no lake at {tmp_path / 'none'} yet; the first `fieldhouse run` makes it" in done.err
    assert not (tmp_path / "none").exists()


def test_the_stages_one_by_one_make_the_release_that_run_makes(mirror: Path, tmp_path: Path, fieldhouse) -> None:
    by_hand, by_run = tmp_path / "by-hand", tmp_path / "by-run"
    begun = fieldhouse("extract", "openfootball", "--mirror", mirror, "--lake", by_hand, "--json").json
    tasks = (*source_tasks(find("openfootball"))[1:], *release_tasks([find("openfootball")], contracts.load_all()))
    for task in tasks:
        done = fieldhouse(*task.arguments, "--run", begun["run"], "--lake", by_hand, "--json")
        assert (done.code, done.json["task"]) == (0, task.id)
    assert done.json["counts"] == {"release": 1, "published": 1}
    fieldhouse("run", "openfootball", "--mirror", mirror, "--lake", by_run)
    assert content(fieldhouse, by_hand) == content(fieldhouse, by_run)


def content(fieldhouse, lake: Path) -> str:
    return fieldhouse("release", "show", "--lake", lake, "--json").json["content"]


def test_extract_and_cut_print_the_run_that_they_begin_and_what_is_next(own_lake: Path, fieldhouse) -> None:
    done = fieldhouse("cut", "--lake", own_lake)
    run = re.search(r"--run (\S+)", done.err)
    assert run is not None
    assert fieldhouse("normalize", "openfootball", "--run", run[1], "--lake", own_lake).code == 0


def test_a_later_stage_never_guesses_its_run(lake: Path, fieldhouse) -> None:
    done = fieldhouse("conform", "--lake", lake, "--json")
    assert (done.code, done.error["message"]) == (64, "Missing option '--run'")


def test_run_on_standard_output_is_one_json_document_and_progress_is_elsewhere(
    own_lake: Path, mirror: Path, fieldhouse
) -> None:
    done = fieldhouse("cut", "--run", "r", "--lake", own_lake, "--json")
    assert json.loads(done.out)["task"] == "cut"
    assert done.err == ""


def declare_absent(home: Path) -> None:
    """A source whose program needs what no machine has."""
    folder = home / "containers" / "broken"
    folder.mkdir()
    text = BROKEN.format(code=0).replace("[feeds", 'needs = ["no-such-compiler"]\n[feeds', 1)
    (folder / "source.toml").write_text(text, encoding="utf-8")


def test_a_source_that_cannot_run_here_is_left_out_in_a_line_and_the_others_go_on(
    home: Path, mirror: Path, tmp_path: Path, apart
) -> None:
    real = settings.home() / "containers" / "openfootball"
    (home / "containers" / "openfootball").symlink_to(real, target_is_directory=True)
    declare_absent(home)
    env = {"FIELDHOUSE_HOME": str(home)}
    done = apart("run", "--mirror", mirror, "--lake", tmp_path / "lake", env=env)
    assert done.code == 0, done.err
    assert "Release 1 is published" in done.out
    [line] = [line for line in done.out.splitlines() if "broken" in line]
    assert line.startswith("The source broken is left out; it has never landed")
    assert line.endswith("its command needs no-such-compiler on PATH.")
    named = apart("run", "broken", "--lake", tmp_path / "lake", env=env)
    assert named.code == 78
    told = apart("run", "--mirror", mirror, "--lake", tmp_path / "lake", "--json", env=env)
    assert (told.code, list(told.json["left_out"]), told.json["failed"]) == (0, ["broken"], {})


def test_a_run_that_can_run_nothing_fails(home: Path, tmp_path: Path, apart) -> None:
    declare_absent(home)
    done = apart("run", "--lake", tmp_path / "lake", env={"FIELDHOUSE_HOME": str(home)})
    assert done.code == 78
    assert "no-such-compiler" in done.err
