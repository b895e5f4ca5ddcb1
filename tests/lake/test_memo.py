"""What is remembered holds only as long as all of it is there."""

from collections.abc import Callable

import pytest

from fieldhouse.errors import StorageError
from fieldhouse.lake import Store, memo
from fieldhouse.lake.parts import Part

KEY = "ab" * 32


def test_what_is_remembered_is_found(store: Store, part: Callable[..., Part]) -> None:
    result = memo.Result((part(1, 2), part(3)), {"used": 3}, ({"note": "new field"},))
    memo.remember(store, KEY, result)
    assert memo.find(store, KEY) == result


def test_nothing_is_found_under_another_key(store: Store) -> None:
    memo.remember(store, KEY, memo.Result(()))
    assert memo.find(store, "cd" * 32) is None


def test_a_hit_whose_part_is_missing_is_a_miss(store: Store, part: Callable[..., Part]) -> None:
    made = part(1), part(2)
    memo.remember(store, KEY, memo.Result(made))
    store.delete([made[1].path])
    assert memo.find(store, KEY) is None
    assert memo.read(store, KEY) == memo.Result(made)


def test_a_hit_of_which_half_a_part_is_there_is_a_miss(store: Store, part: Callable[..., Part]) -> None:
    made = part(1)
    memo.remember(store, KEY, memo.Result((made,)))
    store.hint(made.path, store.get(made.path)[:-1])
    assert memo.find(store, KEY) is None


@pytest.mark.parametrize("data", [b"", b"{", b"\0" * 40])
def test_a_damaged_entry_is_a_miss_and_is_remembered_anew(store: Store, data: bytes) -> None:
    store.hint(memo.name(KEY), data)
    assert memo.find(store, KEY) is None
    with pytest.raises(StorageError):
        memo.read(store, KEY)
    memo.remember(store, KEY, memo.Result((), {"used": 1}))
    assert memo.find(store, KEY) == memo.Result((), {"used": 1})


def test_a_result_says_which_files_it_refers_to(part: Callable[..., Part]) -> None:
    made = part(1)
    result = memo.Result((made,), {}, ({"document": "audits/ab/abc.json"}, {"note": "other"}))
    assert result.content == {made.path, "audits/ab/abc.json"}
