"""Tables for spreadsheet programs: text that stays text, in a file they read right.

A cell that begins like a formula is run by Excel, LibreOffice and Google Sheets when the file is opened
(OWASP, CSV Injection, read 2026-08); what a customer typed as a name must never become one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = tuple("=+-@＝＋－＠")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?|-?[0-9]{1,3}(,[0-9]{3}){1,4}(\.[0-9]{1,4})?")
_BOM = "\ufeff"


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet program takes for a formula or a command.

    Control characters, line breaks included, become blanks; invisible marks of direction and joining
    go, for they could hide what stands in front. A plain number keeps its minus.
    """
    text = "".join(_visible(letter) for letter in str(value)).strip()
    if text.startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _visible(letter: str) -> str:
    if letter.isprintable() or letter == " ":
        return letter
    return " " if letter.isspace() or ord(letter) < 0xA0 else ""


def csv_file(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file of safe cells: comma, CRLF, UTF-8 with the mark that tells Excel so."""
    file = io.StringIO(newline="")
    file.write(_BOM)
    writer = csv.writer(file)
    writer.writerow([safe_cell(name) for name in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8", "replace")
