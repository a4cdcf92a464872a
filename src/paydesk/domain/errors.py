"""The two kinds of failure: the world's (a sentence for the desk) and ours (a bug)."""

from enum import StrEnum


class PayDeskError(Exception):
    """The root of every error PayDesk raises on purpose."""


class KnownError(PayDeskError):
    """The world's fault: one sentence for the person at the desk, and what to do next.

    ``sentence`` says what happened, ``next_step`` what to do about it; both are shown
    as they stand and never carry card data, keys or a stack trace.
    """

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(f"{sentence} {next_step}".strip())
        self.sentence = sentence
        self.next_step = next_step


class System(StrEnum):
    """The systems PayDesk asks, by the names the desk calls them."""

    AMS360 = "AMS360"
    ANDDONE = "AndDone"


class NoAnswer(KnownError):
    """The other side cannot be reached, or has a problem of its own: it said nothing on the question.

    ``system`` is who was asked; ``connected`` whether a connection to it stood at all.
    """

    def __init__(self, system: System, sentence: str, next_step: str = "", *, connected: bool) -> None:
        super().__init__(sentence, next_step)
        self.system = system
        self.connected = connected


class BugError(PayDeskError):
    """Our fault: something that cannot happen did. Logged and shown as a crash."""
