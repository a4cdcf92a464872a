"""The two kinds of failure: the world's (a sentence for the clerk) and ours (a bug)."""

from enum import Enum, auto

from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR, Vendor


class PayDeskError(Exception):
    """Base class of every error PayDesk raises on purpose."""


class Charged(Enum):
    """Money movement before an error: none, done or unknown."""

    NO = auto()
    YES = auto()
    UNKNOWN = auto()


class KnownError(PayDeskError):
    """The world's fault: one sentence for the clerk, and the next step.

    ``sentence`` says what happened, ``next_step`` what to do about it. Screens show both unchanged, so
    neither carries card data, keys or a stack trace. ``charged`` decides what the screen says of the money.
    ``admin`` is the step of an administrator, such as a command: a screen only offers to copy it.
    """

    charged = Charged.NO

    def __init__(self, sentence: str, next_step: str = "", admin: str = "") -> None:
        super().__init__(f"{sentence} {next_step}".strip())
        self.sentence = sentence
        self.next_step = next_step
        self.admin = admin

    @property
    def for_admin(self) -> str:
        """The next step for an administrator, who may be told a command."""
        return self.admin or self.next_step


class UnreadableError(KnownError):
    """A file or an answer that a reader stumbled over. ``reference`` finds it in the log."""

    def __init__(self, what: str, why: str, next_step: str, reference: str) -> None:
        super().__init__(f"{what} can't be read: {why}. The log has it as {reference}.", next_step)
        self.reference = reference


class NoSettings(KnownError):
    """A live desk without a settings file: nobody has set it up yet. The window then offers to."""


class System(Enum):
    """The systems PayDesk asks. ``vendor`` has its name."""

    AGENCY_SYSTEM = AGENCY_SYSTEM
    PROCESSOR = PROCESSOR

    @property
    def vendor(self) -> Vendor:
        return self.value


class NoAnswer(KnownError):
    """The remote system is unreachable or failed, and did not answer the question.

    ``system`` is the one asked. ``connected`` is True if a connection was established.
    """

    def __init__(
        self, system: System, sentence: str, next_step: str = "", admin: str = "", *, connected: bool
    ) -> None:
        super().__init__(sentence, next_step, admin)
        self.system = system
        self.connected = connected


class CannotBePaid(KnownError):
    """The agency system's clear answer about an invoice: it cannot be paid here, and why."""


class BugError(PayDeskError):
    """Our fault: a state that cannot happen. PayDesk logs it and shows it as a crash."""
