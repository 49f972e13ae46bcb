"""What must hold of a board whatever happened to it, asked of its tables and of the bank's books.

Every invariant is named in every answer: kept, broken with the rows that break it, or not asked, and why. One that looked at no
row says so: "nothing found" is not "nothing looked at".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pydantic import ValidationError

from blackboard.chain_check import check_chains
from blackboard.database import reading
from blackboard.store import Verbs
from blackboard.tally import Basis, tally
from blackboard.values import Json

if TYPE_CHECKING:
    from blackboard.database import Connection

SHOWN = 20

PROMISES = {
    "I12": "One idempotency key of one principal on one route has one answer.",
    "I13": "What is replayed is a final answer.",
    "I14": "Another body under a key is 422, no key 400, a running one 409, and none of them changes anything.",
    "I15": "Keys do not meet across tenants or principals.",
    "I16": "No key is stuck without its answer.",
    "I17": "A body's fingerprint does not depend on order or blanks, and on everything else.",
    "I18": "What is executed was booked once at the bank: that amount, in that currency, between those accounts.",
    "I19": "What failed was not booked.",
    "I20": "What the bank booked was written down on the board first, under the same key.",
    "I21": "An action has one key and one body in every attempt.",
    "I22": "What was sent was authorized: those bytes, in time, once, under a policy and facts that still stood.",
    "I23": "An action failed only where the bank said so.",
    "I24": "A yes that came too late was never lost to a no.",
    "I25": "The bank's books balance: every transfer, every account, and all of them together.",
    "I26": "Every amount is a positive decimal string with at most two places.",
    "I35": "A decision by quorum rests on enough opinions of different owners, given before the tally on the same facts.",
    "I36": "Who made, edited, delegated or gave an opinion did not approve, and nobody both approved and executed.",
    "I37": "No deny rule was outvoted, no timeout approved, no review was skipped.",
    "I38": "What is read is what was written: numbered cases, their decisions, what became of their actions.",
    "I39": "What is journalled is what was sealed: every event, in its place.",
    "I40": "Every seal follows from the one before it.",
    "I41": "What a witness saw of the chain is still in it.",
}
# What tables cannot show: it is about requests that left nothing behind.
ELSEWHERE = {
    "I14": "left no row to look at: tests/http/test_writes.py asks every route",
    "I17": "left no row to look at: tests/http/test_cases.py sends bodies in another order, and other bodies",
    "I41": "not asked: the witness is kept elsewhere, `blackboard audit verify --witness FILE`",
}
BOOKS = ("I18", "I19", "I20", "I25")
_CHECKS = (
    "check_keys",
    "check_actions",
    "check_authorizations",
    "check_panels",
    "check_reviews",
    "check_duties",
    "check_reading",
)

# All that was done under a key, transfers with what they moved, and every order that came. Opening balances were not ordered.
TRANSFERS = """
SELECT coalesce(jsonb_agg(to_jsonb(b)), '[]') FROM (
  SELECT t.effect_key, t.amount::text, t.currency, t.from_account, t.to_account FROM bank.transfer t
  WHERE t.effect_key NOT LIKE 'opening:%'
  UNION ALL
  SELECT o.effect_key, NULL, NULL, NULL, NULL FROM bank.operation o
  WHERE NOT EXISTS (SELECT FROM bank.transfer t WHERE t.effect_key = o.effect_key)) b
"""
ORDERED = """
SELECT coalesce(array_agg(DISTINCT k.effect_key), '{}') FROM (
  SELECT r.effect_key FROM bank.request r UNION ALL SELECT t.effect_key FROM bank.transfer t) k
WHERE k.effect_key NOT LIKE 'opening:%'
"""
_BANK = """
SELECT 'I21' AS invariant, count(*) AS looked_at, (SELECT jsonb_agg(to_jsonb(b)) FROM (
  SELECT r.effect_key, count(DISTINCT r.digest) AS bodies FROM bank.request r
  GROUP BY r.effect_key HAVING count(DISTINCT r.digest) > 1 LIMIT $1) b) AS broken
