"""The services of an agency that uses files, over a test's ledger."""

from __future__ import annotations

from pathlib import Path

from paydesk.domain.invoices.importing import ImportReport, Scope
from paydesk.gateways.files.reports import ReportFile
from paydesk.services.invoices.files_source import FilesSource
from paydesk.services.invoices.import_preview import Answers
from paydesk.services.invoices.importing import Importing
from paydesk.store.cache.imports import SqlImports
from tests.fakes.ledger import LedgerMaker


class Files:
    """The services of an agency that uses files."""

    def __init__(self, new_ledger: LedgerMaker, desk: str = "Front-1") -> None:
        self.ledger, self.cache = new_ledger(desk)
        self.clock = new_ledger.clock
        who = (desk, "Dana")
        self.imports = SqlImports(new_ledger.engine(), self.clock, who=who, path=new_ledger.place)
        self.importing = Importing(
            self.imports,
            ReportFile,
            self.clock,
            "America/New_York",
        )
        self.source = FilesSource(self.cache, self.imports)

    def take(
        self,
        path: Path,
        scope: Scope | None = Scope.WHOLE,
        close: int | None = None,
        answers: Answers | None = None,
    ) -> ImportReport:
        """Import a file as the command does after a yes."""
        return self.importing.run(self.importing.preview(path, answers), scope=scope, close=close)

    def balances(self, *numbers: str) -> list[int | None]:
        """Return the cents that the cache knows as owed, None for an unknown invoice."""
        found = [self.cache.invoice(number) for number in numbers]
        return [invoice.balance.cents if invoice else None for invoice in found]
