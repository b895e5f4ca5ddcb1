"""Keys: what may name a file for ever, and what may stand beside what."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fieldhouse.errors import DataError
from fieldhouse.extract.keys import check_key, check_keys, faults


@pytest.mark.parametrize(
    "key",
    ["a", "2015-16/en.1.json", ".hidden", "..a", "a b", "Ünïcode/日本.csv", "x" * 200, "a\\b", "-rf", "~", "con"],
)
def test_a_plain_key_is_accepted(key: str) -> None:
    check_key(key)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "empty part"),
        ("/etc/passwd", "empty part"),
        ("a//b", "empty part"),
        ("a/", "empty part"),
        ("..", "leads elsewhere"),
        ("a/../../b", "leads elsewhere"),
        ("./a", "leads elsewhere"),
        ("a.", "ends in a dot"),
        ("a /b", "ends in a dot or a blank"),
        ("a\nb", "control character"),
        ("a\x00", "control character"),
        ("a\x7f", "control character"),
        ("é\x85", "control character"),
        ("e\u0301", "NFC"),
        ("x" * 201, "201 bytes"),
        ("é" * 101, "202 bytes"),
        ("/".join(["x" * 100] * 6), "more than 512"),
        ("\ud800", "valid Unicode"),
    ],
)
def test_a_hostile_key_is_refused_with_the_reason(key: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        check_key(key)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (["a", "a/b"], "is a folder of"),
        (["a/b/c", "a/b"], "is a folder of"),
        (["A/b", "a"], "is a folder of"),
        (["en.json", "EN.json"], "upper and lower case"),
        (["straße", "STRASSE"], "upper and lower case"),
        (["İ", "i̇"], "upper and lower case"),
    ],
)
def test_keys_that_collide_on_some_file_system_are_refused(keys: list[str], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        check_keys("season", [unicodedata.normalize("NFC", key) for key in keys])


def test_keys_of_one_folder_can_stand_together() -> None:
    check_keys("season", ["a/b", "a/c", "ab", "a.b", "b/a"])


@given(st.text(max_size=300))
@example("a/./b")
def test_what_is_accepted_is_safe_on_every_file_system(key: str) -> None:
    """Whatever passes: relative, NFC, UTF-8, within bounds, and each part a real name."""
    try:
        check_key(key)
    except DataError:
        return
    parts = key.split("/")
    assert key == unicodedata.normalize("NFC", key)
    assert len(key.encode()) <= 512
    assert all(0 < len(part.encode()) <= 200 for part in parts)
    assert not any(part in (".", "..") or part.endswith((".", " ")) for part in parts)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in key)


@given(st.lists(st.from_regex(r"\A[aAbB]{1,2}(/[aAbB]{1,2}){0,2}\Z"), unique=True, max_size=6))
def test_a_set_is_accepted_exactly_when_a_case_blind_file_system_could_hold_it(keys: list[str]) -> None:
    lower = [key.lower() for key in keys]
    clash = len(set(lower)) < len(lower) or any(b.startswith(f"{a}/") for a in lower for b in lower)
    assert bool(faults("season", keys)) == clash
