"""``paydesk import``: preview a report of open receivables, import it, or undo the newest import."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paydesk import COMMAND
from paydesk.cli.command import Commands, add_command, add_force, not_written, open_desk, require_new
from paydesk.config.files import write_whole
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.columns import AGING, IGNORED
from paydesk.domain.invoices.headings import Field
from paydesk.domain.invoices.importing import Scope
from paydesk.domain.invoices.reading import DateOrder, DecimalSign
from paydesk.domain.spreadsheet import file_of
from paydesk.domain.typed.plain_texts import one_line

if TYPE_CHECKING:
    from paydesk.domain.invoices.importing import ImportReport, ImportRun, Reject
    from paydesk.domain.invoices.reading import OwnFigure
    from paydesk.services.desk.desk import Desk
    from paydesk.services.invoices.import_preview import Answers, Preview
    from paydesk.services.invoices.importing import Progress

_SHOWN = 20
"""Maximum number of rejected rows to print. The file that --rejected names has them all."""

_NAMES = (*Field, AGING, IGNORED)


def register(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "import", _import, "import open receivables from a report (CSV or XLSX)")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="CSV or XLSX")
    parser.add_argument("--sheet", default="", metavar="NAME", help="the sheet of the workbook")
    parser.add_argument(
        "--heading-row", type=int, metavar="LINE", help="the line in which the headings stand"
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=HEADING",
        help=f"which heading a field has; fields: {', '.join(_NAMES)}; no heading takes the field away",
    )
    parser.add_argument("--as-of", type=datetime.fromisoformat, metavar="TIME", help="when its balances held")
    parser.add_argument(
        "--date-order", type=DateOrder, choices=list(DateOrder), help="month or day first in 9/1/2026"
    )
    parser.add_argument(
        "--decimal", type=DecimalSign, choices=list(DecimalSign), help="the sign before cents"
    )
    parser.add_argument(
        "--customer", default="", metavar="NUMBER [NAME]", help="the customer of a file that names none"
    )
    parser.add_argument(
        "--scope",
        type=Scope,
        choices=list(Scope),
        help="complete: it lists all open invoices; customers: all those of the customers in it. "
        "Only then invoices it lacks are closed. The answer is remembered for files with the same headings",
    )
    parser.add_argument(
        "--customers", dest="scope", action="store_const", const=Scope.CUSTOMERS, help="--scope customers"
    )
    parser.add_argument(
        "--close", type=int, metavar="N", help="yes, close exactly N invoices that the file lacks"
    )
    parser.add_argument("--yes", action="store_true", help="the columns are right: do not ask")
    parser.add_argument("--rejected", type=Path, metavar="FILE", help="save the rejected rows (.xlsx, .csv)")
    add_force(parser)
    parser.add_argument("--undo", action="store_true", help="take the newest import back")
    parser.add_argument("--list", action="store_true", help="show the imports so far")


def _import(options: argparse.Namespace, paths: Paths) -> int:
    with open_desk(paths) as desk:
        if options.list:
            for run in desk.importing.runs():
                print(_said(desk, run))
        elif options.undo:
            print(f"Taken back: {_said(desk, desk.importing.undo())}")
        elif options.file is not None:
            _one_file(desk, options)
        elif options.close is not None:
            print(_said(desk, desk.importing.close(options.close)))
        else:
            raise KnownError("Say which file to import.", f"{COMMAND} import FILE")
    return 0


def _one_file(desk: Desk, options: argparse.Namespace) -> None:
    from paydesk.services.invoices.importing import NothingImported

    if options.rejected:
        require_new(options.rejected, options)  # not after the import, when the rows would be lost
    preview = desk.importing.preview(options.file.absolute(), _answers(desk, options))
    header = preview.header
    for correction in options.column:
        name, _, heading = correction.partition("=")
        if name not in _NAMES:
            raise KnownError(f"There is no field “{name}”.", f"Fields: {', '.join(_NAMES)}.")
        header = header.with_column(name if name in (AGING, IGNORED) else Field(name), heading)
    if header != preview.header:
        preview = desk.importing.look_again(preview, header)
    _show(desk, preview)
    if not (options.yes or (preview.confirmed and not options.column) or _agreed()):
        raise KnownError("Nothing was imported.", "Name the right headings with --column FIELD=HEADING.")
    try:
        report = desk.importing.run(preview, scope=options.scope, close=options.close, on_progress=_progress)
    except NothingImported as error:
        _tell_rows(error.rejects[:_SHOWN])
        if options.rejected:
            _save_rejected(options.rejected, error.rejects)
        raise
    _tell(desk, report)
    if options.rejected:
        _save_rejected(options.rejected, report.rejects)


def _save_rejected(path: Path, rejects: Sequence[Reject]) -> None:
    from paydesk.services.invoices.importing import rejects_table

    try:
        write_whole(path, file_of(rejects_table(rejects), path.suffix))
    except OSError as error:
        raise not_written(path, error) from None
    print(f"All rejected rows: {path}")


def _answers(desk: Desk, options: argparse.Namespace) -> Answers:
    from paydesk.services.invoices.import_preview import Answers, customer_in

    customer = customer_in(options.customer)
    if options.customer and customer is None:
        raise KnownError(
            f"“{options.customer}” has no customer number.", "--customer '1001 Sample Bakery LLC'"
        )
    as_of = options.as_of
    if as_of is not None and as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=ZoneInfo(desk.settings.time_zone))
    return Answers(options.sheet, options.heading_row, as_of, options.date_order, options.decimal, customer)


def _say(text: str) -> None:
    """Print a line with words of a file: names and headings must not steer the terminal."""
    print(one_line(text))


def _show(desk: Desk, preview: Preview) -> None:
    header, columns = preview.header, preview.header.columns
    name, as_of = preview.report.path.name, _when(desk, preview.as_of)
    sheet = f", sheet “{preview.report.sheet}”" if preview.report.sheet else ""
    _say(f"{name}{sheet}: headings in line {header.line}, balances as of {as_of} ({preview.age.value})")
    for field in Field:
        at = columns.of.get(field)
        if at is not None:
            _say(f"  {field.value:16} {header.headings[at]}")
    if columns.aging:
        _say(f"  {'balance':16} sum of {', '.join(header.headings[at] for at in columns.aging)}")
    flags = [header.headings[at] for at in header.flags if at != columns.of.get(Field.STATUS)]
    if flags:
        _say(f"  {'also read:':16} {', '.join(flags)}")
    used = {*columns.of.values(), *columns.aging, *header.flags}
    names = [held for at, held in enumerate(header.headings) if held and at not in used]
    if names:
        _say(f"  not used:        {', '.join(names)}")
    columns.check(customer_told=preview.answers.customer is not None)
    _show_survey(preview)
    for question in preview.questions:
        raise KnownError(question.sentence, question.answer)


def _show_survey(preview: Preview) -> None:
    survey = preview.survey
    proven = survey.proofs.first.get(preview.reading.date_order)
    if proven is not None:
        order = {DateOrder.MONTH_FIRST: "month", DateOrder.DAY_FIRST: "day"}[preview.reading.date_order]
        _say(f"  dates:           {order} first, as line {proven.line} proves: {proven.text}")
    if preview.reading.decimal is DecimalSign.COMMA:
        _say("  amounts:         with a decimal comma")
    for sheet in preview.other_sheets:
        _say(f"  sheet “{sheet}” seems to have invoices too, and is not read")
    first = "" if survey.whole else "first rows: "
    refused = f", {len(survey.rejects):,} rows refused" if survey.rejects else ""
    _say(f"  {first}{survey.accepted:,} invoices, {survey.open_total.shown} open{refused}")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise KnownError("A file of this shape is new.", "Check the columns above, then say --yes.")
    return input("Are these columns right? [y/N] ").strip().lower() in ("y", "yes")


def _progress(progress: Progress) -> None:
    if sys.stderr.isatty():
        print(f"\r{progress.done:4.0%} {progress.accepted:,} rows", end="", file=sys.stderr, flush=True)


def _tell(desk: Desk, report: ImportReport) -> None:
    if report.same:
        print(f"Nothing changed: this very file was imported before. {_said(desk, report.run)}")
        _tell_open(report.run)
        return
    print(_said(desk, report.run))
    for count, what in (
        (report.skipped, "titles, totals, blank rows and direct-bill items left out"),
        (report.newer, "invoices were read later than this file, and stay as they are"),
        (report.customers, "customers"),
        (report.lost_count, "optional cells could not be read, and were left blank"),
    ):
        if count:
            print(f"  {count:,} {what}")
    for figure in report.figures:
        print(f"  line {figure.line}: {_figure(figure)}")
    _tell_rows(report.lost[:3])
    _tell_rows(report.rejects[:_SHOWN])
    if len(report.rejects) > _SHOWN:
        print(f"  and {len(report.rejects) - _SHOWN:,} more: save them with --rejected FILE")
    _tell_open(report.run)


def _figure(figure: OwnFigure) -> str:
    from paydesk.domain.money import Money

    is_count, said, found = figure.is_count, figure.said, figure.found
    if figure.is_page:
        return f"the last page is {found:,} of {said:,}"
    kind = "count" if is_count else "total"
    said_text, found_text = (f"{said:,}", f"{found:,}") if is_count else (str(Money(said)), str(Money(found)))
    if said == found:
        return f"its own {kind} {said_text} is that of its rows"
    return f"its own {kind} is {said_text}, and its rows give {found_text}"


def _tell_rows(rejects: Sequence[Reject]) -> None:
    for reject in rejects:
        print(f"  line {reject.line}: {reject.reason}")


def _tell_open(run: ImportRun) -> None:
    from paydesk.services.invoices.import_words import not_closed

    if said := not_closed(run):
        print(f"  {said}")
    if run.asks:
        print(f"  If they are really closed, confirm the number: {COMMAND} import --close {run.missing}")


def _said(desk: Desk, run: ImportRun) -> str:
    words = (
        f"{run.file_name}, {_when(desk, run.started_at)}: {run.accepted:,} invoices, "
        f"{run.open_total.shown} open, {run.closed:,} closed, {run.rejected:,} rejected"
    )
    return f"{words}, undone" if run.undone_at else words


def _when(desk: Desk, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(desk.settings.time_zone)):%Y-%m-%d %H:%M}"
