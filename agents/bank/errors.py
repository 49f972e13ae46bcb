"""What a bank can answer, sorted by the one thing that matters: is it certain that no money moved.

BankError
├── BankRefused            a definite no; nothing moved
│   └── BankNotFound       no such account, customer or transfer
├── BankUnavailable        the request never left, or could not have had an effect; nothing moved
└── BankOutcomeUnknown     it may have moved: ask by its key before anything else
"""


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


class BankUnavailable(BankError):
    """Certainly not done; may be tried again."""


class BankOutcomeUnknown(BankError):
    """Sent, and no believable answer came back."""
