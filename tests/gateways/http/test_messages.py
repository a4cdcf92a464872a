"""The messages if a system does not answer, and their effect in the window."""

from __future__ import annotations

import pytest

from paydesk.domain.errors import NoAnswer, System
from paydesk.gateways.http.call import CallFailed, NeverSent, NotTrusted
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


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_system_is_reachable(status: int) -> None:
    error = WEB_SERVICE.refused(status)
    assert isinstance(error, NoAnswer)
    assert error.connected


def test_an_untrusted_server_and_a_refusal_are_answers() -> None:
    assert not isinstance(WEB_SERVICE.unreachable(NotTrusted("its certificate is not valid")), NoAnswer)
    assert not isinstance(WEB_SERVICE.refused(403), NoAnswer)
