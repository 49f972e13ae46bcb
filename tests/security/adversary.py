"""Somebody with a stolen key who knows the API: what he remembers, and what he does next, drawn from a seed.

He speaks through a carrier, the board's verbs in this process or the same over HTTP, and to the bank with the agents' key. What
he is told he keeps and uses against whoever else it concerns. He never stops at a refusal.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
from pydantic import ValidationError

from blackboard import requests as r
from blackboard.answers import ActionVerdict, Claimed, ClaimedTask
from blackboard.board import Board
from blackboard.client import BoardClient
from blackboard.errors import BlackboardError, Unavailable
from blackboard.once import Once
from blackboard.reports import Delegation, Leave, ReviewClaim, ReviewScreen
from blackboard.values import Json, Principal

ACCOUNTS = ("CHK-001", "SAV-002", "CHK-007", "CHK-010", "NOBODY-1")
AMOUNTS = ("1.00", "2.50", "250.00", "9000.00", "999999.00", "0.01", "1", "-1", "1e5", "NaN")
NAMES = ("requester", "identity", "limits", "risk", "execution", "reconciliation", "reviewer", "officer", "admin", "auditor")
CAPABILITIES = ("identity", "limits", "risk", "confirmation", "execution", "reconciliation", "review", "first", "second")
OUTCOMES = ("approve", "executed", "refer", "unknown", "void", "reject", "absent", "confirm", "done", "nonsense")
WHY = ["because"]
_MAX_KNOWN = 200


class Carrier(Protocol):
    """How he is heard."""

    async def say(self, verb: str, *said: Any, key: str | None = None) -> Any:
        """A verb of the board, with what it takes; its answer."""


@dataclass
class InProcess:
    """The board's own classes, as whoever the key belongs to."""

    board: Board
    who: Principal

    async def say(self, verb: str, *said: Any, key: str | None = None) -> Any:
        """With an idempotency key where one is given: of one body, whatever the body."""
        more = {"once": Once(verb, key, bytes(32))} if key else {}
        answer = await getattr(self.board, verb)(self.who, *said, **more)
        return getattr(answer, "value", answer)


@dataclass
class OverHttp:
    """The client library, and what it has no verb for is left unsaid."""

    client: BoardClient

    async def say(self, verb: str, *said: Any, key: str | None = None) -> Any:
        """The same verb."""
        if verb == "mark_fact":
            case, name, version, mark, why = said
            return await getattr(self.client, f"{ {'disputed': 'dispute', 'upheld': 'uphold'}.get(mark, 'retract') }_fact")(
                case, name, version, why
            )
        call = getattr(self.client, verb, None)
        if call is None:
            return None
        return await (call(*said, key=key) if key and verb in _KEYED else call(*said))


_KEYED = frozenset({"open_case", "claim", "decide", "record_action", "settle_action", "propose_action", "decide_review"})


@dataclass
class Loot:
    """What the key's owner, or any other of the gang, has been told. Shared by all who attack together."""

    cases: list[UUID] = field(default_factory=list)
    tasks: list[ClaimedTask] = field(default_factory=list)
    reviews: list[tuple[UUID, int]] = field(default_factory=list)
    shown: list[str] = field(default_factory=lambda: ["0" * 64])
    tickets: list[tuple[UUID, ActionVerdict, Json]] = field(default_factory=list)
    leaves: list[tuple[UUID, UUID]] = field(default_factory=list)
    delegations: list[UUID] = field(default_factory=list)
    sessions: list[UUID] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def keep(self, answer: Any) -> None:
        """Whatever is worth having in an answer."""
        match answer:
            case Claimed():
                self.tasks.extend(answer.tasks)
                self.cases.extend(task.case_id for task in answer.tasks)
            case ReviewClaim():
                self.reviews.append((answer.task_id, answer.fence))
            case ReviewScreen():
                self.shown.append(answer.shown)
            case Leave():
                self.leaves.append((answer.case_id, answer.id))
            case Delegation():
                self.delegations.append(answer.id)
        for known in vars(self).values():
            del known[:-_MAX_KNOWN]


