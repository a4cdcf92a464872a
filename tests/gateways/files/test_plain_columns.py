"""Plain columns are read at once: the quick way must really be taken, or a million rows take minutes."""

from __future__ import annotations

import pytest

from paydesk.domain.invoices.columns import Header, recognize
from paydesk.domain.invoices.reading import DecimalSign, Reading
from paydesk.gateways.files.plain_columns import PlainColumns
from paydesk.gateways.files.values import Unreadable

HEADINGS = ("Invoice", "Customer #", "Customer", "ZIP", "Balance", "Due Date", "Description", "Bill Method")
ROW = ("50123", "1001", "Sample Bakery", "02108", "1,250.00", "", "Renewal", "A")


def plain(*rows: tuple[str, ...], reading: Reading | None = None) -> list[object]:
    header = Header(1, HEADINGS, recognize(HEADINGS))
    columns = PlainColumns(header, reading or Reading(), {"": None})
    return list(columns.convert(range(2, 2 + len(rows)), list(rows)).invoices)


def changed(**changes: str) -> tuple[str, ...]:
    return tuple(changes.get(name, value) for name, value in zip("icnzbdtm", ROW, strict=True))


def test_plain_rows_are_taken_at_once() -> None:
    taken = ("50123", "1001", "Sample Bakery", 1_250_00, 1_250_00, None, None, "Renewal", "", "")
    assert plain(ROW, changed(i="50124", t="", z="")) == [
        taken,
        ("50124", *taken[1:7], "", "", ""),
    ]


@pytest.mark.parametrize(
    "row",
    [
        changed(i="INV-50123"),
        changed(c=""),
        changed(n=""),
        changed(n="  "),
        changed(n="#NAME?"),
        changed(n="TRUE"),
        changed(n='="Sample"'),
        changed(t="#REF!"),
        changed(t="x" * 301),
        changed(n="two\nlines"),
        changed(z="2108"),
        changed(b="1"),
        changed(b="1250,00"),
        changed(m="P"),
        ROW[:-1],
        (*ROW, ""),
    ],
)
def test_one_odd_value_sends_the_chunk_to_the_careful_way(row: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable):
        plain(ROW, row)


def test_a_file_with_decimal_commas_goes_the_careful_way() -> None:
    with pytest.raises(Unreadable):
        plain(ROW, reading=Reading(decimal=DecimalSign.COMMA))
