"""What a shell offers after TAB: names from the declarations, so that no lake is asked."""

from fieldhouse.errors import FieldhouseError


def sources(incomplete: str) -> list[str]:
    """Names of sources."""
    from fieldhouse import sources as declared

    try:
        return [name for name in declared.load_all() if name.startswith(incomplete)]
    except FieldhouseError:
        return []


def datasets(incomplete: str) -> list[str]:
    """Names of datasets."""
    from fieldhouse import contracts

    try:
        return [name for name in contracts.load_all() if name.startswith(incomplete)]
    except FieldhouseError:
        return []


def domains(incomplete: str) -> list[str]:
    """Names of domains."""
    return sorted({name.split(".")[0] for name in datasets("") if name.startswith(incomplete)})
