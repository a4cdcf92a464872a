"""Read a receipt back from its PDF."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from paydesk.domain.receipt import Paper, Receipt
from paydesk.receipts.pdf import render


def read(receipt: Receipt, paper: Paper = Paper.LETTER, copy_number: int = 0) -> list[str]:
    """Return the text of each page, lines in reading order."""
    return [page.extract_text() for page in PdfReader(BytesIO(render(receipt, paper, copy_number))).pages]


def said(receipt: Receipt, paper: Paper = Paper.LETTER, copy_number: int = 0) -> str:
    """Return the whole text."""
    return "\n".join(read(receipt, paper, copy_number))
