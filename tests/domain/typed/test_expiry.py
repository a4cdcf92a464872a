"""An expiry is read in every usual form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.typed.expiry import expiry_in

DECEMBER = """12/28|12/2028|12-28|1228|12 28|2028-12|2028/12|Dec 2028|exp 12/28|EXP: 12/2028|dec. 28
expires 12/28|expiration date: 12/28|valid thru 12/28|good thru 12-28|Dec-28|December 2028|12.28|12/'28
2028 Dec|12/31/2028|2028-12-31|202812|122028|１２/２８|12–28|12∕28|12 / 2028| 12/28 |12\\28|12/28\u200b
١٢/٢٨|Exp. Date: 12/28|Expires on 12/28|(12/28)|[12/28]|12/28.|"12/28"|MM/YY: 12/28|12/28 (MM/YY)|12/31/28
12-31-2028|12.31.2028|Dec 31, 2028|31 Dec 2028|31-Dec-2028|December 31st 2028|2028-12-31T00:00:00Z
ExpDate=1228|exp_date:12/28|12/28 exp|12/28 expires|Exp Mo/Yr 12/28|card expires 12/28|thru 12/28|end 12/28
20281231|12312028|card: exp Dec '28|valid: 12/2028.|12/01/28|1-Dec-2028"""


@pytest.mark.parametrize("text", DECEMBER.replace("\n", "|").split("|"))
def test_december_2028(text: str) -> None:
    assert expiry_in(text) == (12, 2028)


@pytest.mark.parametrize(
    "text", ["1/28", "01/28", "1/2028", "1-28", "Jan/28", "2028-1", "128", "12028", "0128"]
)
def test_january_2028(text: str) -> None:
    assert expiry_in(text) == (1, 2028)


@pytest.mark.parametrize("text", ["", "1", "12/", "08/2", "exp", "12/280", "11/20131", "hello", "12/28 737"])
def test_no_whole_expiry(text: str) -> None:
    assert expiry_in(text) is None


@pytest.mark.parametrize(
    ("text", "read"), [("13/30", (13, 2030)), ("00/30", (0, 2030)), ("3030", (30, 2030))]
)
def test_an_impossible_month_is_read_so_that_it_can_be_said(text: str, read: tuple[int, int]) -> None:
    assert expiry_in(text) == read


@given(
    st.integers(1, 12),
    st.integers(2024, 2060),
    st.sampled_from(["{m:02}/{s:02}", "{m}/{s:02}", "{m:02}{s:02}", "{y}-{m:02}", "{m:02}/{y}", "{m} / {y}"]),
)
def test_each_form_is_read_back(month: int, year: int, form: str) -> None:
    assert expiry_in(form.format(m=month, s=year % 100, y=year)) == (month, year)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "12/28 to 12/29",
            "4111111111111111 12/28",
            "28 May",
            "may",
            "12//28/",
            "exp date",
            "12-8",
            "1228737",
        ),
        *("12/28" + " " * 100 + "x", "exp " * 10_000, "_" * 100_000),
    ],
)
def test_more_than_an_expiry_is_none(text: str) -> None:
    assert expiry_in(text) is None
