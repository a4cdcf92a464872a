"""WSAPI's namespaces and the declared order of its elements, from the WSAPI v3.0 WSDL."""

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
"""Elements that each request may contain, in this order. Empty for an operation without a request."""

CUSTOMER: Final = (
    "IsActive", "AddressLine1", "AddressLine2", "CustomerNotationId", "BrokerCode", "BusinessAreaCode",
    "BusinessExtension", "BusinessPhone", "InBusinessSince", "City", "County", "AccountRepCode",
    "DateCustomerAdded", "CustomerId", "CustomerNumber", "DoingBusinessAs", "DateOfBirth", "DUNSNumber",
    "Email", "FaxAreaCode", "FaxExtension", "FaxPhone", "FederalTaxIdNumber", "FirmName", "FirstName",
    "FormalSalutation", "GLBranchCode", "GLDepartmentCode", "GLDivisionCode", "GLGroupCode",
    "InformalSalutation", "IsBenefits", "IsBrokersCustomer", "IsCommercial", "IsFinancial", "IsHealth",
    "IsLife", "IsNonPropertyAndCasualty", "IsPersonal", "LastName", "CellAreaCode", "CellExtension",
    "CellPhone", "MaritalStatus", "MiddleName", "Occupation", "PagerAreaCode", "PagerExtension", "PagerPhone",
    "AccountExecCode", "HomeAreaCode", "HomeExtension", "HomePhone", "NAICSCode", "State", "CustomerType",
    "BusinessEntityType", "WebAddress", "ZipCode", "IsSecured",
)  # fmt: skip
"""Elements of a Customer in declared order. Clients made from the WSDL refuse or lose any other."""

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
