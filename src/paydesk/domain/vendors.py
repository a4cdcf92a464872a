"""The two vendors whose systems PayDesk works with, as sentences name them.

A sentence takes a vendor's name from here, so that another processor or agency system is named in one place.
Only its gateway and its emulator know the vendor's own words.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor by name, the place where staff can look a record up without PayDesk, and its hosts.

    ``hosts`` are those of the production service, ``test_host`` that of the test service, if it has one.
    ``batch_zone`` is the IANA time zone at whose midnight its batches run.
    """

    name: str
    portal: str
    hosts: tuple[str, ...]
    test_host: str = ""
    batch_zone: str = "UTC"


PROCESSOR = Vendor(
    name="AndDone",
    portal="AndDone's portal",
    hosts=("api.anddone.com",),
    test_host="api.uat.anddone.com",
    batch_zone="America/Chicago",
)
AGENCY_SYSTEM = Vendor(name="AMS360", portal="AMS360", hosts=("www.ams360.com", "wsapi.ams360.com"))
