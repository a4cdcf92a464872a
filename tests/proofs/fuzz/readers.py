"""The readers, each as a function of bytes: True for a value, False for the error that it declares.

Whatever else it raises is a fault, and so is a value that cannot be: an approval without its status and
amount, a balance beyond what the ledger holds, a card number that was left in a text.
"""

from __future__ import annotations

import contextlib
import json
import math
import socket
import tempfile
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from paydesk.config.declare import declared
from paydesk.config.keys import KeyStore
from paydesk.config.settings import Settings
from paydesk.config.settings_file import load, with_choices
from paydesk.domain import stored
from paydesk.domain.errors import BugError, KnownError, UnreadableError
from paydesk.domain.invoices.invoice import Customer
from paydesk.domain.money import LARGEST_CENTS, Money
from paydesk.domain.outcome import (
    AchStatus,
    Approved,
    Charge,
    ChargeStatus,
    Declined,
    Expiry,
    NoCharge,
    Voided,
)
from paydesk.domain.payment import LONGEST_LIFE_S, OfferKind
from paydesk.domain.posting import Posted
from paydesk.domain.refund import RefundKind, RefundOrder, RefundTaken
from paydesk.domain.typed import (
    card_numbers,
    days,
    digits,
    expiry,
    numbers,
    payment_search,
    phones,
    post_codes,
)
from paydesk.gateways.ams360 import answers as ams360
from paydesk.gateways.ams360 import posting, wsapi
from paydesk.gateways.ams360.names import NAMES
from paydesk.gateways.ams360.session import end_of, message_of
from paydesk.gateways.ams360.soap import Answer
from paydesk.gateways.anddone import answers as anddone
from paydesk.gateways.anddone import links, names, refunds
from paydesk.gateways.anddone.expiries import expiry_in
from paydesk.gateways.anddone.payment_list import is_page_or_refusal
from paydesk.gateways.anddone.rows import Row
from paydesk.gateways.anddone.transaction import error_key
from paydesk.gateways.files.reports import ReportFile
from paydesk.gateways.http.call import Call, CallFailed, Limits, Reply
from paydesk.gateways.http.client import Client
from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.gateways.http.redact import redacted
from paydesk.receipts.pdf import render
from paydesk.sandbox.state import StateFile
from paydesk.services.invoices.import_preview import Answers, age_of, customer_in, survey_of
from paydesk.store.ledger.offer_journal import FileJournal
from tests.gateways import made

_TODAY = date(2026, 8, 14)
_NOW = datetime(2026, 8, 14, tzinfo=UTC)
_CUSTOMER = Customer("1001", "Sample Bakery LLC", "c-1001")
_FOLDER = Path(tempfile.mkdtemp(prefix="paydesk-fuzz-"))


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader, and the pieces of its language."""

    read: Callable[[bytes], bool]
    tokens: tuple[bytes, ...]


# ---- reports ------------------------------------------------------------------------------------------


def _report(body: bytes, name: str) -> bool:
    path = _FOLDER / name
    path.write_bytes(body)
    return _imported(path)


def _imported(path: Path) -> bool:
    """Do all that a preview and an import do with a file."""
    try:
        report = ReportFile(path)
        found = report.headers()
        header = report.header() or report.guess()
        report.first_rows()
        if header is None:
            return False
        assert len(found) <= 30
        assert report.header_in(header.line) is not None
        survey, reading = survey_of(report, header, Answers())
        age_of(report, survey, reading, Answers(), _NOW, UTC)  # type: ignore[arg-type]  # any zone will do
        report.other_sheets(header)
        header.columns.check()
        converter = report.converter(header, reading)
        for lines, rows in report.chunks(50, header):
            converted = converter.convert(lines, rows)
            assert len(converted.lines) == len(converted.invoices)
            for row in converted.invoices:
                assert abs(row[4]) <= LARGEST_CENTS
                assert row[0].replace("-", "").isdigit()
                assert row[1].isdigit()
                assert not card_numbers.any_holds_card_data([text for text in row if isinstance(text, str)])
        converter.figures()
        return survey.accepted > 0
    except UnreadableError as surprise:
        raise AssertionError(surprise.sentence) from surprise
    except KnownError:
        return False


def _csv(body: bytes) -> bool:
    return _report(body, "report.csv")


_PART = b"\n== "


def _workbook(body: bytes) -> bool:
    """Read a workbook whose parts stand in one text, each below a line ``== name``."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for at, part in enumerate((b"\n" + body).split(_PART)[1:]):
            name, _, content = part.partition(b"\n")
            title = name.decode("latin-1").replace("\x00", "") or str(at)
            with warnings.catch_warnings(action="ignore"):  # two parts of a name
                file.writestr(title, content)
    return _report(packed.getvalue(), "report.xlsx")