FROM bank.request
UNION ALL
SELECT 'I25', count(*), (SELECT jsonb_agg(to_jsonb(b)) FROM (SELECT * FROM bank.broken_rule LIMIT $1) b) FROM bank.transfer
"""


class Finding(NamedTuple):
    """What was found of one invariant. `looked_at` is None where nothing was asked; `note` then says why."""

    invariant: str
    promise: str
    looked_at: int | None
    broken: list[Json]
    note: str = ""

    @property
    def ok(self) -> bool:
        """Nothing breaks it, as far as anybody looked."""
        return not self.broken


Rows: TypeAlias = dict[str, tuple[int, list[Json]]]


async def examine(
    url: str, bank_url: str | None = None, tell: Callable[[str, int, int], object] = lambda _name, _done, _of: None
) -> list[Finding]:
    """Every invariant. `url` is the board's database, `bank_url` that of the sandbox bank, where it may be read.

    `tell` hears how far it is.
    """
    async with reading(url) as board:
        rows = await ask_board(board, tell)
        executed = await board.fetchval("SELECT board.list_executed()")
    if bank_url:
        # The bank after what it must know, the board after what it must have written down: both go on while they are asked.
        async with reading(bank_url) as bank:
            rows = together(rows, await ask_bank(bank))
            transfers, ordered = await bank.fetchval(TRANSFERS), await bank.fetchval(ORDERED)
        async with reading(url) as board:
            rows |= await compare_books(board, executed, transfers, ordered)
    return [_finding(name, rows.get(name)) for name in PROMISES]


async def ask_board(board: Connection, tell: Callable[[str, int, int], object] = lambda _name, _done, _of: None) -> Rows:
    """What the board's own tables say."""
    rows: Rows = {}
    for done, check in enumerate(_CHECKS, 1):
        rows |= await _asked(board, f"SELECT * FROM board.{check}($1)", SHOWN)
        tell("promises", done, len(_CHECKS))
    return together(rows, await _tally_again(board)) | await check_chains(Verbs(board))


async def _tally_again(board: Connection) -> Rows:
    """Deny rules, quorum, person: whoever makes a tally again from what was kept comes to the same end."""
    looked_at, broken = 0, list[Json]()
    async for row in board.cursor("SELECT * FROM board.list_tallies()"):
        looked_at += 1
        try:
            again: str = tally(Basis.model_validate(row["basis"])).outcome
        except ValidationError:
            again = "what it was made from cannot be read"
        if again != row["outcome"] and len(broken) < SHOWN:
            broken.append({"decision_id": str(row["decision_id"]), "case_id": str(row["case_id"]), "again": again})
    return {"I37": (looked_at, broken)}


async def ask_bank(bank: Connection) -> Rows:
    """What the bank's own tables say."""
    return await _asked(bank, _BANK, SHOWN)


async def compare_books(board: Connection, executed: list[str], transfers: list[Json], ordered: list[str]) -> Rows:
    """What the two say of each other."""
    return await _asked(board, "SELECT * FROM board.check_books($1, $2, $3, $4)", executed, transfers, ordered, SHOWN)


def together(one: Rows, other: Rows) -> Rows:
    """What was asked in two places, as one."""
    found = {name: [rows[name] for rows in (one, other) if name in rows] for name in one.keys() | other.keys()}
    return {name: (sum(n for n, _ in rows), [row for _, broken in rows for row in broken]) for name, rows in found.items()}


async def _asked(connection: Connection, query: str, *arguments: Any) -> Rows:
    return {row["invariant"]: (row["looked_at"], row["broken"] or []) for row in await connection.fetch(query, *arguments)}


def _finding(name: str, row: tuple[int, list[Json]] | None) -> Finding:
    if row is not None:
        return Finding(name, PROMISES[name], *row, note="" if row[0] else "nothing to look at")
    note = ELSEWHERE.get(name) or "not asked: needs the bank's books, --bank-db"
    return Finding(name, PROMISES[name], None, [], note)
