"""WSAPI's namespaces and the declared order of its elements, from ``ams360-wsapi.md``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPERATIONS: Final = "http://www.WSAPI.AMS360.com/v3.0"
DATA: Final = "http://www.WSAPI.AMS360.com/v3.0/DataContract"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
ACTION: Final = f"{OPERATIONS}/WSAPIServiceContract/"

ELEMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Login": ("AgencyNo", "LoginId", "Password", "EmployeeCode"),
    "Logout": (),
    "AgencyInfoGet": (),
    "BankGetListAll": (),
    "CustomerGetByNumber": ("CustomerNumber",),
    "CustomerGetById": ("CustomerId",),
    "CustomerActivityInsert": (
        "ActivityDate", "ActivityTime", "ClaimId", "CompanyCode", "Description", "CustomerId",
        "ActivityAction", "EmployeeCode", "TransactionEffectiveDate", "PolicyId", "ActivityId", "Attachments",
    ),
    "CustomerNoteInsert": (
        "CustomerId", "NoteText", "NoteDate", "NoteId", "PurgeDate", "Priority", "Attachment", "IsSticky",
        "ClaimId", "PolicyId", "IsNoteTruncated",
    ),
}  # fmt: skip
"""What each request may hold, in this order; none for an operation without a request."""

WRAPPERS: Final[Mapping[str, str]] = {
    "CustomerActivityInsert": "CustomerActivity",
    "CustomerNoteInsert": "CustomerNote",
}

BANKS: Final = "<d:BankInfoList>{}</d:BankInfoList>".format(
    "".join(
        f"<d:BankInfo><d:BankCode>{code}</d:BankCode><d:BankName>{name}</d:BankName>"
        f"<d:ShortName>{short}</d:ShortName><d:BankAccountNumber>000123456789</d:BankAccountNumber>"
        f"<d:RoutingNumber>011000138</d:RoutingNumber><d:GLNumber>1000</d:GLNumber>"
        f"<d:AccountType>C</d:AccountType><d:GLDivisionCode>{division}</d:GLDivisionCode>"
        f"<d:IsInactive>{inactive}</d:IsInactive></d:BankInfo>"
        for code, name, short, division, inactive in (
            ("TR1", "Example Trust Account", "TRUST1", "AA1", "false"),
            ("OLD", "Example Closed Account", "OLD1", "AA1", "true"),
        )
    )
)
