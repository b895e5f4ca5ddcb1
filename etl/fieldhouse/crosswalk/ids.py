"""Entity ids: minted once from a cluster's first claim, kept from release to release, redirected when they retire."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

#: What `mint` computes, in SQL, for tables too large for Python: {kind}, {source} and {source_id} are SQL expressions.
MINT_SQL = "{kind} || '-' || left(sha256({kind} || '|' || {source} || '|' || {source_id}), 16)"


def mint(kind: str, source: str, source_id: str) -> str:
    """The id of an entity whose first claim is this: the kind, and 64 bits of a hash of where it comes from."""
    return f"{kind}-{hashlib.sha256(f'{kind}|{source}|{source_id}'.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Kept:
    """What a parent release changes about freshly minted ids: `renamed` fresh → published, `redirects` retired → new."""

    renamed: Mapping[str, str]
    redirects: Mapping[str, str]


def keep(votes: Iterable[tuple[str, str, int]], others: Iterable[str] = ()) -> Kept:
    """Let each cluster keep the id that most of its claims had before.

    `votes`: (fresh id, id in the parent release, number of claims). An id goes to the cluster with most of its claims,
    the smaller fresh id where two have as many. A cluster whose fresh id is taken by another gets one derived from it.
    `others` are fresh ids of clusters without a vote.
    """
    by_old: dict[str, Counter[str]] = defaultdict(Counter)
    by_new: dict[str, Counter[str]] = defaultdict(Counter)
    for fresh, old, count in votes:
        by_old[old][fresh] += count
        by_new[fresh][old] += count
    renamed: dict[str, str] = {}
    taken: set[str] = set()
    for _, fresh, old in sorted((-n, fresh, old) for fresh, olds in by_new.items() for old, n in olds.items()):
        if fresh not in renamed and old not in taken:
            renamed[fresh] = old
            taken.add(old)
    for fresh in dict.fromkeys((*by_new, *others)):
        if fresh not in renamed and fresh in taken:
            renamed[fresh] = _derived(fresh, taken)
            taken.add(renamed[fresh])
    final = {fresh: renamed.get(fresh, fresh) for fresh in by_new}
    current = set(final.values())
    redirects = {
        old: final[max(sorted(fresh), key=lambda f: fresh[f])] for old, fresh in by_old.items() if old not in current
    }
    return Kept({f: o for f, o in renamed.items() if f != o}, redirects)


def _derived(fresh: str, taken: Container[str]) -> str:
    """An id that nobody has, made of one that somebody else has."""
    found = fresh
    while found in taken:
        found = f"{fresh}-{hashlib.sha256(found.encode()).hexdigest()[:4]}"
    return found
