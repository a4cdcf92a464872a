"""AndDone and AMS360 as local HTTP servers with state, for training and tests."""

from paydesk.sandbox.faults import Fault, FaultKind, Faults
from paydesk.sandbox.merchant import FeeRule, Merchant
from paydesk.sandbox.sandbox import Sandbox
from paydesk.sandbox.serve import ChildSandbox, serve, serve_child
from paydesk.sandbox.site import Exchange

__all__ = [
    "ChildSandbox", "Exchange", "Fault", "FaultKind", "Faults", "FeeRule", "Merchant", "Sandbox", "serve",
    "serve_child",
]  # fmt: skip