def _zip(body: bytes) -> bool:
    return _report(body, "raw.xlsx")


# ---- answers ------------------------------------------------------------------------------------------


def _reply(body: bytes) -> Reply:
    """Return the answer whose status is the first line."""
    first, _, rest = body.partition(b"\n")
    return Reply(int(first) if first.isdigit() and len(first) == 3 else 200, rest)


def _said(reply: Reply) -> Mapping[str, Any]:
    """Return the fields of an answer as another reader of JSON sees them."""
    held = json.loads(reply.body, parse_float=Decimal)
    return {key.lower(): value for key, value in held.items()}


def _anddone(body: bytes) -> bool:
    reply, request = _reply(body), made.request()
    outcome, finding = anddone.to_outcome(reply, request), anddone.to_finding(reply, request)
    # An answer to a charge says that it is taken. Details also say what became of it later.
    for found, statuses in ((outcome, names.TAKEN), (finding, names.TAKEN_ONCE)):
        if isinstance(found, Approved):
            _really_approved(found, reply, statuses)
        if isinstance(found, Declined):
            assert reply.status in (200, 201, 400)
    if isinstance(finding, NoCharge):
        assert reply.status == 404
    charge_status = anddone.to_charge_status(reply, request, "txn-1")
    ach_status = anddone.to_ach_status(reply, request, "txn-1")
    if (charge_status, ach_status) != (ChargeStatus.UNCLEAR, AchStatus.UNCLEAR):
        assert _said(reply)["transactionid"].strip() == "txn-1"
    voided = anddone.to_void_outcome(reply, "txn-1")
    if isinstance(voided, Voided):
        assert reply.status == 200
        assert _said(reply)["transactionid"].strip() == "txn-1"
    expired = _known(expiry_in, reply)
    if expired is Expiry.EXPIRED:
        assert reply.status in (200, 201, 400)
    error_key(reply)
    with contextlib.suppress(WrongAnswer):
        redacted(reply.fields().held())
    return isinstance(outcome, Approved | Declined) or isinstance(finding, NoCharge) or bool(expired)


def _really_approved(found: Approved, reply: Reply, statuses: frozenset[str]) -> None:
    """Raise unless the answer plainly is an approval of our amount."""
    assert reply.status in (200, 201)
    said, subtotal = _said(reply), made.request().draft.quote.subtotal
    assert said["transactionstatus"].strip() in statuses
    assert found.charged >= subtotal
    told = [value for key, value in _every(said) if key.lower() in ("subtotalamount", "amount")]
    amounts = [value for value in told if isinstance(value, int | float | Decimal)]
    assert any(Decimal(str(value)) == subtotal.dollars for value in amounts)
    assert found.processor_ref


