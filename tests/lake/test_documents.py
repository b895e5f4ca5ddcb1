"""Documents: one canonical form, readable files, and clear words for what cannot be read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.errors import StorageError
from fieldhouse.lake import documents

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_canonical_bytes_do_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    backwards = dict(reversed(value.items()))
    assert documents.canonical(value) == documents.canonical(backwards)
    assert json.loads(documents.canonical(value)) == value


@given(st.dictionaries(st.text().filter(lambda key: key != "format"), VALUES, max_size=4))
def test_what_is_dumped_is_parsed_again(value: dict[str, object]) -> None:
    assert documents.parse(documents.dump(value), "a.json") == {"format": 1, **value}


def test_different_values_have_different_digests() -> None:
    values: list[object] = [["a", "b"], [["a"], "b"], ["ab"], [1], ["1"], [True], [None], {}, [], ""]
    assert len({documents.digest(value) for value in values}) == len(values)


def test_what_is_no_number_of_json_is_no_document() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.canonical({"age": float("nan")})


@pytest.mark.parametrize("data", [b"", b"{", b'{"format": 1', b"\xff\xfe", b"\0\0\0\0"])
def test_half_a_document_is_damaged(data: bytes) -> None:
    with pytest.raises(StorageError, match=r"releases/00000001\.json is damaged"):
        documents.parse(data, "releases/00000001.json")


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"format": 2}', b'"text"', b"1"])
def test_another_format_is_told_apart_from_damage(data: bytes) -> None:
    with pytest.raises(StorageError, match="another format than 1") as caught:
        documents.parse(data, "a.json")
    assert "newer Fieldhouse" in caught.value.hint
