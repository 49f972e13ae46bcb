"""Who may let the bank do something: the agents' key with a permit of the board's for exactly this order, or the administrator.

What is asked for is compared with the permit by the digest of its canonical bytes, in the words of the board's action, whatever
dialect it came in. A bank that asks for no permits believes its key.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from agents.bank.door import EffectKey, is_administrator
from agents.bank.refusals import Refusal
from blackboard import canonical
from blackboard.errors import Invalid
from blackboard.permits import Inspector

_RETAIL = MappingProxyType({"from_account_id": "from_account", "to_account_id": "to_account"})
_AGENTS = MappingProxyType({"source_account": "from_account", "destination_account": "to_account"})

BoardPermit = Annotated[str | None, Header(max_length=4096)]


def by_administrator(request: Request) -> None:
    """For what the board has no action for: the administrator alone, where permits are asked for."""
    if request.app.state.inspector is not None and not is_administrator(request):
        raise Refusal("permit-missing")


async def retail_transfer(request: Request, key: EffectKey, board_permit: BoardPermit = None) -> None:
    """For an order in the dialect of `POST /v1/transfers`."""
    await _demand(request, key, board_permit, _RETAIL)


async def agent_transfer(request: Request, key: EffectKey, board_permit: BoardPermit = None) -> None:
    """For an order in the dialect of `POST /transfers`."""
    await _demand(request, key, board_permit, _AGENTS)


async def operation(request: Request, key: EffectKey, board_permit: BoardPermit = None) -> None:
    """For an operation, whose kind is the action's and whose other members are its bytes."""
    await _demand(request, key, board_permit, MappingProxyType({}))


async def _demand(request: Request, key: str, told: str | None, words: Mapping[str, str]) -> None:
    inspector: Inspector | None = request.app.state.inspector
    if inspector is None or is_administrator(request):
        return
    if told is None:
        raise Refusal("permit-missing")
    try:
        permit = inspector.read(told)
        kind, digest = _asked(await request.json(), words)
    except Invalid as error:
        raise Refusal("permit-invalid") from error
    if (permit.kind, permit.effect_key, permit.digest) != (kind, key, digest):
        raise Refusal("permit-differs")


def _asked(body: Any, words: Mapping[str, str]) -> tuple[str, str]:
    """The kind of the action that a body asks for, and the digest of its bytes."""
    if not isinstance(body, dict):
        raise Refusal("permit-differs")
    kind = "transfer" if words else str(body.get("kind"))
    exact = {words.get(name, name): value for name, value in body.items() if words or name != "kind"}
    return kind, canonical.digest(exact)


ADMINISTRATOR_ALONE = Depends(by_administrator)
FOR_RETAIL = Depends(retail_transfer)
FOR_AGENTS = Depends(agent_transfer)
FOR_OPERATION = Depends(operation)
