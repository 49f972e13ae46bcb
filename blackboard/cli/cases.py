"""Opening cases and looking at them."""

import json
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blackboard.cli.choices import a_workflow
from blackboard.cli.console import OTHERWISE, RESTS, AsJson, board, emit, run, say, sign_of_life, table

if TYPE_CHECKING:
    from blackboard.answers import Case
    from blackboard.client import BoardClient

# So often a person who waits is told where it is.
WAIT_STEP_S = 2.0


def submit(
    workflow: Annotated[str, typer.Argument(help="Which workflow, e.g. transfer.", autocompletion=a_workflow)],
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
                say(f"case {case.id}")
            if wait:
                case = await _wait(client, case, wait_limit_s)
            if as_json:
                emit(case)
            elif wait:
                _tell_end(case)
            return _exit_code(case) if wait else 0

    run(work())


def list_cases(
    workflow: Annotated[str | None, typer.Option(help="Only of this workflow.", autocompletion=a_workflow)] = None,
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
    with sign_of_life() as tell:
        while not case.rests and (left_s := ends_at - time.monotonic()) > 0:
            tell(f"{case.workflow} is at {case.stage}")
            case = await client.show_case(case.id, wait_s=min(WAIT_STEP_S, left_s))
    return case


def _exit_code(case: "Case") -> int:
    if case.outcome in ("executed", "approved"):
        return 0
    return OTHERWISE if case.outcome else RESTS


def _tell_end(case: "Case") -> None:
    last = next((task.decision for task in reversed(case.tasks) if task.decision), None)
    reasons = f" ({', '.join(last.reasons)})" if last and last.reasons else ""
    say(f"{case.outcome or f'rests at {case.stage}'}{reasons}")
