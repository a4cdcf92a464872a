"""``paydesk doctor``: check this desk and say what to do, or show what a real vendor answers."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from paydesk import COMMAND
from paydesk.cli.command import Commands, add_command
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.typed.numbers import customer_number_in, invoice_number_in
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR

if TYPE_CHECKING:
    from paydesk.gateways.ams360.probe import FieldSeen, Section


def register(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "doctor", _doctor, "look whether this desk is in order, and say what to do"
    )
    parser.add_argument(
        "--ams360",
        metavar="INVOICE",
        help=f"show field by field what {AGENCY_SYSTEM.name} answers for an invoice, redacted",
    )
    parser.add_argument(
        "--customer", metavar="N", help="with --ams360: the customer's number, if not the invoice's"
    )
    parser.add_argument(
        "--anddone",
        action="store_true",
        help=f"compare what {PROCESSOR.name} answers with what PayDesk assumes; no money moves",
    )
    parser.add_argument(
        "--test-card",
        action="store_true",
        help="with --anddone, on the test host only: one payment with the published test card, and its void",
    )


def _doctor(options: argparse.Namespace, paths: Paths) -> int:
    """Print one line for each finding. Returns 1 if something has to be done."""
    if options.ams360 is not None:
        return _probe(options, paths)
    if options.anddone or options.test_card:
        return _probe_processor(options, paths)
    from paydesk.services.desk.doctor import Level
    from paydesk.wiring.checkup import check_up

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
    from paydesk.config.clock import SystemClock
    from paydesk.gateways.ams360.probe import probe
    from paydesk.wiring.environment import environment
    from paydesk.wiring.gateways import ems_config

    invoice = invoice_number_in(options.ams360).partition("-")[0]
    customer = customer_number_in(options.customer or "")
    if not invoice or (options.customer and not customer):
        raise KnownError("That is not a number.", f"Give the digits, like: {COMMAND} doctor --ams360 50123")
    with environment(paths) as found:
        sections = probe(
            ems_config(found), int(invoice), int(customer) if customer else None, SystemClock().now
        )
    for section in sections:
        _print_section(section)
    print("\nLetters are shown as x, digits as 9. To name a field otherwise, write into the settings:")
    print('  [ams360]\n  names = { "invoice.balance" = "openBalance" }')
    return 0 if sections[0].rows else 1


def _probe_processor(options: argparse.Namespace, paths: Paths) -> int:
    """Print the table of what the processor answers. Returns 1 if something differs."""
    from paydesk.config.clock import SystemClock
    from paydesk.gateways.anddone.probe import Probe, is_test_host
    from paydesk.gateways.anddone.probe_lines import NEEDS_A_PAYMENT, Mark
    from paydesk.wiring.environment import environment
    from paydesk.wiring.gateways import processor_config

    with environment(paths) as found:
        config = processor_config(found)
        if options.test_card and not is_test_host(config.base_url):
            raise KnownError(
                f"The test card is for {PROCESSOR.name}'s test host, and the settings name another.",
                "Leave out --test-card, or set anddone.base_url to the test host.",
            )
        print(f"{PROCESSOR.name} at {config.base_url}. No money moves.\n", flush=True)
        probe = Probe(config, SystemClock().now().date(), found.settings.fees.credit_card)
        lines = probe.without_payment()
        lines += probe.with_test_card() if options.test_card else NEEDS_A_PAYMENT
    rows = [(one.mark.value, one.about, one.assumed, one.seen, one.change) for one in lines]
    print("\n".join(_columns([("", "", "assumed", "seen", "setting to change, or next step"), *rows])))
    counts = Counter(one.mark for one in lines)
    print(f"\n{counts[Mark.DIFFERS]} differ, {counts[Mark.NOT_FOUND_OUT]} could not be found out.")
    return 1 if counts[Mark.DIFFERS] else 0


def _print_section(section: Section) -> None:
    count = "" if section.rows is None else f": {section.rows} row{'' if section.rows == 1 else 's'}"
    print(f"\n{section.title}{count}")
    for remark in section.remarks:
        print(f"  {remark}")
    for line in _table(section.fields):
        print(f"  {line}")


def _table(fields: Iterable[FieldSeen]) -> list[str]:
    rows = [("entry", f"{AGENCY_SYSTEM.name}'s name", "known by", "answer", "kind", "shape")]
    rows += [(one.key or "-", one.name or "-", one.grade, one.seen, one.kind, one.shape) for one in fields]
    return _columns(rows) if len(rows) > 1 else []


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the rows as lines whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
