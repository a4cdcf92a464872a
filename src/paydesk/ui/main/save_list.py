"""Save the payments of a list as a workbook or CSV: all that it shows, not only what was scrolled to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from paydesk.domain.payment import Payment
from paydesk.domain.spreadsheet import file_of
from paydesk.services.desk.day_end import payments_table
from paydesk.ui.kit import notices
from paydesk.ui.main import words
from paydesk.ui.payments.page import HistoryPage
from paydesk.ui.payments.reading import Wish, read
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt import print_and_save

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk

MOST_SAVED = 20_000
"""Maximum number of payments in one file, so that saving takes seconds. ``paydesk export`` writes more."""
_STEP = 500

AskForFile = Callable[[QWidget, str, str, str], str]


class SaveList:
    """Asks for a file and writes the payments into it. Tests replace ``choose_file``."""

    def __init__(self, page: HistoryPage, lanes: Lanes, desk: Desk) -> None:
        self._page, self._lanes, self._desk = page, lanes, desk
        self.choose_file: AskForFile = print_and_save.ask_for_file
        page.save_wanted.connect(self.save)

    def save(self, wish: Wish) -> None:
        """Ask for a file, and write what the list shows. A list sorted by hand is written as it stands."""
        desk, page = self._desk, self._page
        suggested = print_and_save.free_path(words.suggested_file(desk.today().isoformat()))
        path = self.choose_file(page, suggested, words.THE_PAYMENTS, "xlsx")
        if not path:
            return
        listed = None if page.in_time else list(page.model.rows)
        zone = ZoneInfo(desk.settings.time_zone)
        page.notice.say(words.SAVING)

        def work() -> tuple[int, bool]:
            payments, more = (listed, False) if listed is not None else all_of(desk, wish)
            print_and_save.save(file_of(payments_table(payments, zone), Path(path).suffix), path)
            return len(payments), more

        self._lanes.lookup.run(
            work,
            lambda done: page.notice.say(*words.list_saved(Path(path).name, *done), kind="good"),
            lambda error: notices.report(error, page.notice),
            page,
        )


def all_of(desk: Desk, wish: Wish) -> tuple[Sequence[Payment], bool]:
    """Return the payments of a wish, at most ``MOST_SAVED``, and True if there are more."""
    found: list[Payment] = []
    while True:
        page = read(desk, wish, found[-1].id if found else None, _STEP).found
        found += page.payments
        if not page.more or page.similar or len(found) >= MOST_SAVED:
            return found[:MOST_SAVED], page.more and not page.similar
