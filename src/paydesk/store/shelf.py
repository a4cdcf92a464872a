"""What looks after the cache and finds in it, over one ledger database."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from paydesk.store.refresh_list import RefreshRows
from paydesk.store.retention import Retention
from paydesk.store.search import SearchIndex, SearchWalk


@dataclass(frozen=True, slots=True)
class Shelf:
    """The cache's index, its walk, whom to refresh, and what to let go."""

    index: SearchIndex
    walk: SearchWalk
    refresh_list: RefreshRows
    retention: Retention


def shelf_of(engine: sa.Engine, path: str) -> Shelf:
    """All of it over that ledger; ``path`` is how sentences name it."""
    return Shelf(
        SearchIndex(engine, path),
        SearchWalk(engine, path),
        RefreshRows(engine, path),
        Retention(engine, path),
    )
