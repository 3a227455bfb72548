"""Columns of text that line up in a monospace font."""

import unicodedata
from collections.abc import Iterator

from handlers.reply import Table

GAP = "  "
_WIDE = frozenset("WF")
_WITHOUT_WIDTH = frozenset(("Mn", "Me", "Cf"))


def width(text: str) -> int:
    """
    Cells that `text` takes: two for East Asian wide characters and emoji, none for marks that sit on the
    character before them (Unicode Standard Annex 11).
    """
    return len(text) if text.isascii() else sum(_cells(character) for character in text)


def columns(table: Table) -> tuple[str, ...]:
    """
    One line per row, the head first. A column that `align` does not reach is left-aligned, rows may be of
    different lengths, and no line ends in spaces.
    """
    rows = (table.head, *table.rows) if table.head else table.rows
    count = max((len(row) for row in rows), default=0)
    widths = [max(_widths(rows, column)) for column in range(count)]
    sides = table.align.ljust(count, "<")
    return tuple(
        GAP.join(_pad(cell, widths[i], sides[i]) for i, cell in enumerate(row)).rstrip()
        for row in rows
    )


def _widths(rows: tuple[tuple[str, ...], ...], column: int) -> Iterator[int]:
    return (width(row[column]) for row in rows if column < len(row))


def _pad(cell: str, cells: int, side: str) -> str:
    space = " " * (cells - width(cell))
    return space + cell if side == ">" else cell + space


def _cells(character: str) -> int:
    if unicodedata.category(character) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
