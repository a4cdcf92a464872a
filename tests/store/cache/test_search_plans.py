"""The search's own reads use indexes, so that they stay quick among a million rows."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from paydesk.store.cache.search import SearchIndex
from tests.fakes.memory import PLACE, MemoryLedger

READS = {
    "sums": lambda index: index.sums(["1001", "1002"]),
    "with_payments": lambda index: index.with_payments(["1001", "1002"]),
    "numbered": lambda index: index.numbered("50123"),
    "paid": lambda index: index.paid("5012", 20),
}


@pytest.mark.parametrize("read", READS)
def test_every_read_of_the_search_is_an_index_search(read: str) -> None:
    engine = MemoryLedger().engine
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cur, sql, values, _ctx, _many: asked.append((sql, values)),
    )
    READS[read](SearchIndex(engine, PLACE))
    [(sql, values)] = [one for one in asked if one[0].lstrip().upper().startswith("SELECT")]
    with engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any("SEARCH" in step for step in plan)
    assert not [step for step in plan if step.startswith("SCAN")], plan
