"""The meaning of an answer to expiring an intent or link, by closed tables of AndDone's keys and sentences.

Sources: the vendor's error reference (keys, "Only pending intents can be expired") and the example in its
OpenAPI files ("PaymentIntent is expired successfully"). A sentence that only contains a known word decides
nothing.
"""

from __future__ import annotations

import re
from typing import Final

from paydesk.domain.outcome import Expiry
from paydesk.gateways.anddone import names
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import Fields, WrongAnswer

_INTENT = r"(?:the )?payment ?(?:intent|link) "
_DONE: Final = re.compile(rf"(?:{_INTENT})?(?:is |was |has been )?expired successfully")
_REFUSED: Final = (
    (re.compile(rf"(?:{_INTENT})?(?:is |was |has )?already (?:been )?expired"), Expiry.BEFORE),
    (re.compile(r"only pending (?:payment ?)?(?:intents|links) can be expired"), Expiry.REFUSED),
)
_KEY: Final = re.compile(r"\bKey_\w+")
_OF_THE_LINE: Final = frozenset((401, 403, 407, 408, 429))
"""Statuses about who asks and how often. They say nothing of an intent."""


def expiry_in(reply: Reply) -> Expiry | None:
    """Return what the answer says plainly about the expiry, or None.

    A key decides before a sentence. Only a success of HTTP can confirm an expiry. A refusal counts at a
    success, at any 4xx and at 500: the vendor's pages differ on its status.
    """
    accepted = reply.status in (200, 201)
    try:
        fields = reply.fields()
        key, sentence = key_in(fields), _plain(fields.text("message"))
        succeeded = accepted and not _denies_success(fields)
    except WrongAnswer:
        return None
    if reply.status in _OF_THE_LINE or not (accepted or 400 <= reply.status <= 500):
        return None
    if key:
        return names.EXPIRIES.get(key)
    if succeeded and _DONE.fullmatch(sentence):
        return Expiry.EXPIRED
    return next((expiry for words, expiry in _REFUSED if words.fullmatch(sentence)), None)


def key_in(fields: Fields) -> str:
    """Return the error key of an answer, from its own field or else from its message."""
    texts = (fields.text("errorCode"), fields.text("message"))
    return next((found[0] for text in texts if (found := _KEY.search(text))), "")


def _denies_success(fields: Fields) -> bool:
    """Return True if the body of an answer says that it is a refusal, whatever HTTP's status says."""
    return fields.flag("isSuccessStatusCode") is False or (fields.whole("statusCode") or 200) >= 300


def _plain(sentence: str) -> str:
    """Return the sentence in lower case, with single blanks and without an end mark."""
    return " ".join(sentence.lower().split()).rstrip(".! ")
