"""What the bank and its clients say to each other. Money is a decimal string on the wire and a `Decimal` in Python."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, model_validator

from blackboard.money import fits

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


def no_float(value: object) -> object:
    """Whatever can be read as an amount or a balance without a guess."""
    if isinstance(value, float):
        raise ValueError('an amount is a decimal string such as "250.00"; a float is refused')  # noqa: TRY004  # pydantic's way
    return value


def write_amount(value: Decimal) -> str:
    """Two places, no exponent."""
    return f"{value:.2f}"


Amount = Annotated[Decimal, BeforeValidator(read_amount), PlainSerializer(write_amount)]
Money = Annotated[Decimal, BeforeValidator(no_float), PlainSerializer(write_amount)]
AccountId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,33}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Memo = Annotated[str, StringConstraints(max_length=140)]
# A JSON object.
Wire = dict[str, Any]
Why = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Frozen(BaseModel):
    """A value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Customer(Frozen):
    """Whom the bank knows."""

    id: str
    name: str
    country: str
    born_on: date
    kind: Literal["person", "company"] = "person"
    income_monthly: Money | None = None


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

    @model_validator(mode="after")
    def _has_places(self) -> Self:
        if not fits(self.amount, self.currency):
            raise ValueError(f"the amount has more places than {self.currency} has")
        return self


class Slip(NamedTuple):
    """What lets an order be carried out: the board's permit, where it gives any, for exactly these words."""

    exact: Wire
    permit: str | None = None


def difference(order: TransferOrder, source: object, target: object, amount: object, currency: object) -> str:
    """How what is told is not what was ordered, in words; empty where it is."""
    pairs = {
        "from": (order.from_account, source),
        "to": (order.to_account, target),
        "amount": (order.amount, amount),
        "currency": (order.currency, currency),
    }
    wrong = [f"{name}: ordered {mine}, bank says {theirs}" for name, (mine, theirs) in pairs.items() if mine != theirs]
    return "; ".join(wrong)[:200]


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

    def difference(self, order: TransferOrder) -> str:
        """How this is not what was ordered, in words; empty where it is."""
        return difference(order, self.from_account, self.to_account, self.amount, self.currency)


class Pending(Frozen):
    """An order that came after the cut-off (PDNG): accepted, its money set aside, to be booked then."""

    transfer_id: UUID
    status: Literal["pending"]
    idempotency_key: str
    books_at: datetime


class Done(Frozen):
    """An operation that the bank did: what it was told to, and what came of it."""

    operation_id: UUID
    kind: str
    fields: Wire
    answer: Wire
    idempotency_key: str
    at: datetime

    def difference(self, kind: str, fields: Wire) -> str:
        """How this is not what was ordered, in words; empty where it is."""
        wrong = [] if self.kind == kind else [f"kind: ordered {kind}, bank says {self.kind}"]
        for name in sorted(fields.keys() | self.fields.keys()):
            mine, theirs = fields.get(name), self.fields.get(name)
            if mine != theirs:
                wrong.append(f"{name}: ordered {mine}, bank says {theirs}")
        return "; ".join(wrong)[:200]


class Entry(Frozen):
    """A line of a statement: what came to an account, or went (negative), and the reference under which it was ordered."""

    entry: int
    transfer_id: UUID
    account_id: str
    amount: Money
    currency: str
    counterparty: str
    reference: str
    booked_at: datetime


class Statement(Frozen):
    """A page of a statement, oldest first. The next page is after `next`; None when this was the last."""

    entries: list[Entry]
    next: int | None


class HoldOrder(TransferOrder):
    """Set the money of a transfer aside for so long."""

    expires_in_s: Annotated[int, Field(ge=1, le=30 * 86400)] = 7 * 86400

    def transfer(self) -> TransferOrder:
        """What is booked when the hold is posted."""
        return TransferOrder.model_construct(**{name: getattr(self, name) for name in TransferOrder.model_fields})


class Hold(Frozen):
    """Money set aside. Resolved once: posted, voided or expired."""

    hold_id: UUID
    state: Literal["held", "posted", "voided", "expired"]
    from_account: str
    to_account: str
    amount: Money
    currency: str
    memo: str | None
    idempotency_key: str
    expires_at: datetime


class Posting(Frozen):
    """How much of a hold is wanted; all of it unless it says."""

    amount: Amount | None = None


class Card(Frozen):
    """A card and whether it may be used. Of its number the middle is not told."""

    card_id: str
    account_id: str
    state: Literal["active", "blocked"]
    why: str | None
    number: str | None = None


class Reason(Frozen):
    """Why something is blocked or frozen."""

    reason: Why


class Freeze(Frozen):
    """Whether an account is frozen: nothing is moved from or to it."""

    account_id: str
    frozen_because: str | None


class Answer(Frozen):
    """What the customer typed."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class Challenge(Frozen):
    """A question to the customer. `code`, which his telephone shows, is for the administrator of the sandbox alone."""

    challenge_id: UUID
    state: Literal["open", "passed", "refused", "expired"]
    code: str | None = None


class Terms(Frozen):
    """What the bank promises, and the time by its clock.

    A question by key may find nothing until `in_flight_s` after the order, and finds nothing any more after `keys_kept_s`.
    """

    now: datetime
    keys_kept_s: float
    in_flight_s: float
    step_up_from: Money | None
    cut_off: str | None
    zone: str


class Violation(Frozen):
    """A rule of the books that is broken somewhere."""

    rule: str
    subject: str
    told: str


class Clock(Frozen):
    """A time for the bank's clock, which only goes forward."""

    at: Annotated[datetime, Field(json_schema_extra={"examples": ["2030-01-02T09:00:00Z"]})]


class Town(Frozen):
    """How many made-up customers there are, beside those of customers.yaml."""

    people: Annotated[int, Field(ge=0, le=9999)]
