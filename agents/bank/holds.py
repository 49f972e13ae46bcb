"""Two-phase transfers: set the money aside, then post or void it. A hold is resolved once, by its owner or by time."""

from uuid import UUID

from fastapi import Response

from agents.bank.door import EffectKey, TheCaller, TheLedger, counter, found
from agents.bank.ledger import Ledger
from agents.bank.models import Hold, HoldOrder, Posting, Receipt
from agents.bank.permitting import ADMINISTRATOR_ALONE
from agents.bank.refusals import Refusal, by_verdict

router = counter()
_DONE = ("posted", "voided", "replayed")


@router.post("/v1/holds", dependencies=[ADMINISTRATOR_ALONE], status_code=201)
async def place_hold(new: HoldOrder, ledger: TheLedger, key: EffectKey, response: Response) -> Hold:
    """Set the money of a transfer aside."""
    if new.from_account == new.to_account:
        raise Refusal("same-account")
    verdict, hold = await ledger.place_hold(new.transfer(), key, new.expires_in_s)
    if hold is None:
        raise by_verdict(verdict)
    if verdict == "replayed":
        response.headers["Idempotency-Replayed"] = "true"
    return hold


@router.get("/v1/holds/{hold_id}")
async def show_hold(hold_id: UUID, ledger: TheLedger) -> Hold:
    """What became of it."""
    return found(await ledger.hold(hold_id), "unknown-hold")


@router.post("/v1/holds/{hold_id}/post", dependencies=[ADMINISTRATOR_ALONE], status_code=201)
async def post_hold(hold_id: UUID, ledger: TheLedger, caller: TheCaller, how_much: Posting | None = None) -> Receipt:
    """Move the money that was set aside, or less of it. Asked again, the answer is the same."""
    await _is_hold(ledger, hold_id)
    amount = how_much.amount if how_much else None
    verdict, _, receipt = await ledger.resolve_hold(hold_id, "posted", amount)
    if verdict not in _DONE or receipt is None:
        raise by_verdict(verdict)
    if amount not in (None, receipt.amount):
        raise Refusal("hold-resolved")
    if verdict == "posted":
        caller.tell(receipt)
    return receipt


@router.post("/v1/holds/{hold_id}/void", dependencies=[ADMINISTRATOR_ALONE])
async def void_hold(hold_id: UUID, ledger: TheLedger) -> Hold:
    """Let the money go. Asked again, the answer is the same."""
    await _is_hold(ledger, hold_id)
    verdict, hold, _ = await ledger.resolve_hold(hold_id, "voided")
    if verdict not in _DONE or hold is None:
        raise by_verdict(verdict)
    return hold


async def _is_hold(ledger: Ledger, hold_id: UUID) -> None:
    """An order that waits for its day is none."""
    found(await ledger.hold(hold_id), "unknown-hold")
