"""Reports of known invoices in random shapes, some of them damaged, to prove that none is read wrongly."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

import openpyxl

NAMES = ("Sample Bakery LLC", 'Renée’s "Best", Inc', "Harborview, Marine & Sons", '6" Pipe Co')
HEADINGS = {
    "number": ("Invoice", "Invoice #", "InvoiceNumber", "INV_NO", "Doc No", "Num"),
    "customer": ("Customer #", "CustomerID", "Cust No", "Acct #", "Client Number"),
    "name": ("Customer", "Customer Name", "Insured", "Client", "Bill To"),
    "zip": ("ZIP", "Zip Code", "Postal Code"),
    "due": ("Due Date", "DueDate", "Pay By"),
    "memo": ("Description", "Memo"),
}
BALANCES = ("Balance", "Balance Due", "Open Balance", "Bal", "A/R Balance")
AGES = (
    ("Current", "1-30", "31-60"),
    ("Not Yet Due", "1-30 Days Past Due", "Over 30"),
    ("Current", "30", "60+"),
)
DATES = ("%m/%d/%Y", "%Y-%m-%d", "%d/%m/%Y", "%b %d, %Y", "%m/%d/%y")


@dataclass(frozen=True, slots=True)
class Truth:
    """One invoice as it really is."""

    number: int
    customer: int
    cents: int
    due: date | None

    @property
    def name(self) -> str:
        """The name of its customer."""
        return NAMES[self.customer % len(NAMES)]


@dataclass(slots=True)
class Shape:
    """The shape of one file. ``damage`` is "" for a sound one."""

    chance: Random
    damage: str = ""
    xlsx: bool = field(init=False)
    delimiter: str = field(init=False)
    aging: tuple[str, ...] = field(init=False)
    total_column: bool = field(init=False)
    grouped: bool = field(init=False)
    date_form: str = field(init=False)
    amount_form: int = field(init=False)
    dated: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        one = self.chance
        self.xlsx = one.random() < 0.25
        self.delimiter = one.choice(",,;\t|")
        self.aging = one.choice(AGES) if one.random() < 0.4 else ()
        self.total_column = one.random() < 0.6
        self.grouped = one.random() < 0.3
        self.date_form = one.choice(DATES)
        self.amount_form = one.randrange(5)

    def written(self, truths: list[Truth]) -> bytes:
        """Return a file of these invoices."""
        if self.date_form == "%d/%m/%Y" and not any(one.due and one.due.day > 12 for one in truths):
            self.date_form = "%Y-%m-%d"  # nothing would prove the order
        columns = [
            "number",
            "customer",
            "name",
            *self.chance.sample(["zip", "due", "memo"], self.chance.randrange(4)),
        ]
        self.dated = "due" in columns
        self.chance.shuffle(columns)
        ages = [f"age{at}" for at in range(len(self.aging))]
        balance = [*ages, "total"] if ages and self.total_column else ages or ["balance"]
        place = self.chance.randrange(len(columns) + 1)
        columns[place:place] = balance
        lines: list[list[object]] = [
            *self._titles(),
            [self._heading(one) for one in columns],
            *self._rows(truths, columns),
        ]
        return self._book(lines) if self.xlsx else self._text(lines)

    def _titles(self) -> list[list[object]]:
        titles: list[list[object]] = [["Elm Street Insurance"], ["Aged Receivables", "as of 8/14/2026"], []]
        return titles if self.chance.random() < 0.4 else []

    def _heading(self, column: str) -> str:
        if column.startswith("age"):
            return self.aging[int(column[3:])]
        if column in ("total", "balance"):
            return "Total" if column == "total" else self.chance.choice(BALANCES)
        return self.chance.choice(HEADINGS[column])

    def _rows(self, truths: list[Truth], columns: list[str]) -> list[list[object]]:
        rows: list[list[object]] = []
        totals = self.chance.random() < 0.5
        for customer in sorted({one.customer for one in truths}):
            mine = [one for one in truths if one.customer == customer]
            if self.grouped:
                rows.append([self._of_head(mine[0], column) for column in columns])
            rows += [self._row(one, columns) for one in mine]
            if self.grouped and totals:
                rows.append(self._total("Customer Total", mine, columns))
            if self.chance.random() < 0.2:
                rows.append([])
        self._spoil(rows, columns)
        if totals:
            off = 1 if self.damage == "wrong total" else 0
            rows.append(self._total("Grand Total", truths, columns, off))
        elif self.damage == "wrong total":
            rows.append([f"{len(truths) + 1} invoices"])
        return rows

    def _of_head(self, one: Truth, column: str) -> object:
        return {"customer": one.customer, "name": one.name, "zip": "02108"}.get(column, "")

    def _total(self, label: str, truths: list[Truth], columns: list[str], off: int = 0) -> list[object]:
        at = (
            columns.index("balance")
            if "balance" in columns
            else columns.index("total")
            if "total" in columns
            else -1
        )
        row: list[object] = [""] * len(columns)
        sums = [sum(self._parts(one)[age] for one in truths) for age in range(len(self.aging))]
        for place, column in enumerate(columns):
            if column.startswith("age"):
                row[place] = self._amount(sums[int(column[3:])] + (off if at < 0 else 0))
        if at >= 0:
            row[at] = self._amount(sum(one.cents for one in truths) + off)
        free = [place for place, cell in enumerate(row) if cell == ""]
        row[free[0]] = label
        return row

    def _parts(self, one: Truth) -> list[int]:
        first = one.cents // 3
        return [one.cents - first, 0, first][: len(self.aging)]

    def _row(self, one: Truth, columns: list[str]) -> list[object]:
        said: dict[str, object] = {
            "number": one.number,
            "customer": "" if self.grouped else one.customer,
            "name": "" if self.grouped else one.name,
            "zip": "02108",
            "due": self._date(one.due),
            "memo": "Renewal premium",
            "balance": self._amount(one.cents),
            "total": self._amount(one.cents),
        }
        said |= {f"age{at}": self._amount(cents) for at, cents in enumerate(self._parts(one))}
        return [said[column] for column in columns]

    def _date(self, day: date | None) -> object:
        if day is None:
            return ""
        if self.xlsx and self.date_form != "%d/%m/%Y":
            return datetime.combine(day, datetime.min.time())
        return day.strftime(self.date_form)

    def _amount(self, cents: int) -> object:
        if self.xlsx and self.amount_form < 3:
            return cents / 100
        dollars = abs(cents) / 100
        plain = f"{dollars:.2f}" if self.amount_form == 0 else f"{dollars:,.2f}"
        if self.amount_form == 2:
            plain = f"${plain}"
        if cents >= 0:
            return plain
        return {3: f"({plain})", 4: f"{plain} CR"}.get(self.amount_form, f"-{plain}")

    def _spoil(self, rows: list[list[object]], columns: list[str]) -> None:
        """Damage one row of an invoice. What cannot happen in this shape becomes a foreign amount."""
        places = [at for at, row in enumerate(rows) if row and isinstance(row[columns.index("number")], int)]
        at = self.chance.choice(places)
        row = rows[at]
        kind = self.damage
        if kind == "twice":
            rows.insert(at, list(row))
        elif kind == "no number":
            row[columns.index("number")] = ""
        elif kind == "cell dropped" and not self.xlsx:
            del row[self.chance.randrange(len(row))]
        elif kind == "cell too many" and not self.xlsx:
            row.insert(self.chance.randrange(len(row) + 1), "7")
        elif kind == "no customer" and not self.grouped:
            row[columns.index("customer")] = ""
        elif kind and kind not in ("wrong total", "open quote", "comma"):
            amounts = [
                place
                for place, one in enumerate(columns)
                if one in ("balance", "total") or one.startswith("age")
            ]
            row[amounts[-1]] = "€5.00"

    def _text(self, lines: list[list[object]]) -> bytes:
        end = self.chance.choice(["\n", "\r\n", "\r"])
        out = io.StringIO(newline="")
        every = self.chance.random() < 0.2
        writer = csv.writer(
            out,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL,
            lineterminator="\n",
        )
        writer.writerows(lines)
        text = self._spoiled(out.getvalue()).replace("\n", end)
        encoding = self.chance.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
        return text.encode(encoding)

    def _spoiled(self, text: str) -> str:
        lines = text.split("\n")
        rows = [at for at, line in enumerate(lines) if "700" in line]
        at = self.chance.choice(rows)
        if self.damage == "open quote":
            cut = lines[at].find(self.delimiter) + 1
            lines[at] = lines[at][:cut] + '"' + lines[at][cut:]
        if self.damage == "comma" and self.delimiter == ",":
            lines = [line.replace('"', "") if "700" in line else line for line in lines]
        return "\n".join(lines)

    def _book(self, lines: list[list[object]]) -> bytes:
        made = openpyxl.Workbook()
        sheet = made.active
        assert sheet is not None
        for line in lines:
            sheet.append([cell if cell != "" else None for cell in line])
        if self.chance.random() < 0.3:
            made.create_sheet("Cover", 0)["A1"] = "Receivables of Elm Street Insurance"
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()


DAMAGES = (
    "twice", "no number", "cell dropped", "cell too many", "no customer", "foreign", "wrong total",
    "open quote", "comma",
)  # fmt: skip


def truths_of(chance: Random, numbers: range) -> list[Truth]:
    """Return some of these invoices with new balances. The customer of an invoice stays."""
    first = date(2026, 1, 1)
    some = sorted(chance.sample(numbers, chance.randrange(3, len(numbers))))
    return [
        Truth(
            number,
            1001 + number % 4,
            chance.choice([-1, 1, 1, 1]) * chance.randrange(1, 400_000),
            None if chance.random() < 0.2 else first + timedelta(days=chance.randrange(300)),
        )
        for number in some
    ]
