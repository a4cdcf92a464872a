"""The messages if a system does not answer, and their effect in the window."""

from __future__ import annotations

import re

import pytest

from paydesk.domain.errors import NoAnswer, System
from paydesk.gateways.http import messages
from paydesk.gateways.http.call import CallFailed, Distrust, NeverSent, NotTrusted
from paydesk.gateways.http.messages import ServiceMessages

WEB_SERVICE = ServiceMessages(System.AGENCY_SYSTEM, "the password", "AMS360's web service")


@pytest.mark.parametrize(
    ("failure", "connected"),
    [(NeverSent("no connection"), False), (CallFailed("the answer was cut off"), True)],
)
def test_no_answer_tells_who_and_whether_a_connection_stood(failure: CallFailed, connected: bool) -> None:
    error = WEB_SERVICE.unreachable(failure)
    assert isinstance(error, NoAnswer)
    assert (error.system, error.connected) == (System.AGENCY_SYSTEM, connected)


@pytest.mark.parametrize(
    ("distrust", "words"),
    [
        (Distrust.UNKNOWN_ISSUER, r"exempt www\.ams360\.com and wsapi\.ams360\.com \(docs/windows\.md\)"),
        (Distrust.OUT_OF_DATE, "date and time"),
        (Distrust.OTHER_NAME, "guest network"),
        (Distrust.OTHER, "^Stop, and ask your administrator"),
    ],
)
def test_an_administrator_reads_what_may_be_in_the_way(distrust: Distrust, words: str) -> None:
    error = WEB_SERVICE.unreachable(NotTrusted("its certificate is not valid", distrust))
    assert re.search(words, error.for_admin)
    assert error.next_step == "Stop, and ask your administrator to check the network."


def test_a_proxy_of_the_computer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ServiceMessages(System.PROCESSOR, "the keys")
    monkeypatch.setattr(messages, "getproxies", lambda: {"https": "http://proxy.example:3128"})
    error = asked.unreachable(NeverSent("no connection"))
    assert "Allow direct connections to api.anddone.com and api.uat.anddone.com" in error.for_admin
    assert "proxy.example" not in error.for_admin, "its address may hold a password"
    assert error.next_step == "Check the internet connection."
    monkeypatch.setattr(messages, "getproxies", dict)
    assert asked.unreachable(NeverSent("no connection")).for_admin == "Check the internet connection."


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_system_is_reachable(status: int) -> None:
    error = WEB_SERVICE.refused(status)
    assert isinstance(error, NoAnswer)
    assert error.connected


def test_an_untrusted_server_and_a_refusal_are_answers() -> None:
    assert not isinstance(WEB_SERVICE.unreachable(NotTrusted("its certificate is not valid")), NoAnswer)
    assert not isinstance(WEB_SERVICE.refused(403), NoAnswer)
