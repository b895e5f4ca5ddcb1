"""`demo`: a release from the embedded sample, told to a newcomer; a second one finds nothing new."""

import re
from pathlib import Path

from fieldhouse import contracts, plan, sources


def test_the_demo_ends_with_a_release_and_says_what_is_in_it(demo) -> None:
    _, told = demo
    assert told.code == 0
    assert "Release 1 is published" in told.out
    assert re.search(r"core\.match +normalized +2,814", told.out)
    assert re.search(r"baseball\.batting_season +normalized +5,344", told.out)


def test_the_demo_shows_a_league_table_that_is_true(demo) -> None:
    _, told = demo
    assert re.search(r"1 +Chelsea +38 +26 +9 +3 +73 +32 +87\n", told.out)


def test_the_demo_shows_a_season_of_baseball_that_is_true(demo) -> None:
    _, told = demo
    assert re.search(r"Barry Bonds +36 +153 +476 +156 +73 +0.863 +10300000\n", told.out)


def test_the_demo_says_what_to_type_next_with_its_own_lake(demo) -> None:
    lake, told = demo
    assert f"export FIELDHOUSE_LAKE={lake}" in told.out
    assert len(re.findall(r"^  \S*fieldhouse ", told.out, re.MULTILINE)) == 5
    assert "import fieldhouse as fh" in told.out


def test_what_the_demo_says_to_type_in_python_runs(demo, monkeypatch) -> None:
    lake, told = demo
    monkeypatch.setenv("FIELDHOUSE_LAKE", str(lake))
    typed = told.out.split("  import fieldhouse as fh\n")[1]
    code = "\n".join(line.removeprefix("  ") for line in typed.splitlines())
    exec("import fieldhouse as fh\n" + code, {})


def test_what_the_demo_says_to_type_in_a_shell_runs(demo, fieldhouse, tmp_path, monkeypatch) -> None:
    import shlex

    lake, told = demo
    monkeypatch.setenv("FIELDHOUSE_LAKE", str(lake))
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r"^  \S*fieldhouse (.+)$", told.out, re.MULTILINE)
    assert [fieldhouse(*shlex.split(line)).code for line in lines] == [0] * 5


def test_progress_is_told_on_standard_error_a_line_a_task(demo) -> None:
    _, told = demo
    stages = [line.split()[0] for line in told.err.splitlines() if re.match(r"\w+ +[\w ]+ [\d.]+ s ", line)]
    declared = contracts.load_all()
    domains = plan.domains(declared)
    wide = ["denormalize"] * len({c.domain for c in declared.values() if c.layer == "denormalized"})
    generic = [source for source in sources.load_all().values() if source.extractor.uses]
    samples = sum((source.folder / "sample").is_dir() for source in generic)  # an image of its own may not be there
    begin = [*["extract", "land"] * samples, "cut", *["normalize"] * samples, "conform"]
    assert stages == [*begin, *wide, *["audit"] * len(domains), "publish"]


def test_a_second_demo_finds_nothing_new(own_lake: Path, fieldhouse) -> None:
    done = fieldhouse("demo", "--lake", own_lake, "--json")
    assert (done.code, done.json["release"], done.json["published"]) == (0, 1, False)
    assert all(
        t["remembered"] for t in done.json["tasks"] if t["task"].startswith(("normalize", "conform", "denormalize"))
    )


def test_the_demo_leaves_a_lake_of_real_feeds_alone(mirror: Path, tmp_path: Path, fieldhouse) -> None:
    lake = tmp_path / "lake"
    run = ["extract", "openfootball", "--run", "one", "--lake"]
    assert fieldhouse(*run, lake, "--mirror", mirror).code == 0
    assert fieldhouse("land", "openfootball", "--run", "one", "--lake", lake).code == 0
    refused = fieldhouse("demo", "--lake", lake, "--json")
    assert refused.code == 64
    assert "2015-16/en.1.json" in refused.error["message"]
