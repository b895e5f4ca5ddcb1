"""docs/reading.md: a release is what the page and its JSON Schema say, and the page's shell script reads one."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fieldhouse import settings
from fieldhouse.extract.mirror import Mirror
from fieldhouse.lake import releases

PAGE = settings.home() / "docs" / "reading.md"
SCHEMA = json.loads(Path(releases.__file__).with_name("release.schema.json").read_text(encoding="utf-8"))
PARQUET = {
    "string": "string",
    "bool": "bool",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "float64": "double",
    "date": "date32[day]",
    "timestamp": "timestamp[us, tz=UTC]",
    "list<string>": "list<element: string>",
}


@pytest.fixture
def manifest(lake: Path) -> dict:
    """The manifest of the demo's release."""
    return json.loads((lake / "releases" / "00000001.json").read_text(encoding="utf-8"))


def faults(document: object) -> list[str]:
    from jsonschema import Draft202012Validator

    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)]


def test_a_release_is_as_its_schema_says(manifest: dict) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(SCHEMA)
    assert faults(manifest) == []


@pytest.mark.parametrize("field", SCHEMA["required"])
def test_the_schema_asks_for_every_field(manifest: dict, field: str) -> None:
    del manifest[field]
    assert faults(manifest) == [f"'{field}' is a required property"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("number", 0),
        ("format", 2),
        ("content", "c0de"),
        ("time", "yesterday"),
        ("datasets core.match layer", "raw"),
        ("datasets core.match grain", []),
        ("datasets core.match version", "1"),
        ("datasets core.match columns 0 type", "varchar"),
        ("datasets core.match parts 0 path", "../secret.parquet"),
        ("datasets core.match parts 0 rows", -1),
        ("datasets core.match parts 0 sha256", "ABC"),
    ],
)
def test_the_schema_refuses_what_a_reader_could_not_use(manifest: dict, path: str, value: object) -> None:
    *outer, last = [int(step) if step.isdigit() else step for step in path.split()]
    inner = manifest
    for step in outer:
        inner = inner[step]
    assert last in inner if isinstance(inner, dict) else last < len(inner)
    inner[last] = value
    assert len(faults(manifest)) == 1


def test_tables_are_as_the_page_says(lake: Path, manifest: dict) -> None:
    import pyarrow.parquet as pq

    assert any(len(table["parts"]) > 1 for table in manifest["datasets"].values())
    for table in manifest["datasets"].values():
        for part in table["parts"]:
            data = (lake / part["path"]).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (part["bytes"], part["sha256"])
            file = pq.ParquetFile(lake / part["path"])
            assert [(f.name, str(f.type)) for f in file.schema_arrow] == [
                (column["name"], PARQUET[column["type"]]) for column in table["columns"]
            ]
            rows = file.read(columns=table["sort"]).to_pylist()
            keys = [[(row[c] is not None, _comparable(row[c])) for c in table["sort"]] for row in rows]
            assert (len(keys), keys) == (part["rows"], sorted(keys))


def _comparable(value: object) -> object:
    if isinstance(value, str):
        return value.encode()  # texts are in the order of their bytes
    return 0 if value is None else value


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script that the page shows."""
    lacking = [tool for tool in ("curl", "jq", "sha256sum") if not shutil.which(tool)]
    if lacking:
        pytest.skip(f"needs {', '.join(lacking)}")
    (text,) = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    path = tmp_path / "fetch.sh"
    path.write_text(text, encoding="utf-8")
    return path


def _fetch(script: Path, lake: Path, dataset: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    with Mirror(lake) as server:
        done = subprocess.run(
            ["/bin/sh", script, server.url, dataset, script.parent / "out"],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin:/bin", "no_proxy": "*"},
        )
    return done, {path.name for path in (script.parent / "out").glob("*.parquet")}


def test_the_shell_script_fetches_a_table_and_checks_it(script: Path, lake: Path, manifest: dict) -> None:
    done, fetched = _fetch(script, lake, "football.match_wide")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert fetched == {f"{part['sha256']}.parquet" for part in manifest["datasets"]["football.match_wide"]["parts"]}


def test_the_shell_script_notices_a_file_that_is_not_what_its_name_says(script: Path, own_lake: Path, manifest) -> None:
    damaged = own_lake / manifest["datasets"]["core.team"]["parts"][0]["path"]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
    done, _ = _fetch(script, own_lake, "core.team")
    assert done.returncode != 0
    assert "FAILED" in done.stdout


def test_without_a_hint_the_shell_script_finds_the_newest_by_counting(script: Path, own_lake: Path) -> None:
    (own_lake / "releases" / "latest").unlink()
    text = (own_lake / "releases" / "00000001.json").read_text(encoding="utf-8")
    (own_lake / "releases" / "00000002.json").write_text(text.replace('"number": 1,', '"number": 2,'))
    done, _ = _fetch(script, own_lake, "core.team")
    assert done.returncode == 0
    assert json.loads((script.parent / "out" / "manifest.json").read_text())["number"] == 2
