"""The cache in one ledger database: readings, retention, search and the refresh queue."""

from __future__ import annotations

import sqlalchemy as sa

from paydesk.store.cache.invoice_cache import InvoiceCache
from paydesk.store.cache.refresh_list import RefreshQueue
from paydesk.store.cache.retention import Retention
from paydesk.store.cache.search import SearchIndex, SearchIndexer


class SqlCache(InvoiceCache):
    """Customers and invoices as last seen. See the ports for each method."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        """Compose the cache of its parts. ``path`` names the ledger in sentences."""
        super().__init__(engine, path)
        retention = Retention(engine, path)
        self.index_next = SearchIndexer(engine, path).step
        self.drop_closed, self.forget = retention.drop_closed, retention.forget
        self.search = SearchIndex(engine, path)
        self.refresh_queue = RefreshQueue(engine, path)
