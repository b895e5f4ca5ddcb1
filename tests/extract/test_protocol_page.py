"""The protocol's page keeps its word: its extractor works, its tables are complete, its links resolve."""

import json
import os
import re
import sys
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from fieldhouse.extract import log, schemas
from fieldhouse.extract.ended import _NAMES
from fieldhouse.extract.http import tuning
from fieldhouse.extract.http.plan import plan
from fieldhouse.extract.request import write_request
from fieldhouse.extract.runner import Ended, run_process
from fieldhouse.extract.seal import verify

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "protocol.md").read_text()
HTTP = (DOCS / "http-extractor.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_extractor_on_the_page_is_one(tmp_path: Path, source) -> None:
    program = tmp_path / "extractor.py"
    program.write_text(blocks(PAGE, "python")[0])
    out = tmp_path / "out"
    out.mkdir()
    request = write_request(tmp_path / "in", source, "day-1", 1, known=(), state=None)
    ended = run_process([sys.executable, str(program)], request, out, limits=source.limits, log=print)
    assert ended == Ended(0)
    jsonschema.validate(json.loads((out / "manifest.json").read_text()), schemas.manifest())
    seal = verify(out, source=source, run="day-1", attempt=1, known={})
    assert [file.feed for file in seal.files] == ["season", "table"]


def test_the_imports_on_the_page_exist() -> None:
    exec(blocks(PAGE, "python")[1], {})


def test_the_log_line_on_the_page_is_one() -> None:
    (line,) = blocks(PAGE, "json")
    assert log.parse(line.encode()).level == "error"


@pytest.mark.parametrize("name", ["request", "manifest"])
def test_every_field_of_the_schemas_is_explained(name: str) -> None:
    schema = getattr(schemas, name)()
    properties = dict(schema["properties"])
    for definition in schema["$defs"].values():
        properties |= definition.get("properties", {})
    properties |= schema["properties"].get("limits", {}).get("properties", {})
    assert [field for field in properties if not re.search(rf'[`"]{field}[`"]', PAGE)] == []


def test_every_exit_code_is_explained() -> None:
    assert [int(code) for code in _NAMES if f"| {int(code)} |" not in PAGE] == []


def test_bounds_on_the_page_are_those_of_the_code() -> None:
    assert f"cut at {log.MAX_LINE >> 10} KiB" in PAGE
    assert f"after {log.MAX_LOG >> 20} MiB" in PAGE


def test_every_variable_of_the_http_extractor_is_documented() -> None:
    names = [f"FIELDHOUSE_HTTP_{field.name.upper()}_S" for field in fields(tuning.Tuning)]
    assert set(re.findall(r"FIELDHOUSE_HTTP_\w+", HTTP)) == set(names)


def test_the_declaration_on_the_page_is_one(tmp_path: Path, declare) -> None:
    from fieldhouse.extract.http.job import read

    (text,) = blocks(HTTP, "toml")
    head = "\n".join(
        f'{name} = "{value}"'
        for name, value in {
            "name": "leagues", "title": "t", "homepage": "h", "licence": "l", "attribution": "a", "owner": "o",
            "schedule": "0 0 * * *",
        }.items()
    )  # fmt: skip
    source = declare(f"{head}\nrank = 1\n{text}")
    todo = read(write_request(tmp_path, source, "r", 1, known=(), state=None))
    wanted = plan(todo)
    assert len(wanted) == 4 + 9 + 1
    assert wanted[-1].url == "https://leagues.example/data/export?kind=table"


@pytest.mark.parametrize("page", ["protocol.md", "http-extractor.md"])
def test_links_resolve(page: str) -> None:
    text = (DOCS / page).read_text()
    headings = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings
        else:
            assert os.path.exists(DOCS / target)
