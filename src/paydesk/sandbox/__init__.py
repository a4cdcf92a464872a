"""AndDone and AMS360 as local HTTP servers with state, for training and tests."""

from paydesk.sandbox.anddone.habits import Habit
from paydesk.sandbox.anddone.merchant import FeeRule, Merchant
from paydesk.sandbox.sandbox import Sandbox
from paydesk.sandbox.serve import ChildSandbox, serve, serve_child
from paydesk.sandbox.server.faults import Fault, FaultKind, Faults
from paydesk.sandbox.server.site import Exchange

__all__ = [
    "ChildSandbox", "Exchange", "Fault", "FaultKind", "Faults", "FeeRule", "Habit", "Merchant", "Sandbox",
    "serve", "serve_child",
]  # fmt: skip
