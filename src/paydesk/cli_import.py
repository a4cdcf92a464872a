"""``paydesk import``: open receivables from a report, looked at first, undone when it was the wrong one."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paydesk.domain.errors import KnownError
from paydesk.domain.importing import Field, Scope
from paydesk.paths import Paths

if TYPE_CHECKING:
    from paydesk.domain.importing import ImportReport, ImportRun
    from paydesk.services.desk import Desk
    from paydesk.services.importing import Preview, Progress

_SHOWN = 20
"""So many rejected rows are printed; the file that --rejected names has them all."""


def add_import(parser: argparse.ArgumentParser) -> None:
    """``paydesk import``."""
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="CSV or XLSX")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=HEADING",
        help=f"which heading a field has; fields: {', '.join(Field)}; no heading takes the field away",
    )
    parser.add_argument("--as-of", type=datetime.fromisoformat, metavar="TIME", help="when its balances held")
    parser.add_argument(
        "--customers", action="store_true", help="the file is complete for the customers in it, not for all"
    )
    parser.add_argument("--yes", action="store_true", help="the columns are right: do not ask")
    parser.add_argument("--rejected", type=Path, metavar="CSV", help="save the rejected rows here")
    parser.add_argument("--undo", action="store_true", help="take the newest import back")
    parser.add_argument("--list", action="store_true", help="show the imports so far")
    parser.set_defaults(command=_import)


def _import(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.app import open_desk

    running = open_desk(paths)
    try:
        desk = running.desk
        if options.list:
            for run in desk.importing.runs():
                print(_said(desk, run))
        elif options.undo:
            print(f"Taken back: {_said(desk, desk.importing.undo())}")
        elif options.file is None:
            raise KnownError("Say which file to import.", "paydesk import FILE")
        else:
            _one_file(desk, options)
        return 0
    finally:
        running.close()


def _one_file(desk: Desk, options: argparse.Namespace) -> None:
    from paydesk.services.importing import rejects_csv

    preview = _corrected(desk, desk.importing.preview(options.file.absolute()), options)
    _show(desk, preview)
    if not (options.yes or (preview.confirmed and not options.column) or _agreed()):
        raise KnownError("Nothing was imported.", "Name the right headings with --column FIELD=HEADING.")
    scope = Scope.CUSTOMERS if options.customers else Scope.WHOLE
    report = desk.importing.run(preview, scope=scope, on_progress=_progress)
    _tell(desk, report)
    if options.rejected and report.rejects:
        options.rejected.write_bytes(rejects_csv(report.rejects))
        print(f"All rejected rows: {options.rejected}")


def _corrected(desk: Desk, preview: Preview, options: argparse.Namespace) -> Preview:
    header = preview.header
    for correction in options.column:
        name, _, heading = correction.partition("=")
        if name not in list(Field):
            raise KnownError(f"There is no field “{name}”.", f"Fields: {', '.join(Field)}.")
        header = header.with_column(Field(name), heading)
    as_of = options.as_of
    if as_of is not None and as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=ZoneInfo(desk.settings.time_zone))
    return replace(preview, header=header, as_of=as_of or preview.as_of)


def _show(desk: Desk, preview: Preview) -> None:
    header = preview.header
    name, as_of = preview.report.path.name, _when(desk, preview.as_of)
    print(f"{name}: headings in line {header.line}, balances as of {as_of}")
    for field in Field:
        at = header.columns.of.get(field)
        if at is not None:
            print(f"  {field.value:16} {header.headings[at]}")
    if header.columns.aging:
        print(f"  {'balance':16} sum of {', '.join(header.headings[at] for at in header.columns.aging)}")
    unused = set(range(len(header.headings))) - set(header.columns.of.values()) - set(header.columns.aging)
    names = [header.headings[at] for at in sorted(unused) if header.headings[at]]
    if names:
        print(f"  not used:        {', '.join(names)}")
    header.columns.check()


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
        return
    print(_said(desk, report.run))
    for count, what in (
        (report.skipped, "titles, totals, blank rows and direct-bill items left out"),
        (report.newer, "invoices were read later than this file, and stay as they are"),
        (report.customers, "customers"),
    ):
        if count:
            print(f"  {count:,} {what}")
    for reject in report.rejects[:_SHOWN]:
        print(f"  line {reject.line}: {reject.reason}")
    if len(report.rejects) > _SHOWN:
        print(f"  and {len(report.rejects) - _SHOWN:,} more: save them with --rejected FILE")


def _said(desk: Desk, run: ImportRun) -> str:
    words = (
        f"{run.file_name}, {_when(desk, run.started_at)}: {run.accepted:,} invoices, {run.open_total} open, "
        f"{run.closed:,} closed, {run.rejected:,} rejected"
    )
    return f"{words}, undone" if run.undone_at else words


def _when(desk: Desk, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(desk.settings.time_zone)):%Y-%m-%d %H:%M}"
