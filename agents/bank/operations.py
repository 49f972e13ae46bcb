"""Operations: what the bank does besides moving money, once per key, and found again by it as transfers are."""

from typing import Annotated, Any

from fastapi import Body, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from agents.bank.door import EffectKey, TheLedger, counter, found, text
from agents.bank.kinds import KINDS
from agents.bank.models import Done
from agents.bank.permitting import FOR_OPERATION
from agents.bank.refusals import Refusal, by_verdict

router = counter()
_EXAMPLE = {"kind": "account_hold", "account": "CHK-001", "reference": "case-17", "reason": "suspected fraud"}


@router.post("/v1/operations", dependencies=[FOR_OPERATION], status_code=201)
async def operate(
    order: Annotated[dict[str, Any], Body(examples=[_EXAMPLE])], ledger: TheLedger, key: EffectKey, response: Response
) -> Done:
    """Do what `kind` says; the other members are what it must be told."""
    kind, fields = _read(order)
    verdict, done = await ledger.operate(kind, fields, key)
    if done is None or verdict not in ("done", "replayed"):
        raise by_verdict(verdict, is_order=True)
    if verdict == "replayed":
        response.headers["Idempotency-Replayed"] = "true"
    return done


@router.get("/v1/operations")
async def find_operation(ledger: TheLedger, idempotency_key: Annotated[str, Query(max_length=255)]) -> Done:
    """What was done under a key, as long as the bank knows the key."""
    return found(await ledger.operation_of(text(idempotency_key, "unknown-operation")), "unknown-operation")


def _read(order: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Kind and fields, in the form that their key is bound to."""
    kind = order.get("kind")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None or not isinstance(kind, str):
        raise Refusal("unknown-kind", known=sorted(KINDS))
    try:
        fields = model.model_validate({name: value for name, value in order.items() if name != "kind"})
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error
    return kind, fields.model_dump(mode="json", exclude_none=True)