def _every(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    yield name, value
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _every(held, key)
    elif isinstance(value, list):
        for held in value:
            yield from _every(held, name)


def _known(read: Callable[..., Any], *of: object, **more: object) -> Any:
    try:
        return read(*of, **more)
    except (KnownError, WrongAnswer):
        return None


def _link(body: bytes) -> bool:
    reply, request = _reply(body), made.request()
    address = _known(links.made_link, reply, request, 86_400, _HOST, Money(6_23))
    if address is not None:
        assert links.is_of_vendor(address.url, _HOST)
        assert address.token
    state = _known(lambda: links.link_state(reply.fields(), "link-1", request.title))
    return address is not None or state is not None


def _refund(body: bytes) -> bool:
    reply, request = _reply(body), made.request()
    outcome = refunds.to_refund_outcome(reply, _REFUND)
    if isinstance(outcome, RefundTaken):
        assert reply.status in (200, 201)
        assert _said(reply)["referencetransactionid"].strip() == _REFUND.processor_ref
        assert outcome.processor_ref not in ("", _REFUND.processor_ref)
    _known(refunds.to_refund_refusal, reply)
    back = anddone.to_money_back(reply, request, "txn-1")
    if back is not None:
        assert _said(reply)["transactionid"].strip() == "txn-1"
        assert back.refunded.cents >= 0
        assert back.charged_back.cents >= 0
    return isinstance(outcome, RefundTaken) or back is not None


_HOST = "https://api.anddone.com"
_REFUND = RefundOrder("txn-1", "PDAAAAAAAAAAAAAAAAAA-R1", RefundKind.PARTIAL, Money(40_00), "Paid twice", "")


def _payment_list(body: bytes) -> bool:
    reply = _reply(body)
    is_page_or_refusal(reply)
    taken = False
    with contextlib.suppress(WrongAnswer):
        for fields in reply.fields().rows("data", of_any_kind=True):
            charge = _known(_to_charge, fields)
            if charge is not None:
                assert isinstance(charge, Charge)
                assert not (charge.live and charge.canceled)
                assert not (charge.taken and not charge.live)
                taken = True
    return taken


def _to_charge(fields: Fields) -> Charge:
    return anddone.to_charge(Row.of(fields))


def _ems(body: bytes) -> bool:
    reply, taken = _reply(body), False
    message_of(reply)
    outcome = posting.to_outcome(reply, NAMES["receipt.id"])
    if isinstance(outcome, Posted):
        assert reply.status in (200, 201)
        taken = True
    with contextlib.suppress(WrongAnswer):
        fields = reply.fields()
        rows = [fields]
        for name in fields.held():
            rows += _known(lambda at: list(fields.rows(at)), name) or []
        for row in rows:
            customer = _known(ams360.to_customer, row, NAMES)
            _known(ams360.is_canceled, row, NAMES)
            _known(ams360.is_owed_to_agency, row, NAMES)
            shown = len(row.held()) % 2 == 0
            more = {"lines_show_receipts": shown}
            invoice = _known(ams360.to_invoice, row, "50123", _CUSTOMER, NAMES, _NOW, **more)
            assert invoice is None or abs(invoice.balance.cents) <= LARGEST_CENTS
            taken = taken or customer is not None or invoice is not None
            for held in row.held().values():
                if isinstance(held, str):
                    end_of(held)
    return taken


def _soap(body: bytes) -> bool:
    try:
        answer = Answer(body)
    except WrongAnswer:
        return False
    assert isinstance(answer.ticket, str)
    for operation in ("CustomerGetByNumber", "BankGetListAll", "AgencyInfoGet", "Login"):
        answer.has(operation)
        for row in answer.each(operation, ("BankInfoList", "BankInfo"), ("BankName", "BankCode")):
            assert all(len(text) <= 4000 for text in row.values())
        found = answer.one(operation, "Customer", wsapi._CUSTOMER)
        if found is not None:
            _known(wsapi._to_customer, found)
    return answer.fault is None or len(answer.fault.message) < 1_000_000


# ---- the wire -----------------------------------------------------------------------------------------

_LIMITS = Limits(connect_s=10, read_s=20, total_s=40)


def _http(body: bytes) -> bool:
    """Send the bytes as the whole answer of a server that then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=_serve, args=(listener, body), daemon=True)
        serving.start()
        try:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
            reply = Client(_LIMITS).once(Call("POST", url, {}, {}))
        except CallFailed as failure:
            if "could not be read" in failure.why:
                raise
            return False
        finally:
            serving.join(30)
        assert 100 <= reply.status < 1000
        assert reply.body in body or b"chunked" in body.lower()
        return True


def _serve(listener: socket.socket, body: bytes) -> None:
    conn, _ = listener.accept()
    with conn, contextlib.suppress(OSError):
        conn.settimeout(20)
        got = b""
        while b"\r\n\r\n{}" not in got:
            more = conn.recv(65536)
            if not more:
                return
            got += more
        conn.sendall(body)
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(65536):
            pass


# ---- settings and saved states ------------------------------------------------------------------------


def _settings(body: bytes) -> bool:
    path = _FOLDER / "settings.toml"
    path.write_bytes(body)
    try:
        settings = load(path)
    except UnreadableError as surprise:
        raise AssertionError(surprise.sentence) from surprise
    except KnownError:
        with contextlib.suppress(KnownError):
            with_choices(Settings(training=True), path, "http://127.0.0.1:9", "login")
        return False
    for key, one, _known_facts in declared(type(settings)):
        value: Any = settings
        for name in [*key.split(".")[:-1], one.name]:
            value = getattr(value, name, None)
        assert not isinstance(value, float) or math.isfinite(value), key
    return True


def _keys(body: bytes) -> bool:
    path = _FOLDER / "keys.json"
    path.write_bytes(body)
    try:
        return bool(KeyStore(path, training=True).in_file())
    except UnreadableError as surprise:
        raise AssertionError(surprise.sentence) from surprise
    except KnownError:
        return False


def _state(body: bytes) -> bool:
    path = _FOLDER / "emulators.json"
    path.write_bytes(body)
    file = StateFile(path)
    kept = file.read()
    if kept is None:
        return False
    file.write(kept)
    assert file.read() is not None, "what was read can be kept"
    return True


def _journal(body: bytes) -> bool:
    """Read a noted offer, and expect that what is taken in is one that a desk could have made."""
    folder = _FOLDER / "paydesk.ledger.offers"
    folder.mkdir(exist_ok=True)
    (folder / "PDX.json").write_bytes(body)
    try:
        (entry,) = FileJournal(folder).entries()
    except KnownError:
        return False
    assert entry.address.kind in (OfferKind.LINK, OfferKind.HOSTED)
    assert 0 < entry.life_s <= LONGEST_LIFE_S
    assert entry.draft.quote.subtotal.cents > 0
    assert all(text.isprintable() for text in (entry.reference, entry.title, entry.address.url))
    return True


def _stored(read: Callable[[str], Any], write: Callable[[Any], str], body: bytes) -> bool:
    """Read a stored value, and expect that it is kept as it was read."""
    try:
        value = read(body.decode("utf-8", "surrogateescape"))
    except (KnownError, BugError):
        return False
    if value is None:
        return False
    assert read(write(value)) == value
    return True


def _receipt(body: bytes) -> bool:
    taken = _stored(stored.receipt_from, stored.receipt_text, body)
    if taken:
        with contextlib.suppress(KnownError):
            assert render(stored.receipt_from(body.decode("utf-8", "surrogateescape"))).startswith(b"%PDF")
    return taken


def _consent(body: bytes) -> bool:
    return _stored(stored.consent_from, stored.consent_text, body)


def _remembered(body: bytes) -> bool:
    return _stored(stored.remembered_from, stored.remembered_text, body)


# ---- what people type, paste, scan and swipe ----------------------------------------------------------


def _typed(body: bytes) -> bool:
    text = body.decode("utf-8", "surrogateescape")[:5_000]
    reading = numbers.read_invoice_number(text)
    assert all(one.replace("-", "").isdigit() for one in reading.every)
    numbers.customer_number_in(text)
    numbers.scanned(text)
    customer_in(text)
    digits.just_digits(text)
    days.days_in(text, _TODAY)
    payment_search.wanted_in(text)
    assert all(number.isdigit() for number in phones.us_numbers(text))
    post_codes.is_us_zip(text)
    post_codes.is_foreign_post_code(text)
    return bool(reading.number)


def _card(body: bytes) -> bool:
    text = body.decode("utf-8", "surrogateescape")[:5_000]
    found = card_numbers.card_numbers_in(text)
    assert all(number.isascii() and number.isdigit() and 12 <= len(number) <= 19 for number in found)
    without = card_numbers.without_card_data(text)
    assert not card_numbers.holds_card_data(without)
    for number in found:
        card_numbers.network_of(number)
        assert card_numbers.holds_card_data(text)
    ends = expiry.expiry_in(text)
    assert ends is None or (0 <= ends[0] <= 99 and 0 <= ends[1] <= 9999)
    return bool(found)


_JSON = (b"{", b"}", b"[", b"]", b":", b",", b'"', b"null", b"true", b"1", b'""')


def _words(text: str) -> tuple[bytes, ...]:
    return tuple(word.encode() for word in text.split())


_ANDDONE_WORDS = _words(
    "Authorized Approved Posted Captured Success Paid Failed Denied Cancelled Refunded Returned "
    "Chargeback Unknown PendingForAuthorized transactionId transactionStatus referenceNo "
    "subTotalAmount tenderInfo amount captureAmount adjustmentAmount convenienceAmount "
    "paymentAdjustmentType currency transactionResult success merchantReference reasonCode "
    "reasonMessage errorCode errorMessage message isSuccessStatusCode data totalRowCount "
    "customFields USD CAD PD-7K2M-A1 txn-1 178.00 178 184.23 6.23 true false 200 201 400 404 ACH "
    "CreditCard"
)
_LINK_WORDS = _words(
    "id link-1 shortLink paymentLink https://link.anddone.com/x https://evil.example/x file:///x linkStatus "
    "Active Expired payments noOfPaymentMade totalPaidAmount expireIn expireInUnit Minutes 1440 title "
    "overrideTechnologyFee displaySettings intent paymentTypes"
)
_REFUND_WORDS = _words(
    "referenceTransactionId operationType Refund Void refundEligible refundTransactions totalRowCount "
    "Total Subtotal Partial "
    "chargebackAmount PDAAAAAAAAAAAAAAAAAA-R1 remarks 40.0 PartiallyRefunded"
)
_XLSX_WORDS = _words(
    '<row> <row/> </row> <c> </c> <v> </v> <f> </f> <is> <t> </t> <si> r="A1" r="XFD1048576" '
    'r="1" t="s" t="n" t="d" t="b" t="e" t="str" t="inlineStr" s="1" s="99" <mergeCell '
    'ref="A1:A9" date1904="1" numFmtId="14" <xf <rPh> state="hidden" <!DOCTYPE <dimension == '
    'encoding="utf-16" encoding="cp037" xmlns="x" sheetData worksheet 45000'
)
_CSV_WORDS = _words(
    "Invoice Customer Name Balance Due Zip Total Count: invoices Grand Page 1-30 Current (5.00) "
    '5.00- 1,250.00 1.250,00 8/14/2026 14.08.2026 As of sep=; CR $ ,, "" ;;; Continued 50123 1001 '
    "A P Direct"
)
_HTTP_WORDS = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 204 x\r\n",
    b"Content-Length: 2\r\n",
    b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"Date: Fri, 14 Aug 2026 10:00:00 GMT\r\n",
    b"2\r\n{}\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"-1\r\n",
    b": x\r\n",
    b"Location: /x\r\n",
    b"Set-Cookie: a=b\r\n",
)
_SOAP_WORDS = _words(
    "<a> </a> <a/> xmlns= soap:Envelope soap:Body soap:Fault soap:Header Customer CustomerId "
    "CustomerNumber FirmName BankInfoList BankInfo BankName <!DOCTYPE <!ENTITY &amp; &a; "
    "<![CDATA[ ]]> <?xml encoding='utf-16' Ticket detail Message"
)
_TOML_WORDS = (
    b"[",
    b"]",
    b"[[",
    b"]]",
    b"=",
    b'"',
    b"'''",
    b"{",
    b"}",
    b"\n[agency]\n",
    b"\n[fees]\n",
    b"\n[ams360]\n",
    b"\n[anddone]\n",
    b"\nread_timeout_s = ",
    b"inf",
    b"nan",
    b"1e400",
    b"0x10",
    b"1979-05-27",
    b"07:32:00",
    b"true",
    b"-1",
    b'"3.5"',
    b'"https://user:pw@x"',
    b'"live"',
    b"percent",
    b"fixed",
    b".",
    b"#",
)
_TYPED_WORDS = (
    b"50123",
    b"INV-",
    b"#",
    b"]C1",
    b"policy ",
    b"1,250.00",
    b"(508) 555-0142",
    b"8/14/2026",
    b"last week",
    b">100",
    b"02108",
    b"K1A 0B1",
    b"%B4111111111111111^SAMPLE/PAT^2812101",
    b";4111111111111111=2812101?",
    b"4111 1111 1111 1111",
    b"378282246310005",
    b"exp 12/28",
    b"cvv 737",
    b"12/28",
    b" ",
    b"-",
    b".",
    b"/",
    b"4",
    b"1",
)

READERS: dict[str, Reader] = {
    "csv": Reader(_csv, _CSV_WORDS),
    "xlsx": Reader(_workbook, _XLSX_WORDS),
    "zip": Reader(
        _zip, (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x07", b"\xff\xff\xff\xff", b"\x0e\x00")
    ),
    "anddone": Reader(_anddone, _JSON + _ANDDONE_WORDS),
    "list": Reader(_payment_list, _JSON + _ANDDONE_WORDS),
    "link": Reader(_link, _JSON + _ANDDONE_WORDS + _LINK_WORDS),
    "refund": Reader(_refund, _JSON + _ANDDONE_WORDS + _REFUND_WORDS),
    "ems": Reader(
        _ems, _JSON + tuple(name.encode() for name in NAMES.values()) + _words("Y N A D error 201 409")
    ),
    "soap": Reader(_soap, _SOAP_WORDS),
    "http": Reader(_http, _HTTP_WORDS),
    "settings": Reader(_settings, _TOML_WORDS),
    "keys": Reader(_keys, _JSON),
    "state": Reader(_state, (*_JSON, b'{"$decimal": "1"}', b'{"$decimal": "NaN"}', b'"2026-08-14T10:00:00"')),
    "journal": Reader(
        _journal, (*_JSON, b'"link"', b'"hosted"', b'"ach"', b'"policy"', b'"phone"', b"900", b"2592000")
    ),
    "receipt": Reader(
        _receipt, (*_JSON, b'"version": 9', b'"world"', b'"training"', b'"licence"', b'"tender"')
    ),
    "consent": Reader(_consent, (*_JSON, b'"phone"', b'"personal"', b'"recording"', b'"2026-08-14"')),
    "remembered": Reader(_remembered, (*_JSON, b'"balance"', b'"aging"', b'"scope"', b'"whole"')),
    "typed": Reader(_typed, _TYPED_WORDS),
    "card": Reader(_card, _TYPED_WORDS),
}
