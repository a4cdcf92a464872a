"""Rows of a list as text for the clipboard: a line each, with tabs between the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from paydesk.domain.spreadsheet import safe_cell
from paydesk.ui.lists.model import Column

T = TypeVar("T")


def rows_as_text(columns: Sequence[Column[T]], rows: Sequence[T]) -> str:
    """Return the rows in full, hidden columns, too.

    A spreadsheet program takes the text as typed. So no cell begins a formula, and none breaks its line.
    """
    cells = [[safe_cell(column.text(row)) for column in columns] for row in rows]
    used = [place for place in range(len(columns)) if any(row[place] for row in cells)]
    return "\n".join("\t".join(row[place] for place in used) for row in cells)
