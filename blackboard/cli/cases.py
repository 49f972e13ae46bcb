"""Opening cases and looking at them."""

import json
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from blackboard.cli.console import OTHERWISE, RESTS, AsJson, board, clean, emit, run, table

if TYPE_CHECKING:
    from blackboard.answers import Case, Task
    from blackboard.client import BoardClient

WAIT_STEP_S = 20.0


def submit(
    workflow: Annotated[str, typer.Argument(help="Which workflow, e.g. transfer.")],
    source: Annotated[str | None, typer.Option("--from", help="Account to take from.")] = None,
    target: Annotated[str | None, typer.Option("--to", help="Account to pay to.")] = None,
    amount: Annotated[str | None, typer.Option(help='A decimal such as "250.00".')] = None,
    currency: Annotated[str | None, typer.Option(help="Three letters; the bank's default when left out.")] = None,
    memo: Annotated[str | None, typer.Option(help="Text for the payee.")] = None,
    payload: Annotated[str | None, typer.Option(help="The whole payload as JSON, or @FILE.")] = None,
    business_key: Annotated[str | None, typer.Option(help="Your own number; one case per workflow has it.")] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency key; repeat it to repeat safely.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="JSON lines, a case each; repeat it to go on after an interruption.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until the case has ended or rests with a person.")] = False,
    wait_limit_s: Annotated[float, typer.Option(help="Longest wait.")] = 120,
    as_json: AsJson = False,
) -> None:
    """Open a case. With --wait: exit 0 when it ended as executed or approved, 4 otherwise, 5 when it rests with a person."""
    from blackboard.requests import NewCase

    if file is not None:
        from blackboard.cli.bulk import submit_file

        run(submit_file(workflow, file, as_json=as_json))
    fields = {"from_account": source, "to_account": target, "amount": amount, "currency": currency, "memo": memo}
    document = {**_read_payload(payload), **{name: value for name, value in fields.items() if value is not None}}

    async def work() -> int:
        async with board("requester") as client:
            new = NewCase(workflow=workflow, payload=document, business_key=business_key)
            case = await client.open_case(new, key=key or uuid.uuid4().hex)
            if not as_json:
                typer.echo(f"case {case.id}")
            if wait:
                case = await _wait(client, case, wait_limit_s)
            if as_json:
                emit(case)
            elif wait:
                _tell_end(case)
            return _exit_code(case) if wait else 0

    run(work())


def list_cases(
    workflow: Annotated[str | None, typer.Option(help="Only of this workflow.")] = None,
    state: Annotated[str | None, typer.Option(help="active, completed or terminated.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only at this stage.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only about this account or customer.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: AsJson = False,
) -> None:
    """List cases, newest first."""

    async def work() -> None:
        async with board("auditor") as client:
            page = await client.list_cases(workflow=workflow, state=state, stage=stage, subject=subject, limit=limit)
        if as_json:
            emit(page)
            return
        rows = [
            (
                case.id,
                case.workflow,
                case.state,
                case.stage,
                case.outcome or "",
                case.subject or "",
                f"{case.opened_at:%H:%M:%S}",
            )
            for case in page.cases
        ]
        table("", ("case", "workflow", "state", "stage", "outcome", "subject", "opened"), rows)

    run(work())


def show_case(name: Annotated[str, typer.Argument(metavar="ID|NUMBER")], as_json: AsJson = False) -> None:
    """Show one case: what was asked, who decided what and why, what happened at the bank."""

    async def work() -> None:
        async with board("auditor") as client:
            case = await client.show_case(await _find(client, name))
        emit(case) if as_json else _tell_case(case)

    run(work())


async def _find(client: "BoardClient", name: str) -> UUID:
    """A case by its id, or by the number that its workflow gave it."""
    from blackboard.errors import NotFound

    if name.isascii() and name.isdigit():
        found = await client.find_number(int(name))
        if found is None:
            raise NotFound(f"There is no case with the number {name}.")
        return found.id
    try:
        return UUID(name)
    except ValueError:
        raise typer.BadParameter(f"{name!r} is neither an id of a case nor a number of one") from None


def _read_payload(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        raw = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        document = json.loads(raw)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"--payload: {error}") from error
    if not isinstance(document, dict):
        raise typer.BadParameter("--payload must be a JSON object")
    return document


async def _wait(client: "BoardClient", case: "Case", limit_s: float) -> "Case":
    ends_at = time.monotonic() + limit_s
    while not case.rests and (left_s := ends_at - time.monotonic()) > 0:
        case = await client.show_case(case.id, wait_s=min(WAIT_STEP_S, left_s))
    return case


def _exit_code(case: "Case") -> int:
    if case.outcome in ("executed", "approved"):
        return 0
    return OTHERWISE if case.outcome else RESTS


def _tell_end(case: "Case") -> None:
    last = next((task.decision for task in reversed(case.tasks) if task.decision), None)
    reasons = f" ({', '.join(last.reasons)})" if last and last.reasons else ""
    typer.echo(clean(f"{case.outcome or f'rests at {case.stage}'}{reasons}"))


def _tell_case(case: "Case") -> None:
    typer.echo(clean(f"case {case.id}  {case.workflow} v{case.workflow_version}  {case.state}  {case.outcome or case.stage}"))
    typer.echo(clean(f"asked by {case.opened_by} at {case.opened_at:%Y-%m-%d %H:%M:%S} UTC: {json.dumps(case.payload)}"))
    table("", ("stage", "state", "try", "who", "outcome", "why", "at (UTC)"), [_task_row(task) for task in case.tasks])
    for action in case.actions:
        typer.echo(clean(f"action {action.kind}: {action.state} under key {action.effect_key}, tried {action.attempts}x"))
        if (permit := action.authorization) is not None:
            rests = f" on {', '.join(permit.reads)}" if permit.reads else ""
            typer.echo(clean(f"  authorized by {permit.granted_by}{rests}: {permit.state}"))
    if case.duties:
        typer.echo(clean("duties: " + ", ".join(f"{done.duty} {done.agent}" for done in case.duties)))


def _task_row(task: "Task") -> tuple[object, ...]:
    decision = task.decision
    who = decision.by if decision else task.holder.agent if task.holder else ""
    outcome, why = (decision.outcome, ", ".join(decision.reasons)) if decision else ("", "")
    at = task.finished_at or task.created_at
    return task.stage, task.state, task.attempt, who, outcome, why, f"{at:%H:%M:%S.%f}"[:-3]
