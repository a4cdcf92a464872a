"""The training agency's customers: invented names, .example addresses, 555 telephone numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Person:
    """A customer's name and address. A firm has ``firm``, a person ``first`` and ``last``."""

    zip_code: str | None
    firm: str | None = None
    first: str | None = None
    last: str | None = None
    city: str = "Springfield"
    state: str = "MA"
    hidden: bool = False
    """True if the service user may not see the customer: AMS360 then answers 403."""

    @property
    def full_name(self) -> str:
        return self.firm or " ".join(part for part in (self.first, self.last) if part)


LONG_NAME: Final = (
    "The Association of Independent Coastal Bakers, Millers, Confectioners, Grain Merchants and Allied "
    "Trades of Greater New England, Incorporated, doing business as Sea Breeze Bakery and Catering, "
    "together with its subsidiaries, affiliates, successors and assigns, as their interests may appear, "
    "Unit 12B"
)
"""A name of three hundred characters."""


def _firm(zip_code: str | None, name: str) -> Person:
    return Person(zip_code, firm=name)


def _one(zip_code: str | None, first: str, last: str) -> Person:
    return Person(zip_code, first=first, last=last)


PEOPLE: Final[dict[int, Person]] = {
    1001: _firm("02108", "Sample Bakery LLC"),
    1002: _firm("02110-1234", "Harborview Marine Services, Inc."),
    1003: _one("01002", "Dana", "Example"),
    1004: _firm("021141234", "Fenway Couriers LLC"),
    1005: _one(None, "Robin", "Nozip"),
    1006: _one("00501", "Morgan", "Zerozip"),
    1007: _one("01060", "Avery", "Barelines"),
    1008: _one("02138", "Jordan", "Directbill"),
    1009: _firm("02139", "Three Rivers Holding Group"),
    1010: _firm("94107", "Westside Galleries"),
    1011: _one("01201", "José Ángel", "Muñoz Peña"),
    1012: _one("01103", "François", "Lefèvre-Côté"),
    1013: _firm("02111", "陳記飯店"),
    1014: _one("02111", "美玲", "王"),
    1015: _firm("01801", "مخبز النور"),
    1016: _firm("02446", "מאפיית שלום בע״מ"),
    1017: _firm("02142", "株式会社さくら保険サービス"),
    1018: _firm("01040", "Sunny Side Café 🍳🌻"),
    1019: _firm("01970", LONG_NAME),
    1020: _firm("50309", "Prairie Grain Cooperative"),
    1021: _one("02130", "Søren", "Ødegård"),
    1022: _one("02132", "Zoë", "O'Neill-Smith"),
    1023: _one("02134", "Łukasz", "Żółkiewski"),
    1024: _one("02135", "Nguyễn Thị", "Ánh"),
    1025: _firm("01002", "=SUM(A1) & Sons"),
    1026: _firm("02108", "Sample Bakery North LLC"),
    1027: _firm("02108", "<b>Bold</b> Sign Shop"),
    1028: _one("06103", "Ирина", "Петрова"),
    1029: _one("06103", "Ελένη", "Παπαδοπούλου"),
    1030: _firm("03101", "Granite State Roofing"),
    1031: _firm("03801", "Portside Fish Market"),
    1032: _one("04101", "Casey", "Lighthouse"),
    1033: _firm("05401", "Green Mountain Sugarhouse"),
    1034: _one("02903", "Riley", "Oceanstate"),
    1035: _firm("02840", "Cliffwalk Inn"),
    1036: _one("", "Quinn", "Emptyzip"),
    1037: _firm("01801", "Middlesex Machine Works"),
    1038: _one("01890", "Taylor", "Onemore"),
    1039: _one("02420", "Jamie", "Paidup"),
    1040: _firm("02421", "Minuteman Landscaping"),
    1099: Person("02108", firm="Hidden Division Client", hidden=True),
}
