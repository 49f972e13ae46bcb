"""Cards, and accounts that are frozen: what may be used, and why not."""

from agents.bank.door import TheLedger, counter, found, text
from agents.bank.models import Card, Freeze, Reason
from agents.bank.permitting import ADMINISTRATOR_ALONE

router = counter()


@router.get("/v1/accounts/{account_id}/cards")
async def list_cards(account_id: str, ledger: TheLedger) -> list[Card]:
    """Those of an account."""
    found(await ledger.account(text(account_id, "unknown-account")), "unknown-account")
    return await ledger.cards(account_id)


@router.get("/v1/cards/{card_id}")
async def show_card(card_id: str, ledger: TheLedger) -> Card:
    """Whether it may be used."""
    return found(await ledger.card(text(card_id, "unknown-card")), "unknown-card")


@router.post("/v1/cards/{card_id}/block", dependencies=[ADMINISTRATOR_ALONE])
async def block_card(card_id: str, why: Reason, ledger: TheLedger) -> Card:
    """Nobody may use it any more."""
    return found(await ledger.set_card(text(card_id, "unknown-card"), "blocked", why.reason), "unknown-card")


@router.post("/v1/cards/{card_id}/unblock", dependencies=[ADMINISTRATOR_ALONE])
async def unblock_card(card_id: str, ledger: TheLedger) -> Card:
    """It may be used again."""
    return found(await ledger.set_card(text(card_id, "unknown-card"), "active", None), "unknown-card")


@router.post("/v1/accounts/{account_id}/freeze", dependencies=[ADMINISTRATOR_ALONE])
async def freeze_account(account_id: str, why: Reason, ledger: TheLedger) -> Freeze:
    """Nothing is moved from or to it."""
    return found(await ledger.freeze(text(account_id, "unknown-account"), why.reason), "unknown-account")


@router.post("/v1/accounts/{account_id}/unfreeze", dependencies=[ADMINISTRATOR_ALONE])
async def unfreeze_account(account_id: str, ledger: TheLedger) -> Freeze:
    """Money may move again."""
    return found(await ledger.freeze(text(account_id, "unknown-account"), None), "unknown-account")
