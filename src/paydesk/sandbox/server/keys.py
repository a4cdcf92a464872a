"""Invented keys that the emulators accept."""

from typing import Final

ANDDONE_API_KEY: Final = "sandbox-api-key"
ANDDONE_APP_KEY: Final = "SBXPAY01"
"""App key and merchant id in one, eight characters as in the vendor's samples."""
ANDDONE_ORIGIN: Final = "https://paydesk.example"
ANDDONE_VERSION: Final = "2.3"

AMS360_APP_KEY: Final = "00000000-0000-4000-8000-00000000a001"
AMS360_AGENCY_NO: Final = "9999999-1"
AMS360_ACCESS_KEY: Final = "00000000-0000-4000-8000-00000000a003"
AMS360_BANK: Final = "TRUST1"
"""Short name of the bank for training receipts."""

WSAPI_LOGIN_ID: Final = "paydesk-test"
WSAPI_PASSWORD: Final = "Example-0nly"  # noqa: S105 - opens the emulator only
