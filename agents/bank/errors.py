"""What a bank can answer, sorted by the one thing that matters: is it certain that no money moved.

BankError
├── BankRefused            a definite no; nothing moved
│   ├── BankNotFound       no such account, customer or transfer
│   └── BankStepUp         the customer must confirm first
├── BankUnavailable        the request never left, or could not have had an effect; nothing moved
├── BankOutcomeUnknown     it may have moved: ask by its key before anything else
│   ├── BankPending        accepted, and booked on the next business day
│   └── BankDiffers        it says something else than was ordered: a person must look
└── BankForged             a callback that does not come from the bank
"""

from datetime import datetime
from uuid import UUID


class BankError(Exception):
    """Anything but a plain yes."""


class BankRefused(BankError):
    """A definite no; `code` is a stable word such as insufficient-funds."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class BankNotFound(BankRefused):
    """No such account, customer or transfer."""


class BankStepUp(BankRefused):
    """The customer must confirm: answer the challenge, then send the same order under the same key."""

    def __init__(self, code: str, detail: str, challenge_id: UUID) -> None:
        super().__init__(code, detail)
        self.challenge_id = challenge_id


class BankUnavailable(BankError):
    """Certainly not done; may be tried again, and not before `wait_s` where that is known."""

    def __init__(self, detail: str, *, wait_s: float | None = None) -> None:
        super().__init__(detail)
        self.wait_s = wait_s


class BankOutcomeUnknown(BankError):
    """Sent, and no believable answer came back."""


class BankPending(BankOutcomeUnknown):
    """Accepted after the cut-off: the bank books it then, unless something comes between."""

    def __init__(self, books_at: datetime) -> None:
        super().__init__(f"accepted, to be booked at {books_at.isoformat()}")
        self.books_at = books_at


class BankDiffers(BankOutcomeUnknown):
    """What the bank says is not what was ordered; the difference in words."""


class BankForged(BankError):
    """A callback that the bank did not send."""
