"""What the bank and its clients say to each other. Money is a decimal string on the wire and a `Decimal` in Python."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

_AMOUNT_MAX_DIGITS = 13


def read_amount(value: object) -> Decimal:
    """A positive amount from a decimal string or a JSON integer; never from a float, whose text is a guess.

    Decimal's own constructor takes "1_000", " 1.00 ", "1E+5", "NaN" and Arabic digits; this grammar does not.
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.isascii():
        raise ValueError('an amount is a decimal string such as "250.00"; a float is refused')
    whole, dot, cents = text.partition(".")
    digits = whole.isdigit() and len(whole) <= _AMOUNT_MAX_DIGITS and (whole == "0" or not whole.startswith("0"))
    if not digits or (dot and not (cents.isdigit() and len(cents) <= 2)) or Decimal(text) == 0:
        raise ValueError('an amount is a positive decimal string with at most two places, such as "250.00"')
    return Decimal(text).quantize(Decimal("0.01"))


def write_amount(value: Decimal) -> str:
    """Two places, no exponent."""
    return f"{value:.2f}"


Amount = Annotated[Decimal, BeforeValidator(read_amount), PlainSerializer(write_amount)]
Money = Annotated[Decimal, PlainSerializer(write_amount)]
AccountId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,33}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Memo = Annotated[str, StringConstraints(max_length=140)]


class Frozen(BaseModel):
    """A value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Customer(Frozen):
    """Whom the bank knows."""

    id: str
    name: str
    country: str
    born_on: date


class Account(Frozen):
    """An account and whose it is."""

    id: str
    iban: str
    currency: str
    state: Literal["open", "closed"]
    customer_id: str
    holder: str


class Balance(Frozen):
    """What is in an account."""

    account_id: str
    balance: Money
    available: Money
    currency: str


class TransferOrder(Frozen):
    """Move this amount from here to there. Its fingerprint is what an idempotency key is bound to."""

    from_account: AccountId
    to_account: AccountId
    amount: Amount
    currency: Currency = "USD"
    memo: Memo | None = None


class Receipt(Frozen):
    """A booked transfer."""

    transfer_id: UUID
    status: Literal["booked"]
    from_account: str
    to_account: str
    amount: Money
    currency: str
    memo: str | None
    idempotency_key: str
    booked_at: datetime

    def matches(self, order: TransferOrder) -> bool:
        """Whether this is what was ordered: amount, currency and both accounts."""
        return (self.from_account, self.to_account, self.amount, self.currency) == (
            order.from_account,
            order.to_account,
            order.amount,
            order.currency,
        )
