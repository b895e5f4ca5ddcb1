"""Pages from templates. Every text is escaped by the templates' engine: what upstream says is never markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse.consume.described import Description, Meaning
from fieldhouse.errors import UsageError
from fieldhouse.lake.releases import Release
from fieldhouse.site.sources import SourcePage

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent


def assets() -> dict[str, str]:
    """Styles, scripts and the icon, by their path in the site."""
    return {f"assets/{path.name}": path.read_text(encoding="utf-8") for path in sorted((_HERE / "assets").iterdir())}


@dataclass(frozen=True)
class Pages:
    """What all pages of a site share, and the making of one."""

    release: Release
    datasets: Sequence[Description]
    sources: Sequence[SourcePage]

    @cached_property
    def references(self) -> set[tuple[str, "Meaning"]]:
        """Every column that references a dataset, with the name of the dataset that it stands in."""
        return {(d.name, column) for d in self.datasets for column in d.columns if column.references}

    @cached_property
    def _environment(self) -> "Environment":
        if find_spec("jinja2") is None:
            raise UsageError("Jinja is not installed", hint="pip install 'fieldhouse[site]'")
        import jinja2

        made = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters |= {"moment": moment, "share": share, "plural": plural}
        made.tests |= {"web": web}
        return made

    def render(self, template: str, **given: object) -> str:
        """The page that a template makes of these values; `root` leads from it to the site's folder."""
        root = "../" if template in ("dataset.html", "source.html") else ""
        names = frozenset(d.name for d in self.datasets)
        return self._environment.get_template(template).render(
            release=self.release, datasets=self.datasets, sources=self.sources, names=names, root=root, **given
        )


def moment(time: str) -> str:
    """An ISO time to the minute."""
    return f"{time[:16].replace('T', ' ')} UTC" if time else "unknown"


def share(count: int, total: int) -> str:
    """How much of a total a count is, in percent: some is never 0 %, and not all never 100 %."""
    percent = 100 * count / total if total else 0.0
    if 0 < count < total:
        percent = min(max(percent, 0.1), 99.9)
    return f"{percent:.1f}".removesuffix(".0") + " %"


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def web(url: str) -> bool:
    """Whether a text may become a link: an address of the web, and no script."""
    return url.startswith(("https://", "http://"))
