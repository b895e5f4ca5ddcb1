"""Makes all pages of a release, and puts them where they were asked for."""

from pathlib import Path

from fieldhouse.consume import changes, notes, odcs
from fieldhouse.consume.changes import Difference
from fieldhouse.consume.described import Description, of_table
from fieldhouse.consume.opened import Opened, open_release
from fieldhouse.errors import NotFound, StorageError
from fieldhouse.lake import releases
from fieldhouse.site import folder as place
from fieldhouse.site import search
from fieldhouse.site.chart import chart
from fieldhouse.site.checks import Check, checks, counts
from fieldhouse.site.folder import Written
from fieldhouse.site.layout import Picture, picture
from fieldhouse.site.lineage import Lineage, dataset, lineage
from fieldhouse.site.profile import profile
from fieldhouse.site.rendering import Pages, assets
from fieldhouse.site.sources import source_pages

#: What names of pages may be made of: a manifest that somebody else wrote names no file outside of the site.
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.")


def write(folder: Path, release: int | None = None, lake: str | Path | None = None) -> Written:
    """Write the site of a release (default: the newest) to a folder, in place of an older site but of nothing else.

    The same release always gives the same bytes. Raises UsageError where something else is in the folder, NotFound for
    an unknown release, StorageError where files cannot be read or written.
    """
    place.check(folder)
    opened = open_release(release, lake)
    return place.replace(folder, opened.release.number, files(opened))


def files(opened: Opened) -> dict[str, str]:
    """All files of a release's site by their path in it."""
    described = [_described(opened, name) for name in sorted(opened.release.datasets)]
    sources, found = source_pages(opened.release), checks(opened)
    _refuse_names(opened, [*(d.name for d in described), *(s.name for s in sources)])
    known = lineage(opened)
    pages = Pages(opened.release, described, sources)
    made = {
        "index.html": _index(pages, found),
        "quality.html": pages.render("quality.html", checks=found, counts=counts(found)),
        "lineage.html": pages.render("lineage.html", pictures=_pictures(known, pages)),
        "notes.html": _notes(pages, opened),
    }
    for d in described:
        made[f"datasets/{d.name}.html"] = _dataset(pages, opened, d, known, found)
        made[f"contracts/{d.name}.odcs.yaml"] = odcs.text(d)
    for source in sources:
        shown = picture(known.of_source(source.name))
        made[f"sources/{source.name}.html"] = pages.render("source.html", source=source, picture=shown)
    return {**made, "assets/index.js": search.index(described, sources), **assets()}


def _described(opened: Opened, name: str) -> Description:
    return of_table(opened.table(name), opened.release)


def _refuse_names(opened: Opened, names: list[str]) -> None:
    for name in names:
        if not name or name.startswith(".") or not set(name) <= LETTERS:
            raise StorageError(f"{opened.store.url}, {opened}: {name!r} is no name of a dataset or source")


def _index(pages: Pages, found: tuple[Check, ...]) -> str:
    domains: dict[str, list[Description]] = {}
    for d in pages.datasets:
        domains.setdefault(d.name.split(".")[0], []).append(d)
    by_dataset = {d.name: counts(check for check in found if check.dataset == d.name) for d in pages.datasets}
    return pages.render("index.html", domains=domains, counts=counts(found), by_dataset=by_dataset)


def _pictures(known: Lineage, pages: Pages) -> dict[str, Picture]:
    domains: dict[str, set[str]] = {}
    for d in pages.datasets:
        if d.rows:
            domains.setdefault(d.name.split(".")[0], set()).update(d.licences)
    shown = {domain: picture(known.of_domain(domain).from_sources(s)) for domain, s in domains.items()}
    return {domain: found for domain, found in shown.items() if found}


def _dataset(pages: Pages, opened: Opened, d: Description, known: Lineage, found: tuple[Check, ...]) -> str:
    looked = profile(opened, opened.table(d.name))
    own = [check for check in found if check.dataset == d.name]
    return pages.render(
        "dataset.html",
        dataset=d,
        profile=looked,
        chart=chart(looked.by, looked.seasons),
        picture=picture(known.to(dataset(d.name)).from_sources(d.licences)),
        checks=own,
        counts=counts(own),
        used_by=sorted({other for other, column in pages.references if column.references == d.name}),
    )


def _notes(pages: Pages, opened: Opened) -> str:
    noticed = [line for note in opened.release.notes if (line := notes.line(note))]
    return pages.render("notes.html", differences=_differences(opened), noticed=noticed)


def _differences(opened: Opened) -> list[Difference] | None:
    """What differs from the release's parent; None where that was forgotten. Nothing where it is the first."""
    parent = opened.release.parent
    try:
        before = Opened(opened.store, releases.read(opened.store, parent)) if parent else None
    except NotFound:
        return None
    return list(changes.compare(before, opened)) if before else []
