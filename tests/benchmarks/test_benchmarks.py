"""The benchmark itself: what it measures is true, and it does not report what cannot be believed."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def bench(monkeypatch):
    """Its modules, by name."""
    monkeypatch.syspath_prepend(HERE)

    def module(name: str) -> ModuleType:
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return module


def test_a_command_is_measured_with_all_it_starts(bench, tmp_path):
    child = "x = bytearray(60 << 20); import time; time.sleep(0.5)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True); print('said')"
    output = tmp_path / "said"

    measure = bench("measuring").command([sys.executable, "-c", program], output=output)

    assert output.read_text() == "said\n"
    assert measure.peak_mib > 60
    assert measure.wall_s > 0.5
    assert 0 < measure.cpu_s < measure.wall_s * 8


def test_a_command_that_fails_is_no_figure(bench):
    with pytest.raises(RuntimeError, match="ended with 3:\nwrong"):
        bench("measuring").command([sys.executable, "-c", "import sys; sys.stderr.write('wrong'); sys.exit(3)"])


def test_targets_are_judged_both_ways(bench, tmp_path):
    report, machine = bench("report"), bench("machine")
    figures = [
        report.Figure("g", "below", 1.0, "s", 5, at_most=2),
        report.Figure("g", "above", 3.0, "s", 5, at_most=2),
        report.Figure("g", "enough", 5.0, "times", 5, at_least=5),
        report.Figure("g", "too few", 4.9, "times", 5, at_least=5),
        report.Figure("g", "only said", 1234.5, "1/s", 5),
    ]

    report.write(tmp_path / "figures.json", machine.look(), figures)

    doc = json.loads((tmp_path / "figures.json").read_text())
    assert [f["verdict"] for f in doc["figures"]] == ["met", "missed", "met", "missed", ""]
    assert doc["machine"]["cores"] >= 1
    assert "| g | only said | 1,234 1/s | 5 |  |  |" in report.markdown(machine.look(), figures)


def test_a_days_change_touches_the_share_that_was_asked_for(bench, tmp_path):
    mirror = tmp_path / "mirror" / "source"
    mirror.mkdir(parents=True)
    for number in range(100):
        (mirror / f"{number}.json").write_text('{"matches": [{"score": {"ft": [1, 0]}}]}')
    (mirror / "rows.csv").write_text("a,b\n1,2\n3,4\n")

    names = bench("mirrors").changed(tmp_path / "mirror", tmp_path / "day", 0.05)

    differing = [
        str(path.relative_to(tmp_path / "day"))
        for path in (tmp_path / "day").rglob("*")
        if path.is_file()
        and path.read_bytes() != (tmp_path / "mirror" / path.relative_to(tmp_path / "day")).read_bytes()
    ]
    assert sorted(names) == sorted(differing)
    assert len(names) == 5


def test_ten_times_the_matches_are_under_other_years(bench, tmp_path):
    league = tmp_path / "openfootball" / "football.json" / "2010-11"
    games = tmp_path / "international_results" / "international_results"
    declared = tmp_path / "declared" / "containers" / "openfootball"
    for folder in (league, tmp_path / "openfootball" / "worldcup.json", games, declared):
        folder.mkdir(parents=True)
    (league / "en.1.json").write_text('{"matches": [{"date": "2010-08-14", "team1": "2010 FC"}]}')
    (games / "results.csv").write_text("date,home_team\n1872-11-30,Scotland\n")
    (games / "former_names.csv").write_text("current,former\na,b\n")
    (declared / "source.toml").write_text('[[feeds.league.values]]\nseason = ["2010-11"]\n\n[feeds.league.records.m]\n')

    bench("mirrors").tenfold(tmp_path, tmp_path / "ten", tmp_path / "declared")

    found = sorted((tmp_path / "ten" / "openfootball" / "football.json").glob("*/en.1.json"))
    assert [path.parent.name for path in found][:3] == ["2010-11", "2030-31", "2050-51"]
    assert len(found) == 10
    assert '"2030-08-14", "team1": "2010 FC"' in found[1].read_text()
    rows = (tmp_path / "ten" / "international_results" / "international_results" / "results.csv").read_text()
    assert rows.splitlines()[1:4] == ["1872-11-30,Scotland", "2032-11-30,Scotland", "2192-11-30,Scotland"]
    assert (declared / "source.toml").read_text().count("[[feeds.league.values]]") == 10


def test_a_busy_machine_gets_no_report(bench, monkeypatch, tmp_path, capsys):
    running, machine = bench("running"), sys.modules["machine"]
    busy = machine.Machine("p", 2, 8.0, 2.5, "3", {})
    monkeypatch.setattr(machine, "look", lambda: busy)
    monkeypatch.setattr(sys, "argv", ["bench", "--feeds", str(tmp_path)])

    assert running.main() == 75
    assert "the load is 2.5 on 2 cores" in capsys.readouterr().err


def test_without_feeds_it_says_what_is_missing(tmp_path):
    words = [sys.executable, str(HERE), "--busy", "--feeds", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 64
    assert "holds no feeds" in done.stderr
