"""Every way in which the bank says no, and what it says then."""

from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

# Verdict or reason → status, sentence.
REFUSALS: dict[str, tuple[int, str]] = {
    "unauthenticated": (401, "Send Authorization: Bearer <key> with the bank's key."),
    "not-administrator": (
        403,
        "This takes the administrator's key (BANK_ADMIN_KEY), with which the bank must have been started.",
    ),
    "faults-not-allowed": (403, "This bank behaves. Start it with --faults or BANK_FAULTS_ALLOWED=true."),
    "unknown-fault": (422, "There is no such fault; GET /faults lists them."),
    "clock-backwards": (422, "The bank's clock goes forward only; GET /v1/terms tells its time."),
    "permit-missing": (
        403,
        "Orders count here with a permit of the board's (header Board-Permit); other changes are the administrator's.",
    ),
    "permit-invalid": (403, "The permit is not the board's, or its time is over. Record the action again for a new one."),
    "permit-differs": (403, "The permit is for another order than this. Nothing was done."),
    "key-missing": (400, "Send the header Idempotency-Key: 1 to 255 characters of A-Z a-z 0-9 _ . : -"),
    "unknown-customer": (404, "There is no customer with this id."),
    "unknown-account": (404, "There is no account with this number."),
    "unknown-transfer": (404, "No transfer was booked under this id or key."),
    "unknown-hold": (404, "There is no hold with this id."),
    "card-changed": (422, "The card is blocked for another reason than you saw. Look at it again."),
    "unknown-card": (404, "There is no card with this number."),
    "unknown-client": (404, "There is no client with this id: nobody of that id is advised."),
    "unknown-instrument": (404, "There is nothing of this symbol to invest in; GET /v1/instruments lists what there is."),
    "unknown-loan": (404, "There is no loan with this number."),
    "unfit-plan": (422, "The instalments are not so many months that add up to the principal, or the digest is of others."),
    "not-lending": (422, "Loans are paid from an account of the bank's own to one of the customer's."),
    "loan-changed": (422, "The loan is not as this says: another plan counts, or another amount is owed. GET it."),
    "nothing-overdue": (422, "Not so much of this loan is overdue. GET it; nobody was reminded."),
    "unknown-challenge": (404, "There is no challenge with this id."),
    "unknown-operation": (404, "Nothing was done under this key."),
    "unknown-kind": (422, "The bank does no operation of this kind. Send `kind` as one of those named in `known`."),
    "not-held": (422, "The account is not held under this reference. Nothing was changed."),
    "same-account": (422, "An account cannot pay itself; name two different accounts."),
    "closed-account": (422, "One of the accounts is closed; use another."),
    "frozen-account": (422, "One of the accounts is frozen. Nothing was moved."),
    "currency-mismatch": (422, "Both accounts must be kept in the currency of the transfer."),
    "insufficient-funds": (422, "The account does not hold that much. Nothing was moved."),
    "key-reused": (422, "This Idempotency-Key moved something else. Use a new key for a new transfer."),
    "duplicate-reference": (409, "Something was booked under this key before the bank forgot what. The statement shows it."),
    "order-withdrawn": (422, "What was ordered under this key was withdrawn before it was booked. Nothing was moved."),
    "key-running": (409, "A transfer with this key is being booked. Repeat it."),
    "hold-resolved": (422, "The hold is over. GET it to see how it ended."),
    "hold-too-small": (422, "The hold is for less. Post at most its amount."),
    "step-up-required": (403, "The customer must confirm. Answer the challenge, then repeat the order under the same key."),
    "step-up-refused": (403, "The customer did not confirm. Nothing was moved."),
    "wrong-answer": (422, "That is not the code. Try again, at most three times in all."),
    "expired-challenge": (422, "The challenge is too old. Repeat the order for a new one."),
}
# Where the ledger's word is not the one above with hyphens.
BY_VERDICT = {
    "mismatch": "key-reused",
    "running": "key-running",
    "forgotten": "duplicate-reference",
    "withdrawn": "order-withdrawn",
    "resolved": "hold-resolved",
    "expired": "hold-resolved",
    "too_much": "hold-too-small",
}


class Refusal(Exception):
    """A no from the table above; `more` is told beside it."""

    def __init__(self, code: str, *, status: int | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status or REFUSALS[code][0]
        self.more = more


def by_verdict(verdict: str, *, is_order: bool = False, challenge_id: UUID | None = None) -> Refusal:
    """The refusal of an order. An account that it names and that is not there is a fault of the order, not of the address."""
    code = BY_VERDICT.get(verdict, verdict.replace("_", "-"))
    is_fault = code == "unknown-account" or (is_order and code.startswith("unknown-"))
    more = {} if challenge_id is None else {"challenge_id": str(challenge_id)}
    return Refusal(code, status=422 if is_fault else None, **more)


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    """An answer after RFC 9457."""
    body = {"type": f"urn:sandbox-bank:problem:{code}", "title": code, "status": status, "detail": detail, **more}
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")


async def on_refusal(_: Request, error: Exception) -> Response:
    """A no from the table."""
    assert isinstance(error, Refusal)
    headers = {"Retry-After": "1"} if error.code == "key-running" else {}
    return problem(error.status, error.code, REFUSALS[error.code][1], headers, **error.more)


async def on_invalid(_: Request, error: Exception) -> Response:
    """What is wrong with a request, field by field."""
    assert isinstance(error, RequestValidationError)
    told = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors())
    return problem(422, "invalid", f"The request is not what it must be: {told}.")


async def on_http(_: Request, error: Exception) -> Response:
    """What the framework refuses."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, "http", str(error.detail), dict(error.headers or {}))


async def on_down(_: Request, _error: Exception) -> Response:
    """The database is away."""
    return problem(503, "unavailable", "The ledger cannot be reached. Ask by your Idempotency-Key later.", {"Retry-After": "1"})
