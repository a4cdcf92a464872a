"""The pages in a real browser: a person types a card, fails, tries again, and pays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from paydesk.sandbox import Sandbox
from tests.browser import Browser, needs_browser
from tests.proving import together
from tests.sandbox.clients import AndDoneClient
from tests.sandbox.payer import ACCOUNT, CARD, hosted

pytestmark = [needs_browser(), *together("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


def _fill(browser: Browser, form: dict[str, str]) -> None:
    for label, text in form.items():
        if label not in ("Country", "Account type"):
            browser.write(label, text)


def test_a_clerk_types_on_the_hosted_page_and_the_first_try_fails(
    browser: Browser, anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    token = anddone.intent(178.0, invoiceNumber="50123", enablePremiumFinance=False, saveForFuture=False)
    browser.open(hosted(anddone.url, token))
    browser.see("Invoice")
    assert browser.value("document.title") == "AndDone JS"
    _fill(browser, CARD | {"Card number": "4000000000009995"})
    browser.press("Submit Payment")
    browser.see("The payment failed: Not enough balance.")
    browser.until("document.activeElement.id === 'cardNumber'")
    _fill(browser, {name: CARD[name] for name in ("Card number", "Security code")})
    browser.press("Submit Payment")
    browser.see("Thank you for your payment!")
    browser.value("location.reload()")
    browser.see("Thank you for your payment!")
    assert [charge.status for charge in contract_checked_sandbox.charges()] == ["Denied", "Authorized"]
    assert anddone.details(token).json()["transactionStatus"] == "Authorized"
    browser.open(hosted(anddone.url, token))
    browser.see("Payment intent is already processed.")


def test_a_caller_opens_the_address_of_a_link_and_pays_from_the_bank(
    browser: Browser, anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    made = anddone.link(178.0)
    browser.open(made["paymentLink"])
    browser.see("Homeowners premium, invoice 50123")
    browser.press("ACH")
    browser.see("Account number again")
    _fill(browser, ACCOUNT)
    browser.press("Submit Payment $181.00")
    browser.see("$181.00 paid by bank account ****6789.")
    assert anddone.link_details(made["id"]).json()["linkStatus"] == "Paid"


def test_the_window_follows_a_slow_payment_by_itself(
    browser: Browser, anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    contract_checked_sandbox.take_time(timedelta(minutes=5))
    browser.open(anddone.link(178.0)["paymentLink"])
    browser.see("Name on card")
    _fill(browser, CARD)
    browser.press("Submit Payment")
    browser.see("Your payment is being processed.")
    contract_checked_sandbox.advance(timedelta(minutes=5))
    browser.see("Thank you for your payment!")


def test_hostile_texts_run_nothing(browser: Browser, anddone: AndDoneClient) -> None:
    text = "</p><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    browser.open(anddone.link(paymentDescription=text)["paymentLink"])
    browser.see("document.title='ran'")
    assert browser.value("document.title") == "Payment Link"
    assert browser.value("document.scripts.length") == 0
