"""Facts about the real feeds, computed apart from the product, asked of the release as a reader would."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.feeds
FILES = ("FACTS-FOOTBALL.json", "FACTS-BASEBALL.json")
DISPUTED = Path(__file__).with_name("disputed.md")


def disputed() -> set[str]:
    """The facts that the page lists."""
    return set(re.findall(r"^\| `([\w.-]+)`", DISPUTED.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", FILES)
def test_all_facts_but_the_disputed_ones_hold(name, real_lake, shared_feeds):
    folder = next(f for f in (shared_feeds, shared_feeds / "feeds") if (f / "check-facts").is_file())
    facts = json.loads((folder / name).read_text(encoding="utf-8"))
    asked = subprocess.run(
        [sys.executable, str(folder / "check-facts"), str(real_lake), str(folder / name)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    *lines, total = asked.stdout.splitlines() or [asked.stderr]
    differ = {line.split(":", 1)[0] for line in lines}
    assert differ == disputed() & {fact["id"] for fact in facts}, asked.stdout + asked.stderr
    assert total == f"{len(facts) - len(differ)} passed, {len(differ)} failed"
