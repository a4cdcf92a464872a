"""``paydesk doctor``: what is well and what has to be done, and what a real AMS360 answers."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import customer_number_in, invoice_number_in
from paydesk.paths import Paths

if TYPE_CHECKING:
    from paydesk.gateways.ams360_probe import FieldSeen, Section


def add_doctor(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``paydesk doctor``."""
    parser.add_argument(
        "--ams360", metavar="INVOICE", help="show field by field what AMS360 answers for an invoice, redacted"
    )
    parser.add_argument(
        "--customer", metavar="N", help="with --ams360: the customer's number, if not the invoice's"
    )
    parser.set_defaults(command=doctor)


def doctor(options: argparse.Namespace, paths: Paths) -> int:
    """Print one line for each finding; 1 when something has to be done."""
    if options.ams360 is not None:
        return _probe(options, paths)
    from paydesk.checkup import check_up
    from paydesk.services.doctor import Level

    to_do = 0
    for finding in check_up(paths):
        print(
            f"{finding.level.value:<5}{finding.about}: {finding.sentence} {finding.next_step}".rstrip(),
            flush=True,
        )
        to_do += finding.level is Level.DO
    print(f"{to_do} to do." if to_do else "All is well.")
    return 1 if to_do else 0


def _probe(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.checkup import ems_config, installed
    from paydesk.clock import SystemClock
    from paydesk.gateways.ams360_probe import probe

    invoice = invoice_number_in(options.ams360).partition("-")[0]
    customer = customer_number_in(options.customer or "")
    if not invoice or (options.customer and not customer):
        raise KnownError("That is not a number.", "Give the digits, like: paydesk doctor --ams360 50123")
    with installed(paths) as patient:
        sections = probe(
            ems_config(patient), int(invoice), int(customer) if customer else None, SystemClock().now
        )
    for section in sections:
        _print_section(section)
    print("\nLetters are shown as x, digits as 9. To name a field otherwise, write into the settings:")
    print('  [ams360]\n  names = { "invoice.balance" = "openBalance" }')
    return 0 if sections[0].rows else 1


def _print_section(section: Section) -> None:
    count = "" if section.rows is None else f": {section.rows} row{'' if section.rows == 1 else 's'}"
    print(f"\n{section.title}{count}")
    for remark in section.remarks:
        print(f"  {remark}")
    for line in _table(section.fields):
        print(f"  {line}")


def _table(fields: Iterable[FieldSeen]) -> list[str]:
    rows = [("entry", "AMS360's name", "known by", "answer", "kind", "shape")]
    rows += [(one.key or "-", one.name or "-", one.grade, one.seen, one.kind, one.shape) for one in fields]
    widths = [max(len(row[place]) for row in rows) for place in range(6)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ][: len(rows) if len(rows) > 1 else 0]
