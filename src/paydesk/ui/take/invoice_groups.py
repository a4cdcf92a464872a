"""The lines above the groups of a customer's invoices: overdue, due, credits, and what is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from paydesk.domain.invoices.selection import Group, Row
from paydesk.domain.money import total
from paydesk.ui.lists.model import Band
from paydesk.ui.take.words import selection as words

_PAYABLE = (Group.OVERDUE, Group.DUE)


def bands(rows: Sequence[Row], groups: Sequence[Group]) -> Mapping[int, Band]:
    """Return the band above the first row of each group, by row. ``groups`` are those of the rows.

    A group of which everything was paid meanwhile is called so.
    """
    open_groups = {group for row, group in zip(rows, groups, strict=True) if row.payable}
    now = [one if one not in _PAYABLE or one in open_groups else Group.NOT_PAYABLE for one in groups]
    found = {}
    for group, places in groupby(range(len(rows)), key=lambda place: now[place]):
        first, *others = places
        members = [rows[place] for place in (first, *others)]
        counted = [row for row in members if row.payable] if group in _PAYABLE else members
        owed = total(row.owed for row in counted)
        found[first] = Band(words.group(group, len(counted)), words.group_sum(group, owed))
    return found
