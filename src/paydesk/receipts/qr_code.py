"""QR codes as rows of modules, for addresses on a screen."""

from __future__ import annotations


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the rows of a code with medium error correction (ISO/IEC 18004). True is dark.

    Raises ValueError for a text that does not fit into the largest code.
    """
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    side = range(code.getModuleCount())  # type: ignore[no-untyped-call]  # reportlab has no types for it
    return tuple(tuple(bool(code.isDark(row, column)) for column in side) for row in side)  # type: ignore[no-untyped-call]  # as above
