"""`indexes` of a contract: read, and refused where they make no sense."""

from pathlib import Path

import pytest

from fieldhouse import contracts
from fieldhouse.errors import ConfigurationError

CONTRACT = """
title = "T"
doc = "D"
layer = "normalized"
version = "1.0.0"
grain = ["a", "b"]
indexes = {indexes}
[columns]
a = {{ type = "string", doc = "A" }}
b = {{ type = "string", doc = "B" }}
many = {{ type = "list<string>", doc = "M" }}
"""


def read(folder: Path, indexes: str) -> contracts.Contract:
    path = folder / "t.toml"
    path.write_text(CONTRACT.format(indexes=indexes), encoding="utf-8")
    return contracts.read(path)


def test_indexes_are_lists_of_columns(tmp_path: Path) -> None:
    assert read(tmp_path, '[["b"], ["b", "a"]]').indexes == (("b",), ("b", "a"))


@pytest.mark.parametrize(
    ("indexes", "said"),
    [
        ('["b"]', "a list of lists of columns is expected"),
        ("[[]]", "a list of lists of columns is expected"),
        ('[["c"]]', "indexes name 'c'"),
        ('[["many"]]', "indexes name 'many'"),
        ('[["a"]]', "the grain begins with a"),
    ],
)
def test_what_makes_no_index_is_refused(tmp_path: Path, indexes: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read(tmp_path, indexes)