class Adversary:
    """One stolen key at work. `unanswered` is what was met with neither an answer nor a refusal: nothing, in a sound board."""

    def __init__(self, name: str, carrier: Carrier, chance: random.Random, loot: Loot, bank: httpx.AsyncClient) -> None:
        self.name = name
        self._carrier = carrier
        self._chance = chance
        self._loot = loot
        self._bank = bank
        self.counts: Counter[str] = Counter()
        self.unanswered: list[str] = []

    async def attack(self, calls: int) -> None:
        """So many calls."""
        while self.counts.total() < calls:
            move = self._chance.choices(list(_MOVES), weights=list(_MOVES.values()))[0]
            try:
                self.counts[move.__name__] += 1
                self._loot.keep(await move(self))
            except (Unavailable, httpx.HTTPError) as error:
                self.unanswered.append(f"{self.name} {move.__name__}: {error!r}")
            except (BlackboardError, ValidationError):
                continue
            except Exception as error:  # noqa: BLE001  # whatever else it is, is a finding
                self.unanswered.append(f"{self.name} {move.__name__}: {error!r}")

    # ---------------------------------------------------------------------------------------------------------- one answer
    def _key(self) -> str | None:
        """None, a new one, or one that somebody else used."""
        if self._chance.random() < 0.5:
            return None
        if self._loot.keys and self._chance.random() < 0.3:
            return self._chance.choice(self._loot.keys)
        self._loot.keys.append(uuid4().hex)
        return self._loot.keys[-1]

    def _case(self) -> UUID:
        return self._chance.choice(self._loot.cases or [uuid4()])

    def _held(self) -> tuple[UUID, int]:
        """A task of his or of others, with its fence or another."""
        if not self._loot.tasks:
            return uuid4(), 1
        task = self._chance.choice(self._loot.tasks[-20:])
        return task.id, max(1, task.fence + self._chance.choice((0, 0, 0, 0, 1, -1, 1000)))

    def _order(self) -> Json:
        """Bytes of his own making, or of an action that he knows with one member changed."""
        if self._loot.tasks and self._chance.random() < 0.6:
            known = {n: v for n, v in self._chance.choice(self._loot.tasks[-20:]).context.payload.items() if n != "customer_id"}
        else:
            known = {"from_account": "CHK-001", "to_account": "CHK-010", "amount": "5.00"}
        if self._chance.random() < 0.5:
            known |= {
                self._chance.choice(("from_account", "to_account", "amount", "memo")): self._chance.choice(ACCOUNTS + AMOUNTS)
            }
        return known

    async def open(self) -> Any:
        """A case, mostly within what it must be."""
        one, other = self._chance.sample(ACCOUNTS, 2)
        payload = {"from_account": one, "to_account": other, "amount": self._chance.choice(AMOUNTS), "memo": f"by {self.name}"}
        workflow = self._chance.choice(("transfer", "transfer", "transfer", "small", "fraud_review"))
        case = await self._say("open_case", r.NewCase(workflow=workflow, payload=payload), key=self._key())
        self._loot.cases.append(case.id)
        return case

    async def claim(self) -> Any:
        """Whatever he may have, and what he may not."""
        wanted = self._chance.sample(CAPABILITIES, self._chance.randint(1, 3)) if self._chance.random() < 0.3 else [self.name]
        session = self._chance.choice(self._loot.sessions) if self._loot.sessions and self._chance.random() < 0.2 else None
        wish = r.ClaimRequest(capabilities=wanted, limit=self._chance.randint(1, 5), session_id=session)
        return await self._say("claim", wish, key=self._key())

    async def decide(self) -> Any:
        """Without looking."""
        task, fence = self._held()
        said = r.FencedDecision(
            fence=fence, outcome=self._chance.choice(OUTCOMES), reasons=WHY, result=self._chance.choice((None, {"x": 1}))
        )
        return await self._say("decide", task, said, key=self._key())

    async def decide_many(self) -> Any:
        """Several at once, some twice."""
        held = [self._held() for _ in range(self._chance.randint(1, 4))]
        return await self._say(
            "decide_many", [r.DecisionItem(task_id=t, fence=f, outcome="approve", reasons=WHY) for t, f in held]
        )

    async def hold_on(self) -> Any:
        """Heartbeats, failures, releases, rejections, wishes for facts, opinions."""
        task, fence = self._held()
        verb, body = self._chance.choice(
            (
                ("heartbeat", r.Heartbeat(fence=fence, progress={"any": "thing"})),
                ("fail", r.Failure(fence=fence, reason="because", retryable=self._chance.random() < 0.5)),
                ("release", r.Release(fence=fence)),
                ("reject", r.Rejection(fence=fence, reason="because")),
                ("need_input", r.NeedInput(fence=fence, fact="verified", reason="because")),
                ("give_opinion", r.FencedOpinion(fence=fence, verdict="approve", reasons=WHY)),
            )
        )
        return await self._say(verb, task, body)

    async def propose(self) -> Any:
        """Bytes of his own for a decision to authorize."""
        task, fence = self._held()
        said = r.Proposal(fence=fence, kind=self._chance.choice(("transfer", "loan", "step_up")), payload=self._order())
        return await self._say("propose_action", task, said, key=self._key())

    async def record(self) -> Any:
        """An action that he made up, or that somebody authorized."""
        task, fence = self._held()
        order = self._order()
        ticket = await self._say(
            "record_action", task, r.NewAction(fence=fence, kind="transfer", payload=order), key=self._key()
        )
        self._loot.tickets.append((task, ticket, order))
        return ticket

    async def settle(self) -> Any:
        """With a receipt that no bank gave."""
        task, fence = self._held()
        known, ticket, _ = self._chance.choice(self._loot.tickets or [(task, ActionVerdict(verdict="none"), {})])
        state = self._chance.choice(("executed", "failed", "unknown"))
        said = r.Settlement.model_validate({"fence": fence, "state": state, "receipt": {"transfer_id": str(uuid4())}})
        return await self._say(
            "settle_action", self._chance.choice((task, known)), ticket.action_id or uuid4(), said, key=self._key()
        )

    async def tell_facts(self) -> Any:
        """And takes them back."""
        case, name = self._case(), self._chance.choice(("verified", "score", "limit", "customer"))
        if self._chance.random() < 0.5:
            return await self._say("put_facts", case, [r.NewFact(key=name, value=True)])
        mark = self._chance.choice(("disputed", "retracted", "upheld"))
        return await self._say("mark_fact", case, name, self._chance.randint(1, 3), mark, "because")

    async def review(self) -> Any:
        """Looks, takes, decides, forwards and escalates what people decide."""
        task, fence = (
            self._chance.choice(self._loot.reviews) if self._loot.reviews and self._chance.random() < 0.8 else self._held()
        )
        shown = self._chance.choice(self._loot.shown[-5:])
        verb, *said = self._chance.choice(
            (
                ("show_review", task),
                ("show_review", task),
                ("claim_review", task),
                ("claim_review", task),
                ("decide_review", task, r.ReviewDecision(fence=fence, outcome="approve", reasons=WHY, shown=shown)),
                ("decide", task, r.FencedDecision(fence=fence, outcome="approve", reasons=WHY, shown=shown)),
                ("forward_review", task, r.Forwarding(fence=fence, to=self._chance.choice(NAMES), reason="because")),
                ("escalate_review", task, r.Raising(fence=fence, reason="because")),
                ("ask_review", task, r.Question(fence=fence, fact="verified", question="why?")),
            )
        )
        return await self._say(verb, *said)

    async def look_around(self) -> Any:
        """For cases, and reviews that wait in them."""
        if self._loot.cases and self._chance.random() < 0.7:
            case = await self._say("show_case", self._case())
            self._loot.reviews.extend((task.id, max(1, task.fence)) for task in case.tasks if task.is_review)
            return case
        page = await self._say("list_cases")
        self._loot.cases.extend(case.id for case in page.cases)
        return page

    async def stand_in(self) -> Any:
        """Delegates to himself, and asks leave to break the rules, and gives it."""
        soon = datetime.now(UTC) + timedelta(days=3650)
        case, leave = self._chance.choice(self._loot.leaves or [(self._case(), uuid4())])
        other = self._chance.choice(NAMES)
        verb, *said = self._chance.choice(
            (
                (
                    "delegate",
                    r.NewDelegation.model_validate({"from": other, "to": self.name, "until": soon, "reason": "because"}),
                ),
                ("delegate", r.NewDelegation.model_validate({"to": other, "until": soon, "reason": "because"})),
                ("end_delegation", self._chance.choice(self._loot.delegations or [uuid4()]), "because"),
                (
                    "ask_leave",
                    self._case(),
                    r.NewLeave(agent=self.name, duty=self._chance.choice(("checker", "executor", "maker")), reason="because"),
                ),
                ("approve_leave", case, leave, "because"),
                ("revoke_leave", case, leave, "because"),
            )
        )
        return await self._say(verb, *said)

    async def rule(self) -> Any:
        """Writes the rules that he is judged by."""
        table = {
            "name": "transfer_risk",
            "title": "all is well",
            "inputs": {},
            "rows": [{"outcome": "approve", "reason": "fine"}],
        }
        verb, *said = self._chance.choice(
            (
                ("draft_policy", table, "because")
                if isinstance(self._carrier, OverHttp)
                else ("draft_policy", r.NewPolicy(policy=table, reason="because")),
                ("activate_policy", "transfer_risk", self._chance.randint(1, 4), "because"),
                ("retire_policy", "transfer_risk", self._chance.randint(2, 9), "because"),
                (
                    "put_quota",
                    r.NewQuota.model_validate({"name": "mine", "kind": "concurrency", "per": "tenant", "ceiling": "1000000"}),
                ),
                ("drop_quota", "mine"),
                (
                    "put_schedule",
                    "mine",
                    r.NewSchedule(cron="* * * * *", new_case=r.NewCase(workflow="small", payload={"customer": "X"})),
                ),
                ("keep_memory", "CHK-001", {"trusted": True}),
            )
        )
        return await self._say(verb, *said)

    async def operate(self) -> Any:
        """Does what is an operator's to do."""
        task, _ = self._held()
        verb, *said = self._chance.choice(
            (
                ("redrive_task", task, "because"),
                ("resolve_task", task, self._chance.choice(OUTCOMES), "because"),
                ("suspend_case", self._case(), "because"),
                ("resume_case", self._case(), "because"),
                ("cancel_case", self._case(), "because"),
                ("place_hold", "entity", "account:CHK-007", "because"),
                ("lift_hold", "entity", "account:CHK-007", "because"),
                ("send_signal", self._case(), "confirmed", {"yes": True}),
                # What the client calls by the verb the board calls by the state.
                (
                    "set_agent_state",
                    self._chance.choice(("worker", "rival")),
                    "suspend" if isinstance(self._carrier, OverHttp) else "suspended",
                    "because",
                ),
            )
        )
        return await self._say(verb, *said)

    async def keep_session(self) -> Any:
        """His own, or somebody's."""
        session = self._chance.choice(self._loot.sessions) if self._loot.sessions and self._chance.random() < 0.5 else uuid4()
        self._loot.sessions.append(session)
        verb, *said = self._chance.choice(
            (("start_session", session, {}), ("heartbeat_session", session), ("end_session", session))
        )
        return await self._say(verb, *said)

    async def rob(self) -> Any:
        """Goes to the bank with the agents' key: his own orders, under keys and permits that he knows."""
        _, ticket, order = self._chance.choice(self._loot.tickets or [(None, ActionVerdict(verdict="none"), self._order())])
        words: Mapping[str, str] = {"from_account": "source_account", "to_account": "destination_account"}
        wanted = {**order, **self._order()} if self._chance.random() < 0.7 else order
        headers = {"Idempotency-Key": ticket.effect_key or uuid4().hex}
        if ticket.permit and self._chance.random() < 0.8:
            headers["Board-Permit"] = ticket.permit
        answer = await self._bank.post("/transfers", json={words.get(n, n): v for n, v in wanted.items()}, headers=headers)
        if answer.is_server_error:
            self.unanswered.append(f"{self.name} at the bank: {answer.status_code}")
        return answer

    async def _say(self, verb: str, *said: Any, key: str | None = None) -> Any:
        return await self._carrier.say(verb, *said, key=key)


_MOVES: dict[Callable[[Adversary], Awaitable[Any]], int] = {
    Adversary.open: 8, Adversary.claim: 20, Adversary.decide: 18, Adversary.decide_many: 3, Adversary.hold_on: 6,
    Adversary.propose: 5, Adversary.record: 12, Adversary.settle: 6, Adversary.tell_facts: 5, Adversary.review: 12,
    Adversary.look_around: 2, Adversary.stand_in: 4, Adversary.rule: 3, Adversary.operate: 4, Adversary.keep_session: 2,
    Adversary.rob: 5,
}  # fmt: skip
