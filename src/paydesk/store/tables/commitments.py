"""Salted commitments to texts, so that a text can be taken out and all beside it stays proven.

A hash covers the commitment to a text, not the text. While the salt is kept, the text proves itself. If card
data is taken out of it, its commitment is kept and the salt is deleted: from the commitment alone nobody can
guess a card number. Only free texts have one, so no amount, state, invoice or charge can be changed that way.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping


class CommitmentBroken(Exception):
    """The stored commitments are not to these texts, or the text is not as this program writes it."""


def new_salt() -> str:
    """Return a random salt of 128 bits, in hex."""
    return secrets.token_hex(16)


def committed_text(texts: Mapping[str, str], salt: str) -> str:
    """Return the commitments to these texts as they are stored once the salt is deleted."""
    return json.dumps(_made(texts, salt), sort_keys=True)


def covered(texts: Mapping[str, str], salt: str, stored: str) -> dict[str, dict[str, str]]:
    """Return what a hash covers of these free texts, by name. Nothing without a salt and ``stored``.

    Raises CommitmentBroken if the ``stored`` commitments (JSON) are not to exactly these texts.
    """
    if not salt and not stored:
        return {}
    found = _read(stored) if stored else _made(texts, salt)
    if not texts or (salt and stored) or found.keys() != texts.keys():
        raise CommitmentBroken
    return {name: {"commitment": one} for name, one in found.items()}


def _made(texts: Mapping[str, str], salt: str) -> dict[str, str]:
    """Return the SHA-256 in hex of salt, name and text, for each text."""
    return {
        name: hashlib.sha256(json.dumps([salt, name, text]).encode()).hexdigest()
        for name, text in texts.items()
    }


def _read(stored: str) -> dict[str, str]:
    try:
        found = json.loads(stored)
    except ValueError as error:
        raise CommitmentBroken from error
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise CommitmentBroken
    return found
