"""docs/quality.md: it tells every rule that a domain adds."""

import pytest

from fieldhouse import settings
from fieldhouse.stages.audit import changes, quality, reconciling

HOME = settings.home()
DOMAINS = sorted(
    {path.relative_to(HOME / "quality").parts[0].removesuffix(".py") for path in (HOME / "quality").rglob("*.py")}
)
PAGE = (HOME / "docs" / "quality.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_page_tells_every_rule_with_its_severity(domain):
    page = PAGE.split(f"## What {domain} adds")[1].split("\n## ")[0]
    stated = {
        (f"`{e.rule}`{' (warning)' * (e.severity == 'warning')}", e.dataset)
        for e in quality.load(HOME, domain).expectations
    }
    told = [line.split(" | ")[:2] for line in page.splitlines() if line.startswith("| `")]
    assert {(rule.removeprefix("| "), name.strip("`")) for rule, names in told for name in names.split(", ")} == stated


@pytest.mark.parametrize(
    ("title", "rules"), [("Against the release before", changes.RULES), ("Between sources", reconciling.RULES)]
)
def test_the_page_tells_every_rule_of_the_other_kinds_of_suite(title, rules):
    section = PAGE.split(f"## {title}")[1].split("\n## ")[0]
    assert {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")} == set(rules)
