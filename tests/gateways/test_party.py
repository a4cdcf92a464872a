"""What a desk reads when a system does not answer, and what the window makes of it."""

from __future__ import annotations

import pytest

from paydesk.domain.errors import NoAnswer, System
from paydesk.gateways.http import CallFailed, NeverSent, NotTrusted
from paydesk.gateways.party import Party

WEB_SERVICE = Party(System.AMS360, "AMS360's web service", "the password")


@pytest.mark.parametrize(
    ("failure", "connected"),
    [(NeverSent("no connection"), False), (CallFailed("the answer broke off"), True)],
)
def test_no_answer_tells_who_and_whether_a_connection_stood(failure: CallFailed, connected: bool) -> None:
    error = WEB_SERVICE.unreachable(failure)
    assert isinstance(error, NoAnswer)
    assert (error.system, error.connected) == (System.AMS360, connected)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_system_is_reachable(status: int) -> None:
    error = WEB_SERVICE.refused(status)
    assert isinstance(error, NoAnswer)
    assert error.connected


def test_an_untrusted_server_and_a_refusal_are_answers() -> None:
    assert not isinstance(WEB_SERVICE.unreachable(NotTrusted("its certificate is not valid")), NoAnswer)
    assert not isinstance(WEB_SERVICE.refused(403), NoAnswer)
