"""docs/quality.md: it tells every rule that a domain adds."""

import pytest

from fieldhouse import settings
from fieldhouse.stages.audit import quality

HOME = settings.home()
DOMAINS = sorted(path.stem for path in (HOME / "quality").glob("*.py"))


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_page_tells_every_rule_with_its_severity(domain):
    page = (
        (HOME / "docs" / "quality.md").read_text(encoding="utf-8").split(f"## What {domain} adds")[1].split("\n## ")[0]
    )
    stated = {
        (f"`{e.rule}`{' (warning)' * (e.severity == 'warning')}", e.dataset)
        for e in quality.load(HOME, domain).expectations
    }
    told = [line.split(" | ")[:2] for line in page.splitlines() if line.startswith("| `")]
    assert {(rule.removeprefix("| "), name.strip("`")) for rule, names in told for name in names.split(", ")} == stated
