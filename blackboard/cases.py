"""The counter for cases: opening them one by one or by the thousand, waiting for their end."""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from blackboard.answers import Case, CasePage, Opened, OpenedMany, Told
from blackboard.bells import Bells
from blackboard.cron import next_moment
from blackboard.definitions import Definitions, Outdated, Version
from blackboard.errors import BlackboardError, Conflict, Duplicate, NotFound, Refused
from blackboard.once import Answered, Desk, Once
from blackboard.references import References, named_by, refuse_missing
from blackboard.reports import Schedule, Workflow
from blackboard.requests import NewCase, NewSchedule
from blackboard.roles import demand
from blackboard.states import CaseState
from blackboard.store import Store, Verbs
from blackboard.values import Json, Principal, demand_name

RECHECK_S = 2.0


class Cases(Desk):
    """Cases, and the workflows that they follow."""

    def __init__(self, store: Store, on_commit: Callable[[], None], bells: Bells, references: References) -> None:
        Desk.__init__(self, store, on_commit)
        self._bells = bells
        self._references = references
        self._definitions = Definitions(store)
        self._closing = False

    # ------------------------------------------------------------------------------------------------------------ opening
    async def open_case(self, who: Principal, new: NewCase, once: Once | None = None) -> Answered[Case]:
        """Open a case. `Invalid` when the payload does not fit its workflow, `Duplicate` when the business key is taken."""
        demand(who, "open a case")
        answered = await self._definitions.up_to_date(lambda: self._open_case(who, new, once))
        await self._ring(who, [new])
        return answered

    async def _open_case(self, who: Principal, new: NewCase, once: Once | None) -> Answered[Case]:
        try:
            item = await self._checked(await self._definitions.newest(who, new.workflow), new)
        except BlackboardError:
            # What was opened stays opened, whatever has changed since in the workflow or at the bank.
            if once is not None and (given := await self._recalled(who, once, Case)):
                return given
            raise

        async def open_it(verbs: Verbs) -> Case:
            [(verdict, case_id)] = await verbs.open_cases(who, [item])
            if error := _not_opened(verdict, new):
                raise error
            return await _shown(verbs, who, case_id)

        return await self._answer_once(who, once, Case, open_it, status=201)

    async def open_cases(self, who: Principal, news: Sequence[NewCase], keys: Sequence[Once]) -> OpenedMany:
        """Open many, each under a key of its own: one verdict each, in order. One bad case changes nothing for the others."""
        demand(who, "open a case")
        opened, fresh = await self._definitions.up_to_date(lambda: self._open_cases(who, news, keys))
        await self._ring(who, [news[n] for n in fresh])
        return opened

    async def _open_cases(self, who: Principal, news: Sequence[NewCase], keys: Sequence[Once]) -> tuple[OpenedMany, list[int]]:
        """The verdicts, and the places of those items that nobody had asked for before."""
        told: list[Opened | None] = [None] * len(news)
        async with self._store.transaction() as verbs:
            # Before the checks, as with a single case: what was opened stays opened.
            asked = await self._recall_many(verbs, who, keys, range(len(news)), told)
        items = await self._checked_many(who, news, asked, told)
        async with self._store.transaction(who) as verbs:
            fresh = await self._recall_many(verbs, who, keys, list(items), told)
            opened = await verbs.open_cases(who, [items[n] for n in fresh])
            answers = []
            for n, (verdict, case_id) in zip(fresh, opened, strict=True):
                refused = _not_opened(verdict, news[n])
                told[n] = _refused(refused) if refused else Opened(verdict="opened", id=case_id)
                if refused is None:
                    answers.append(
                        {**keys[n].row(who.agent_id), "status": 201, "answer": {"verdict": "opened", "id": str(case_id)}}
                    )
            await verbs.keep_answers(who.tenant_id, answers)
        self._on_commit()
        return OpenedMany(items=[verdict for verdict in told if verdict is not None]), fresh

    async def _checked_many(
        self, who: Principal, news: Sequence[NewCase], asked: Sequence[int], told: list[Opened | None]
    ) -> dict[int, Json]:
        """What the SQL function takes, by place; the verdicts on what can be refused beforehand go into `told`."""
        sound: dict[int, Version] = {}
        for n in asked:
            try:
                version = await self._definitions.newest(who, news[n].workflow)
                version.definition.check_payload(news[n].payload)
                sound[n] = version
            except Refused as error:
                told[n] = _refused(error)
        wanted = set().union(*(named_by(version.definition, news[n].payload) for n, version in sound.items()))
        missing = await self._references.missing(wanted)
        items = {}
        for n, version in sound.items():
            try:
                refuse_missing(version.definition, news[n].payload, missing)
                items[n] = _item(version, news[n])
            except Refused as error:
                told[n] = _refused(error)
        return items

    async def _recall_many(
        self, verbs: Verbs, who: Principal, keys: Sequence[Once], asked: Iterable[int], told: list[Opened | None]
    ) -> list[int]:
        """Those of the items asked for that are new; the verdicts of the others go into `told`."""
        asked = list(asked)
        fresh, seen = [], set()
        stored = await verbs.recall_answers(who.tenant_id, [keys[n].row(who.agent_id) for n in asked])
        for n, answer in zip(asked, stored, strict=True):
            if answer.verdict == "replayed":
                told[n] = Opened(verdict="replayed", id=answer.answer["id"])
            elif answer.verdict != "fresh" or keys[n].key in seen:
                told[n] = Opened(
                    verdict=f"key-{answer.verdict}" if answer.verdict != "fresh" else "key-repeated",
                    detail="This Idempotency-Key is in use for another case or request.",
                )
            else:
                seen.add(keys[n].key)
                fresh.append(n)
        return fresh

    async def _checked(self, version: Version, new: NewCase) -> Json:
        """What the SQL function takes, after everything that can be said against it beforehand."""
        definition = version.definition
        definition.check_payload(new.payload)
        refuse_missing(definition, new.payload, await self._references.missing(named_by(definition, new.payload)))
        return _item(version, new)

    async def _ring(self, who: Principal, news: Sequence[NewCase]) -> None:
        """Wake agents of this process at once: the journal's ring comes some milliseconds later."""
        for new in news:
            definition = (await self._definitions.newest(who, new.workflow)).definition
            for work in (definition.stages[definition.start].tasks or {}).values():
                self._bells.ring(("ready", who.tenant_id, work.capability), count=1)

    # ------------------------------------------------------------------------------------------------------- while it runs
    async def send_signal(
        self, who: Principal, case_id: UUID, name: str, body: Json, once: Once | None = None
    ) -> Answered[Told]:
        """Tell the case that something happened outside; a stage that waits for it goes on."""
        demand(who, "tell about a case")

        async def send_it(verbs: Verbs) -> Told:
            verdict = await verbs.send_signal(who, case_id, name, body)
            if error := _not_sent(verdict, case_id):
                raise error
            return Told(verdict=verdict)

        return await self._answer_once(who, once, Told, send_it)

    async def cancel_case(self, who: Principal, case_id: UUID, reason: str, once: Once | None = None) -> Answered[Case]:
        """Withdraw a case: nobody can work on it any more. `Conflict` when it has ended."""
        demand(who, "cancel a case")
        return await self._change(who, case_id, once, lambda verbs: verbs.cancel_cases(who, [case_id], reason))

    async def suspend_case(self, who: Principal, case_id: UUID, reason: str, once: Once | None = None) -> Answered[Case]:
        """Hand out no further task of it until it is resumed."""
        demand(who, "run the board")
        return await self._change(who, case_id, once, lambda verbs: verbs.suspend_cases(who, [case_id], reason))

    async def resume_case(self, who: Principal, case_id: UUID, reason: str, once: Once | None = None) -> Answered[Case]:
        """Let it go on where it was."""
        demand(who, "run the board")
        return await self._change(who, case_id, once, lambda verbs: verbs.resume_cases(who, [case_id], reason))

    async def _change(
        self, who: Principal, case_id: UUID, once: Once | None, verb: Callable[[Verbs], Awaitable[list[str]]]
    ) -> Answered[Case]:
        async def change_it(verbs: Verbs) -> Case:
            [verdict] = await verb(verbs)
            case = await _shown(verbs, who, case_id)
            if verdict == "closed":
                raise Conflict(f"The case has ended already: {case.outcome}.", state=case.state)
            if verdict == "in_flight":
                raise Conflict("An action of the case is under way. Cancel it when its outcome is known.", state=case.state)
            return case

        return await self._answer_once(who, once, Case, change_it)

    # ---------------------------------------------------------------------------------------------------------- schedules
    async def put_schedule(
        self, who: Principal, name: str, schedule: NewSchedule, once: Once | None = None
    ) -> Answered[Schedule]:
        """Let a case open by itself at the moments of a cron expression; checked as if it were opened now."""
        demand(who, "run the board")
        demand_name(name)
        if once is not None and (given := await self._recalled(who, once, Schedule)):
            return given
        item = await self._checked(await self._definitions.newest(who, schedule.new_case.workflow), schedule.new_case)
        # The cases to come follow the version that is newest then.
        del item["version"]
        next_at = next_moment(schedule.cron, schedule.zone, datetime.now(UTC))

        async def put_it(verbs: Verbs) -> Schedule:
            await verbs.put_schedule(who, name, schedule, item, next_at)
            return next(found for found in await verbs.list_schedules(who) if found.name == name)

        return await self._answer_once(who, once, Schedule, put_it)

    # ------------------------------------------------------------------------------------------------------------ reading
    async def wait_for_case(self, who: Principal, case_id: UUID, wait_s: float) -> Case:
        """The case when it has ended or rests with a person, or as it is after `wait_s` seconds."""
        ends_at = time.monotonic() + wait_s
        with self._bells.listening([("case", case_id)]) as bell:
            while True:
                case = await self.show_case(who, case_id)
                left_s = ends_at - time.monotonic()
                if case.rests or left_s <= 0 or self._closing:
                    return case
                await bell.wait(min(left_s, RECHECK_S))

    async def show_case(self, who: Principal, case_id: UUID) -> Case:
        """A case with its tasks, facts and actions."""
        demand(who, "read the board")
        return await _shown(self._store, who, case_id)

    async def find_number(self, who: Principal, number: int) -> Case:
        """The case that has this number, of those that workflows give. `NotFound` when there is none."""
        demand(who, "read the board")
        case_id = await self._store.find_number(who, number)
        if case_id is None:
            raise NotFound(f"There is no case with the number {number}.")
        return await _shown(self._store, who, case_id)

    async def find_case(self, who: Principal, workflow: str, business_key: str) -> Case:
        """The case of a workflow that has this business key."""
        demand(who, "read the board")
        if (case_id := await self._store.find_case(who, workflow, business_key)) is None:
            raise NotFound(f"Workflow {workflow} has no case with this business_key.")
        return await _shown(self._store, who, case_id)

    async def list_cases(
        self,
        who: Principal,
        *,
        workflow: str | None = None,
        state: CaseState | None = None,
        stage: str | None = None,
        subject: str | None = None,
        number: int | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> CasePage:
        """A page of cases, newest first."""
        demand(who, "read the board")
        return await self._store.list_cases(
            who, workflow=workflow, state=state, stage=stage, subject=subject, number=number, before=before, limit=limit
        )

    async def list_workflows(self, who: Principal, name: str | None = None) -> list[Workflow]:
        """The newest version of each workflow, or of one."""
        demand(who, "read the board")
        return await self._store.list_workflows(who.tenant_id, name)


async def _shown(verbs: Verbs, who: Principal, case_id: UUID | None) -> Case:
    case = None if case_id is None else await verbs.show_case(who, case_id)
    if case is None:
        raise NotFound(f"There is no case {case_id}.")
    return case


def _item(version: Version, new: NewCase) -> Json:
    """A case as the SQL function takes it."""
    return {
        **new.model_dump(mode="json", exclude_none=True),
        "version": version.number,
        "subject": version.definition.subject_of(new.payload),
        "entities": version.definition.entities_of(new.payload),
    }


def _refused(error: Refused) -> Opened:
    return Opened(verdict=error.code, detail=error.detail)


def _not_opened(verdict: str, new: NewCase) -> Refused | None:
    """The error for a case that the database did not open. `Outdated` where it was checked against an older version."""
    if verdict == "other_version":
        raise Outdated
    if verdict == "duplicate":
        return Duplicate(f"Workflow {new.workflow} has a case with this business_key already.")
    if verdict == "unknown_workflow":
        return NotFound(f"There is no workflow {new.workflow!r}.")
    return None


def _not_sent(verdict: str, case_id: UUID) -> Refused | None:
    """The error for a signal that the case does not take."""
    if verdict == "unknown":
        return NotFound(f"There is no case {case_id}.")
    return Conflict("The case has ended; nothing can be added to it.", state="closed") if verdict == "closed" else None
