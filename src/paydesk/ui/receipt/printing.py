"""The printers of a desk: one for each paper, remembered, and the two switches of printing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSizeF, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from paydesk.domain.errors import KnownError
from paydesk.domain.receipt import Paper
from paydesk.ui.kit.preferences import Preferences, Switch
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt import print_and_save, words

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


@dataclass(frozen=True, slots=True)
class Job:
    """A document to print. ``name`` names it in the printer's queue, and a PDF that the system makes of it.

    ``page`` is the size of its pages in points. ``draw`` runs on a worker thread. ``save`` asks for a file
    and saves the document, for a printer that makes PDF files of pictures.
    """

    name: str
    what: str
    paper: Paper
    page: QSizeF
    draw: Callable[[QPrinter], None]
    save: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The page that printed, and its two slots for what became of the job."""

    page: QWidget
    done: Callable[[str], None]
    failed: Callable[[Exception], None]


class Printers(QObject):
    """Prints without asking, or asks and remembers the answer. No printer ever holds the window up.

    ``missed`` carries the job and the error of what was not printed, once its page is closed. Tests replace
    ``choose``, which asks the clerk, and ``open``, which finds a printer by its name.
    """

    missed = Signal(object, object)

    def __init__(self, lanes: Lanes, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._lanes, self.preferences = lanes, preferences
        self._away: set[str] = set()
        """Printers that were not there the last time. The next time, the clerk is asked."""
        self.choose: Callable[[QWidget, Job, str], QPrinter | None] = _ask
        self.open: Callable[[Job, str], QPrinter] = _open

    def remembered(self, paper: Paper) -> str:
        """Return the name of the printer of that paper, or ``""``."""
        return self.preferences.printer(paper)

    def asks(self, paper: Paper) -> bool:
        """Return True if the clerk is asked for a printer of that paper."""
        name = self.remembered(paper)
        return not name or name in self._away or not self.preferences.is_on(Switch.PRINT_WITHOUT_ASKING)

    def print(self, job: Job, told: Told, *, ask: bool = False) -> bool:
        """Print on the remembered printer, or ask for one first. Returns False if nothing is printed."""
        if not ask and not self.asks(job.paper):
            self.print_alone(job, told)
            return True
        printer = self.choose(told.page, job, self.remembered(job.paper))
        if printer is None:
            return False
        if job.save is not None and print_and_save.makes_pictures(printer):
            job.save()
            return False
        if not printer.outputFileName() and printer.printerName():
            self._away.discard(printer.printerName())
            self.preferences.keep_printer(job.paper, printer.printerName())
        self._run(job, told, lambda: printer)
        return True

    def print_alone(self, job: Job, told: Told) -> None:
        """Print on the remembered printer, and never ask."""
        name = self.remembered(job.paper)
        if name:
            self._run(job, told, lambda: self.open(job, name))
        else:
            told.failed(KnownError(words.NO_PRINTER_YET, words.CHOOSE_ONCE))

    def _run(self, job: Job, told: Told, printer: Callable[[], QPrinter]) -> None:
        """Find the printer and draw on a worker thread, even if the page is closed meanwhile."""

        def work() -> str:
            found = printer()
            job.draw(found)
            return print_and_save.printed_words(found, job.page)

        def failed(error: Exception) -> None:
            if isinstance(error, print_and_save.PrinterAway):
                self._away.add(error.printer)
            if isValid(told.page):
                told.failed(error)
            else:
                self.missed.emit(job, error)

        def done(said: str) -> None:
            if isValid(told.page):
                told.done(said)

        self._lanes.lookup.run(work, done, failed, self)


def _ask(parent: QWidget, job: Job, remembered: str) -> QPrinter | None:
    return print_and_save.ask_for_printer(parent, job.page, job.name, job.what, remembered)


def _open(job: Job, name: str) -> QPrinter:
    return print_and_save.printer_named(name, job.page, job.name)
