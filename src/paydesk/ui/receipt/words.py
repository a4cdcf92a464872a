"""The words of the receipt page and its dialog, of printing, and of saving to a file."""

from __future__ import annotations

from paydesk.domain.receipt import Paper, ReceiptKind
from paydesk.domain.vendors import PROCESSOR

# The head of the page: the outcome, and the facts below it.
SUBMITTED_TO_BANK = "Submitted to the bank, not yet cleared"


def headline(outcome: str, amount: str) -> str:
    return f"{outcome}  {amount}"


def receipt(number: str) -> str:
    """Return ``Receipt R-000123``, which is the dialog's title, too."""
    return f"Receipt {number}"


def void_receipt(number: str) -> str:
    return f"Void receipt {number}"


def refund_receipt(number: str) -> str:
    return f"Refund receipt {number}"


NAMED = {
    ReceiptKind.PAYMENT: receipt,
    ReceiptKind.VOID: void_receipt,
    ReceiptKind.REFUND: refund_receipt,
}
"""Names of documents by their kind."""


def authorization(code: str) -> str:
    return f"Authorization {code}"


# The warning below it, if the charge differs from the quote.
TELL_CUSTOMER = "Tell the customer the amount charged. See Needs attention for the difference."


def charged_otherwise(charged: str, quoted: str) -> str:
    return f"{PROCESSOR.name} charged {charged} instead of the quoted {quoted}."


# The preview.
PREPARING = "Preparing the preview…"
PREVIEW = "Preview of the printed page"
NOT_MADE = "Couldn't create this document."
PRINT_LATER = "You can print it later from the Payments tab."


def payment_stands(report: str) -> str:
    return f"Payments are not affected. {report}"


# The foot of the page.
PAPER = "Paper"
PAPERS = {Paper.LETTER: "Letter", Paper.ROLL_80MM: "80 mm roll"}
SAVE = "Save as PDF…"
PRINT = "Print"
OTHER_PRINTER = "Other printer…"
NEXT_CUSTOMER = "Next customer"
CLOSE = "Close"

# The form or letter beside the receipt.
DOCUMENT = "Document"
OTHER_DOCUMENT = "Show the receipt, or the form or letter"
RECEIPT_TAB, FORM_TAB, LETTER_TAB = "Receipt", "Authorization form", "Confirmation letter"
THE_FORM, THE_LETTER = "the authorization form", "the confirmation letter"
LETTER_NEXT = "It is the proof of this debit. Press F7 to show it, then F8 to print it."
LETTER_FIRST = "The confirmation letter is not printed yet."
LETTER_THEN = "Press F8 to print it. Or press F12 again: Needs attention will remind you."
LETTER_DONE = "The confirmation letter is printed or saved. Send it today."


def letter_due(address: str) -> str:
    return f"Send the confirmation letter to {address}."


def form_file(receipt_number: str, payer: str) -> str:
    return f"ACH authorization {receipt_number} {payer}"


def letter_file(receipt_number: str, payer: str) -> str:
    return f"ACH confirmation {receipt_number} {payer}"


# While the receipt is printed or saved, and after.
PRINTING = "Printing…"
SAVING = "Saving…"


def marked_as_copy(said: str) -> str:
    return f"{said} It is marked as a copy."


def saved_as(name: str) -> str:
    return f"Saved as {name}."


def sent_to_printer(name: str) -> str:
    return f"Sent to printer {name}." if name else "Sent to the printer."


def other_paper(name: str) -> str:
    return f"It printed on {name} paper. Choose the receipt's paper in the printer's settings."


# The system's dialogs for a printer and for a file.
THE_RECEIPT = "the receipt"
PRINT_JOB = "Receipt"


def print_title(what: str) -> str:
    """Return ``Print the receipt``."""
    return f"Print {what}"


def save_title(what: str) -> str:
    """Return ``Save the receipt``."""
    return f"Save {what}"


def suggested_file(receipt_number: str, payer: str) -> str:
    """Return ``Receipt R-000123 Sample Bakery``, the file's name before it is cut and made safe."""
    return f"Receipt {receipt_number} {payer}"


KINDS = {"xlsx": "Excel workbook (*.xlsx);;CSV (*.csv)"}
"""The kinds of file that the system's dialog offers, for an ending with more than one."""

# Errors. A form is printed before its payment, and a void receipt after it went back.
NOT_SHOWN = "Couldn't open this document."
SHOW_LATER = "Payments are not affected. Try again from the Payments tab."
PRINTER_REFUSED = "The printer did not accept this document."
PRINTER_STOPPED = "The printer stopped before the document was finished."
PRINTER_FAILED = "The printer reported an error."
CHOOSE_ANOTHER = "Press F8 to choose another printer."
NO_PRINTER_YET = "Not printed: this desk has no printer for this paper yet."
CHOOSE_ONCE = "Press F8 and choose one. PayDesk remembers it."
PRINT_ELSEWHERE = "Payments are not affected. Choose another printer, or save a PDF."
SAVE_ELSEWHERE = "Payments are not affected. Close the file in other programs, or choose another folder."


def printer_away(name: str) -> str:
    return f"Not printed: {name} isn't available."


def not_saved(name: str, why: str) -> str:
    return f"{name} couldn't be saved: {why}."
