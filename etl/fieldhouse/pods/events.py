"""What an Asset's event carries besides its name: numbers for people and for those who wait for it."""

from fieldhouse.lake.runs import Receipt


def extras(normalized: Receipt | None, landed: Receipt | None) -> dict[str, object]:
    """The landing's number and what changed in it; how many rows and bytes the source has in datasets now."""
    found: dict[str, object] = {}
    if landed is not None:
        found |= {"run": landed.run, **{name: landed.counts.get(name) for name in ("landing", "changed", "gone")}}
    if normalized is not None:
        found |= {
            "rows": sum(part.rows for part in normalized.outputs),
            "bytes": sum(part.bytes for part in normalized.outputs),
            "remembered": normalized.remembered,
        }
    return {name: value for name, value in found.items() if value is not None}
