"""The repository keeps its word: links resolve, documents name every setting and exit code, no address slips in."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from fieldhouse.errors import Exit
from fieldhouse.pods import settings as pods
from fieldhouse.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SAMPLES = sorted((ROOT / "containers").glob("*/sample"))

# Put together here, so that this file does not hold what it forbids.
INDEX_HOSTS = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
]
HOME_FOLDERS = ["/" + "/".join(parts) for parts in (("work", "main"), ("work", "shared"), ("root", ""), ("Users", ""))]


def tracked() -> list[Path]:
    """Every file that git knows, or everything in the tree where there is no git."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout, so there is no list of files to look at")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8", errors="replace") for path in tracked()}


def documents() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


@pytest.mark.parametrize("forbidden", [*INDEX_HOSTS, *HOME_FOLDERS])
def test_no_tracked_file_names_a_package_index_or_a_folder_of_somebodys_machine(forbidden: str) -> None:
    assert [str(path.relative_to(ROOT)) for path, text in texts().items() if forbidden in text] == []


def test_links_between_documents_resolve() -> None:
    broken = []
    for document in documents():
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8")):
            if "://" not in target and not (document.parent / target).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert broken == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_the_readme_documents_every_setting(setting) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{setting.variable}` |"))
    assert not setting.default or f"`{setting.default}`" in row


def test_the_readme_documents_no_setting_that_is_none() -> None:
    named = set(re.findall(r"FIELDHOUSE_[A-Z_]+", README))
    of_pods = {s.variable for s in pods.SETTINGS}  # docs/kubernetes.md documents those
    assert {name for name in named if not name.startswith("FIELDHOUSE_TEST_")} - of_pods == {
        s.variable for s in SETTINGS
    }


@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_the_readme_documents_every_exit_code(code: Exit) -> None:
    assert f"| {code.value} | {code.name.lower()} |" in README


def test_every_decision_is_listed_under_its_own_number() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [page.name for page in pages if f"(decisions/{page.name})" not in index] == []


def test_every_page_is_listed() -> None:
    folder = ROOT / "docs"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = {str(path.relative_to(folder)) for path in tracked() if path.suffix == ".md" and folder in path.parents}
    own = {page for page in pages if re.match(r"dictionary/\w+\.\w+\.md", page)}  # dictionary/README.md lists them
    assert [page for page in sorted(pages - own - {"README.md"}) if f"({page})" not in index] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.parent.name)
def test_a_sample_is_what_was_published_and_says_under_which_licence(sample: Path) -> None:
    sums = dict(reversed(line.split("  ")) for line in (sample / "SHA256SUMS").read_text().splitlines())
    files = [p for p in sample.rglob("*") if p.is_file() and p.name not in ("README.md", "SHA256SUMS")]
    assert {str(p.relative_to(sample)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files} == sums
    assert "\n| licence | " in (sample / "README.md").read_text(encoding="utf-8")


def test_of_the_containers_only_sources_travel_with_the_package() -> None:
    from hatchling.builders.wheel import WheelBuilder

    files = [file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()]
    packed = {path.split("/")[3] for path in files if path.startswith("fieldhouse/declarations/containers/")}
    declared = {path.parent.name for path in (ROOT / "containers").glob("*/source.toml")}
    assert packed == declared
    assert "fieldhouse/cli/app.py" in files


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_hashes(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    packages = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9]", line)]
    assert len(packages) > 20
    assert [lines[n] for n in packages if "--hash=sha256:" not in lines[n + 1]] == []


def test_both_locks_agree() -> None:
    pins = [
        set(re.findall(r"^([a-z][^ \\]*==\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] < pins[1]
