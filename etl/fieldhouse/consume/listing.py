"""A list of like things that prints as a table, on a terminal and in a notebook."""

import dataclasses
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


class Listing(list[T]):
    """A list of frozen dataclasses of one kind; its text is a table with their fields as columns."""

    def __init__(self, items: Iterable[T] = ()) -> None:
        super().__init__(items)

    def _cells(self) -> list[list[str]]:
        if not self:
            return []
        names = [field.name for field in dataclasses.fields(self[0])]
        return [names, *([_text(getattr(item, name)) for name in names] for item in self)]

    def __repr__(self) -> str:
        cells = self._cells()
        if not cells:
            return "(none)"
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        right = [isinstance(getattr(self[0], name), int) for name in cells[0]]
        lines = [
            "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)).rstrip()
            for line in cells
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, *body = self._cells() or [["(none)"]]
        lines = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
        lines += ["".join(f"<td>{escape(cell)}</td>" for cell in line) for line in body]
        return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
