"""The board's verbs over HTTP.

Each write carries an idempotency key that is drawn once per call, so a repeat after a lost answer is safe and this client
repeats by itself: on a broken connection, on 503, and while its first try is still running. Everything else is raised at
once, as the same errors that the board raises in process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import TypeAdapter

from blackboard.answers import (
    ActionVerdict,
    Case,
    CasePage,
    CaseSummary,
    Claimed,
    Fact,
    FactPage,
    FactVerdicts,
    OpenedMany,
    TaskView,
    Told,
    Verdict,
    Verdicts,
)
from blackboard.principals import Principals
from blackboard.rate_limit import LimitInForce, RateLimit
from blackboard.reports import (
    Delegation,
    Erased,
    Hold,
    Incident,
    Leave,
    Load,
    PolicyText,
    PolicyVersion,
    ReviewClaim,
    ReviewQueue,
    ReviewScreen,
    ReviewVerdict,
    Story,
    Why,
    Workflow,
)
from blackboard.subscription import EventsPage, Snapshot, Subscription
from blackboard.transport import NOT_MODIFIED
from blackboard.values import Json

# What is only named here, or needed by few, is not loaded by everybody who asks a board something: it takes longer than asking.
if TYPE_CHECKING:
    from decimal import Decimal
    from uuid import UUID

    from blackboard.policy import Judged
    from blackboard.replay import Replayed
    from blackboard.requests import (
        BulkCase,
        ClaimRequest,
        DecisionItem,
        Failure,
        FencedDecision,
        FencedOpinion,
        Forwarding,
        Heartbeat,
        NeedInput,
        NewAction,
        NewCase,
        NewDelegation,
        NewFact,
        NewLeave,
        Proposal,
        Provenance,
        Question,
        Raising,
        Rejection,
        Release,
        ReviewDecision,
        Settlement,
        Trial,
    )

REPLAY_PAGE = 200


class BoardClient(Principals):
    """The board, as whoever has the key: a method per verb. Use as an async context manager."""

    # ------------------------------------------------------------------------------------------------------------- cases
    async def open_case(self, new: NewCase, *, key: str | None = None, wait_s: float = 0) -> Case:
        """Open a case; with `wait_s`, answer when it has ended or rests with a person."""
        return await self._write("POST", "/v1/cases", new, Case, key=key, params={"wait_s": wait_s})

    async def transfer_funds_for_agent(
        self,
        *,
        session_id: str,
        customer_id: str,
        from_account_id: str,
        to_account_id: str,
        amount: str | Decimal,
        currency: str = "USD",
        memo: str | None = None,
        key: str | None = None,
        wait_s: float = 20,
    ) -> Json:
        """Move money in a customer's session and wait for the bank's answer; `Declined` says why there is none.

        Where it goes on, or waits for a person, the answer says so in `status`, and in `case_id` what to follow.
        """
        body = {
            "from_account_id": from_account_id,
            "to_account_id": to_account_id,
            "amount": str(amount),
            "currency": currency,
            "session_id": session_id,
            "customer_id": customer_id,
            **({} if memo is None else {"memo": memo}),
        }
        return dict((await self._send("POST", "/v1/transfers", body, key=key, params={"wait_s": wait_s})).json())

    async def show_case(self, case_id: UUID, *, wait_s: float = 0) -> Case:
        """A case with its tasks and actions."""
        return await self._read(f"/v1/cases/{case_id}", Case, {"wait_s": wait_s})

    async def list_cases(self, **filters: object) -> CasePage:
        """A page of cases, newest first; filters as in `GET /v1/cases`."""
        return await self._read("/v1/cases", CasePage, {k: v for k, v in filters.items() if v is not None})

    async def find_number(self, number: int) -> CaseSummary | None:
        """The case that has this number; None when there is none."""
        return next(iter((await self.list_cases(number=number)).cases), None)

    async def cancel_case(self, case_id: UUID, reason: str, *, key: str | None = None) -> Case:
        """Withdraw a case."""
        return await self._write("POST", f"/v1/cases/{case_id}/cancel", {"reason": reason}, Case, key=key)

    async def open_cases(self, cases: list[BulkCase], *, key: str | None = None) -> OpenedMany:
        """Open up to 1,000 cases, each under its own key: one verdict each."""
        body = {"items": [case.model_dump(mode="json", exclude_none=True) for case in cases]}
        return await self._write("POST", "/v1/cases/batch", body, OpenedMany, key=key)

    async def put_facts(
        self, case_id: UUID, facts: list[NewFact], *, task_id: UUID | None = None, fence: int | None = None
    ) -> FactVerdicts:
        """Put what was learnt on the board; with task and fence as its holder."""
        items = [fact.model_dump(mode="json", exclude_unset=True) for fact in facts]
        holder = {"task_id": str(task_id), "fence": fence} if task_id else {}
        return await self._write("POST", f"/v1/cases/{case_id}/facts", {"items": items, **holder}, FactVerdicts)

    async def put_fact(
        self,
        case_id: UUID,
        key: str,
        value: Any,
        *,
        if_match: int | None = None,
        provenance: Provenance | None = None,
        task_id: UUID | None = None,
        fence: int | None = None,
    ) -> Fact:
        """Put one fact, in place of version `if_match` (0: there is none yet) or of any; it, as it is read now."""
        body: Json = {"value": value, **(provenance.model_dump(mode="json", exclude_unset=True) if provenance else {})}
        if task_id is not None:
            body |= {"task_id": str(task_id), "fence": fence}
        expects = {} if if_match is None else {"If-Match": f'"{if_match}"'} if if_match else {"If-None-Match": "*"}
        response = await self._send("PUT", f"/v1/cases/{case_id}/facts/{quote(key, safe='')}", body, headers=expects)
        return Fact.model_validate_json(response.content)

    async def facts(self, case_id: UUID, *, position: str | int | None = None, history: bool = False) -> FactPage:
        """What is known of a case, or was at a position; with `history` in all its versions."""
        params: Json = {"history": history} | ({} if position is None else {"position": str(position)})
        return await self._read(f"/v1/cases/{case_id}/facts", FactPage, params)

    async def dispute_fact(self, case_id: UUID, key: str, version: int, reason: str) -> Told:
        """Say that a fact is not right."""
        return await self._say(case_id, key, "dispute", version, reason)

    async def uphold_fact(self, case_id: UUID, key: str, version: int, reason: str) -> Told:
        """Say that a disputed fact is right."""
        return await self._say(case_id, key, "uphold", version, reason)

    async def retract_fact(self, case_id: UUID, key: str, version: int, reason: str) -> Told:
        """Take a fact back."""
        return await self._say(case_id, key, "retract", version, reason)

    async def _say(self, case_id: UUID, key: str, verb: str, version: int, reason: str) -> Told:
        path = f"/v1/cases/{case_id}/facts/{quote(key, safe='')}/{verb}"
        return await self._write("POST", path, {"version": version, "reason": reason}, Told)

    async def send_signal(self, case_id: UUID, name: str, body: Json, *, key: str | None = None) -> Told:
        """Tell the case that something happened outside."""
        return await self._write("POST", f"/v1/cases/{case_id}/signals/{name}", {"body": body}, Told, key=key)

    async def suspend_case(self, case_id: UUID, reason: str) -> Case:
        """Hand out no further task of it."""
        return await self._write("POST", f"/v1/cases/{case_id}/suspend", {"reason": reason}, Case)

    async def resume_case(self, case_id: UUID, reason: str) -> Case:
        """Let it go on."""
        return await self._write("POST", f"/v1/cases/{case_id}/resume", {"reason": reason}, Case)

    # -------------------------------------------------------------------------------------------------------------- work
    async def claim(self, wish: ClaimRequest, *, key: str | None = None) -> Claimed:
        """Take tasks, waiting up to `wait_s`."""
        return await self._write("POST", "/v1/claims", wish, Claimed, key=key)

    async def show_task(self, task_id: UUID) -> TaskView:
        """A task and who holds it."""
        return await self._read(f"/v1/tasks/{task_id}", TaskView)

    async def heartbeat(self, task_id: UUID, beat: Heartbeat) -> Verdict:
        """Keep a claim. `ClaimLost` when it is gone."""
        return await self._write("POST", f"/v1/tasks/{task_id}/heartbeat", beat, Verdict)

    async def decide(self, task_id: UUID, decision: FencedDecision, *, key: str | None = None) -> Verdict:
        """End a task with an outcome."""
        return await self._write("POST", f"/v1/tasks/{task_id}/decision", decision, Verdict, key=key)

    async def give_opinion(self, task_id: UUID, opinion: FencedOpinion, *, key: str | None = None) -> Verdict:
        """Say what a seat of a panel has to say, sealed until all are counted."""
        return await self._write("POST", f"/v1/tasks/{task_id}/opinion", opinion, Verdict, key=key)

    async def decide_many(self, decisions: list[DecisionItem], *, key: str | None = None) -> Verdicts:
        """End many tasks: one verdict each."""
        body = {"items": [decision.model_dump(mode="json") for decision in decisions]}
        return await self._write("POST", "/v1/decisions", body, Verdicts, key=key)

    async def fail(self, task_id: UUID, failure: Failure, *, key: str | None = None) -> Verdict:
        """The work went wrong."""
        return await self._write("POST", f"/v1/tasks/{task_id}/fail", failure, Verdict, key=key)

    async def release(self, task_id: UUID, release: Release, *, key: str | None = None) -> Verdict:
        """Give a task back."""
        return await self._write("POST", f"/v1/tasks/{task_id}/release", release, Verdict, key=key)

    async def reject(self, task_id: UUID, rejection: Rejection, *, key: str | None = None) -> Verdict:
        """Give a task back and be offered it no more."""
        return await self._write("POST", f"/v1/tasks/{task_id}/reject", rejection, Verdict, key=key)

    async def need_input(self, task_id: UUID, need: NeedInput, *, key: str | None = None) -> Verdict:
        """Let a task wait for a fact."""
        return await self._write("POST", f"/v1/tasks/{task_id}/need", need, Verdict, key=key)

    async def explain_task(self, task_id: UUID) -> Why:
        """Why nobody has it, who may claim it, who may not and by which rule."""
        return await self._read(f"/v1/tasks/{task_id}/why", Why)

    async def propose_action(self, task_id: UUID, proposal: Proposal, *, key: str | None = None) -> ActionVerdict:
        """Show a decision the exact bytes that it is to authorize."""
        return await self._write("POST", f"/v1/tasks/{task_id}/actions/propose", proposal, ActionVerdict, key=key)

    async def explain_case(self, case_id: UUID) -> Story:
        """What became of a case and why, in words."""
        return await self._read(f"/v1/cases/{case_id}/explain", Story)

    async def replay_case(self, case_id: UUID) -> list[Replayed]:
        """Make the tallies of a case again, from the journal alone; each says whether it comes out the same."""
        from blackboard.replay import TYPES, replay

        told: list[tuple[str, str, Json]] = []
        params: dict[str, Any] = {"case": str(case_id), "type": list(TYPES), "after": "0", "limit": REPLAY_PAGE}
        while True:
            answer = await self._ask("GET", "/v1/events", params=params, headers={"Accept": "application/json"})
            page = answer.json()
            told += [(event["type"], event["stage"], event["data"]) for event in page["events"]]
            if len(page["events"]) < REPLAY_PAGE:
                return list(replay(told))
            params["after"] = page["next"]

    async def record_action(self, task_id: UUID, action: NewAction, *, key: str | None = None) -> ActionVerdict:
        """Write a side effect down before it is sent."""
        return await self._write("POST", f"/v1/tasks/{task_id}/actions", action, ActionVerdict, key=key)

    async def settle_action(
        self, task_id: UUID, action_id: UUID, settlement: Settlement, *, key: str | None = None
    ) -> ActionVerdict:
        """Keep what the bank said."""
        path = f"/v1/tasks/{task_id}/actions/{action_id}/settlement"
        return await self._write("POST", path, settlement, ActionVerdict, key=key)

    # ----------------------------------------------------------------------------------------------------------- reviews
    async def list_reviews(self, **filters: object) -> ReviewQueue:
        """Open reviews, those due first before the others; filters as in `GET /v1/reviews`."""
        return await self._read("/v1/reviews", ReviewQueue, {k: v for k, v in filters.items() if v is not None})

    async def show_review(self, task_id: UUID) -> ReviewScreen:
        """What a review is decided upon, and the digest that its decision names."""
        return await self._read(f"/v1/reviews/{task_id}", ReviewScreen)

    async def claim_review(self, task_id: UUID, *, key: str | None = None) -> ReviewClaim:
        """Take a review."""
        return await self._write("POST", f"/v1/reviews/{task_id}/claim", None, ReviewClaim, key=key)

    async def decide_review(self, task_id: UUID, decision: ReviewDecision, *, key: str | None = None) -> ReviewVerdict:
        """Decide a review on what was shown."""
        return await self._write("POST", f"/v1/reviews/{task_id}/decision", decision, ReviewVerdict, key=key)

    async def return_review(self, task_id: UUID, release: Release, *, key: str | None = None) -> Verdict:
        """Give a review back."""
        return await self._write("POST", f"/v1/reviews/{task_id}/return", release, Verdict, key=key)

    async def forward_review(self, task_id: UUID, to: Forwarding, *, key: str | None = None) -> Told:
        """Let somebody else decide a review."""
        return await self._write("POST", f"/v1/reviews/{task_id}/forward", to, Told, key=key)

    async def escalate_review(self, task_id: UUID, why: Raising, *, key: str | None = None) -> Told:
        """Let those decide a review whom its stage escalates to."""
        return await self._write("POST", f"/v1/reviews/{task_id}/escalate", why, Told, key=key)

    async def ask_review(self, task_id: UUID, ask: Question, *, key: str | None = None) -> Told:
        """Let a review wait for the answer to a question."""
        return await self._write("POST", f"/v1/reviews/{task_id}/ask", ask, Told, key=key)

    # ------------------------------------------------------------------------------------------------------------ memory
    async def keep_memory(self, subject: str, values: Json) -> None:
        """Keep values for this agent's later tasks about the same customer."""
        await self._send("PUT", f"/v1/memory/{quote(subject, safe='')}", {"values": values})

    # ------------------------------------------------------------------------------------------------------------ events
    def events(self, *, after: str | None = None, snapshot: Snapshot | None = None, **filters: object) -> Subscription:
        """`async for event in board.events(type=["task.*"])`: the journal, live; filters as in `GET /v1/events`."""
        return Subscription(self, filters, after=after, snapshot=snapshot)

    async def events_page(self, after: str, **filters: object) -> EventsPage:
        """A page of the journal after a cursor, `0` for the beginning; its `next` is `after` itself where the journal ends."""
        params = {"after": after, **{name: value for name, value in filters.items() if value is not None}}
        answer = await self._ask("GET", "/v1/events", params=params, headers={"Accept": "application/json"})
        return EventsPage.model_validate_json(answer.content)

    # ----------------------------------------------------------------------------------------------------------- control
    async def place_hold(self, kind: str, name: str, reason: str) -> Told:
        """Give out no more claims of it."""
        return await self._write("POST", "/v1/holds", {"kind": kind, "name": name, "reason": reason}, Told)

    async def lift_hold(self, kind: str, name: str, reason: str) -> Told:
        """Offer it again."""
        return await self._write("POST", "/v1/holds/lift", {"kind": kind, "name": name, "reason": reason}, Told)

    async def list_holds(self) -> list[Hold]:
        """What is held back."""
        return TypeAdapter(list[Hold]).validate_json((await self._ask("GET", "/v1/holds")).content)

    async def list_limits(self) -> list[LimitInForce]:
        """How fast the callers of this tenant may ask."""
        return TypeAdapter(list[LimitInForce]).validate_json((await self._ask("GET", "/v1/limits")).content)

    async def put_limit(self, limit: Json) -> RateLimit:
        """Set a limit, or replace the one of that name."""
        return await self._write("PUT", "/v1/limits", limit, RateLimit)

    async def drop_limit(self, name: str) -> Told:
        """Lift a limit."""
        return await self._write("DELETE", f"/v1/limits/{name}", {}, Told)

    async def list_incidents(self) -> list[Incident]:
        """Tasks that rest until somebody looks at them."""
        return TypeAdapter(list[Incident]).validate_json((await self._ask("GET", "/v1/incidents")).content)

    async def redrive_task(self, task_id: UUID, reason: str) -> Told:
        """Try a stuck task again."""
        return await self._write("POST", f"/v1/tasks/{task_id}/redrive", {"reason": reason}, Told)

    async def resolve_task(self, task_id: UUID, outcome: str, reason: str) -> Told:
        """End a stuck task with an outcome of its stage."""
        return await self._write("POST", f"/v1/tasks/{task_id}/resolve", {"outcome": outcome, "reason": reason}, Told)

    async def show_load(self) -> list[Load]:
        """How much work lies where."""
        return TypeAdapter(list[Load]).validate_json((await self._ask("GET", "/v1/load")).content)

    async def list_workflows(self, name: str | None = None) -> list[Workflow]:
        """The newest version of each workflow, or of one."""
        params = {"name": name} if name else {}
        return TypeAdapter(list[Workflow]).validate_json((await self._ask("GET", "/v1/workflows", params=params)).content)

    # ---------------------------------------------------------------------------------------------------------- policies
    async def list_policies(self, name: str | None = None) -> list[PolicyVersion]:
        """The versions of all policies, or of one, newest first."""
        answer = await self._ask("GET", "/v1/policies", params={"name": name} if name else {})
        return TypeAdapter(list[PolicyVersion]).validate_json(answer.content)

    async def show_policy(self, name: str, version: int | None = None, *, known: PolicyText | None = None) -> PolicyText:
        """A version, or the active one. Not sent again while it is the one that is `known`."""
        params = {"version": version} if version is not None else {}
        headers = {"If-None-Match": f'"{known.version}.{known.state}"'} if known else {}
        answer = await self._ask("GET", f"/v1/policies/{name}", params=params, headers=headers)
        return known if known and answer.status_code == NOT_MODIFIED else PolicyText.model_validate_json(answer.content)

    async def draft_policy(self, document: Json, reason: str, *, key: str | None = None) -> PolicyText:
        """Keep a policy as a draft."""
        return await self._write("POST", "/v1/policies", {"policy": document, "reason": reason}, PolicyText, key=key)

    async def activate_policy(self, name: str, version: int, reason: str, *, key: str | None = None) -> PolicyText:
        """Let a version judge that an agent of another owner drafted."""
        path = f"/v1/policies/{name}/versions/{version}/activate"
        return await self._write("POST", path, {"reason": reason}, PolicyText, key=key)

    async def retire_policy(self, name: str, version: int, reason: str, *, key: str | None = None) -> PolicyText:
        """Let a version judge no more."""
        path = f"/v1/policies/{name}/versions/{version}/retire"
        return await self._write("POST", path, {"reason": reason}, PolicyText, key=key)

    async def judge_policy(self, name: str, trial: Trial) -> Judged:
        """What a version says of some inputs."""
        from blackboard.policy import Judged

        return await self._write("POST", f"/v1/policies/{name}/judge", trial, Judged)

    # ----------------------------------------------------------------------------------------------------------- records
    async def export_journal(self, after: int) -> str:
        """Sealed events after a position, and their seals, as lines."""
        return (await self._ask("GET", f"/v1/audit/export?after={after}")).text

    async def show_evidence(self, case_id: UUID) -> Json:
        """All that there is about a case, with proofs."""
        return dict((await self._ask("GET", f"/v1/cases/{case_id}/evidence")).json())

    async def erase_customer(self, customer: str, reason: str, *, key: str | None = None) -> Erased:
        """Take out what tells of a customer whose cases have ended. `Conflict` says what stands in the way."""
        path = f"/v1/customers/{quote(customer, safe='')}/erase"
        return await self._write("POST", path, {"reason": reason}, Erased, key=key)

    # ------------------------------------------------------------------------------------------------------------ duties
    async def delegate(self, new: NewDelegation) -> Delegation:
        """Let another agent act for this one."""
        return await self._write("POST", "/v1/delegations", new, Delegation)

    async def end_delegation(self, delegation_id: UUID, reason: str) -> Told:
        """Act for oneself again."""
        return await self._write("DELETE", f"/v1/delegations/{delegation_id}", {}, Told, params={"reason": reason})

    async def list_delegations(self) -> list[Delegation]:
        """Who acts for whom."""
        return TypeAdapter(list[Delegation]).validate_json((await self._ask("GET", "/v1/delegations")).content)

    async def ask_leave(self, case_id: UUID, new: NewLeave) -> Leave:
        """Ask that an agent may break a rule on duties once."""
        return await self._write("POST", f"/v1/cases/{case_id}/break-glass", new, Leave)

    async def approve_leave(self, case_id: UUID, leave_id: UUID, reason: str) -> Leave:
        """Approve of it as a second person."""
        return await self._write("POST", f"/v1/cases/{case_id}/break-glass/{leave_id}/approve", {"reason": reason}, Leave)

    async def revoke_leave(self, case_id: UUID, leave_id: UUID, reason: str) -> Leave:
        """Take it back before it is spent."""
        return await self._write("POST", f"/v1/cases/{case_id}/break-glass/{leave_id}/revoke", {"reason": reason}, Leave)

    async def list_leaves(self) -> list[Leave]:
        """What leave was asked for, newest first."""
        return TypeAdapter(list[Leave]).validate_json((await self._ask("GET", "/v1/break-glass")).content)
