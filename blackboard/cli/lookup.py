"""Which case is meant: its id, a piece of it as lists and `watch` show it, or its number."""

import re
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from blackboard.cli.choices import a_case

if TYPE_CHECKING:
    from blackboard.answers import CaseSummary
    from blackboard.client import BoardClient

CaseName = Annotated[
    str,
    typer.Argument(metavar="CASE", help="Its id, a first or last piece of that, or its number.", autocompletion=a_case),
]

TaskName = Annotated[str, typer.Argument(metavar="TASK", help="A task, a piece of its id, or its case.", autocompletion=a_case)]

PIECE_MIN = 4
PAGE, PAGES = 200, 10
# Every id of a day begins alike: the time is in front.
_PIECE = re.compile(r"[0-9a-f-]{4,36}")


async def find_case(client: "BoardClient", name: str) -> UUID:
    """The one case that is meant. `NotFound` when there is none, `Invalid` when there are several."""
    from blackboard.errors import Invalid, NotFound

    try:
        return UUID(name)
    except ValueError:
        pass
    if name.isascii() and name.isdigit() and len(name) < len(str(2**63)) and (found := await client.find_number(int(name))):
        return found.id
    piece = name.lower()
    if not _PIECE.fullmatch(piece):
        if name.isascii() and name.isdigit():
            raise NotFound(f"There is no case with the number {name}.")
        raise Invalid(f"{name!r} is no case: give its id, {PIECE_MIN} or more letters of its beginning or end, or its number.")
    fitting = await _fitting(client, piece)
    if not fitting:
        raise NotFound(
            f"There is no case {name}: neither a number, nor the beginning or end of an id of the newest {PAGE * PAGES}."
        )
    if len(fitting) > 1:
        some = "; ".join(f"{case.id} ({case.workflow}, {case.outcome or case.stage})" for case in fitting[:5])
        raise Invalid(f"{len(fitting)} cases fit {name}, such as {some}. Give more of it.")
    return fitting[0].id


async def find_task(client: "BoardClient", name: str) -> UUID:
    """The one task that is meant: by its id, by a piece of that where it is stuck or reviewed, or as the open one of a case."""
    from blackboard.errors import Invalid, NotFound

    try:
        return (await client.show_task(UUID(name))).id
    except (ValueError, NotFound):
        pass
    resting = {each.task_id: each for each in await client.list_incidents()}
    stages = {task: each.stage for task, each in resting.items()}
    stages |= {each.task_id: each.stage for each in (await client.list_reviews(whose="all", limit=PAGE)).reviews}
    fitting = {task: stage for task, stage in stages.items() if fits(task, name)}
    if not fitting:
        case = await client.show_case(await find_case(client, name))
        stuck = {task: each.stage for task, each in resting.items() if each.case_id == case.id}
        fitting = stuck or {task.id: task.stage for task in case.tasks if task.finished_at is None}
        if not fitting:
            raise NotFound(f"Nothing is open on case {case.id}: it {f'ended as {case.outcome}' if case.outcome else 'rests'}.")
    if len(fitting) > 1:
        some = "; ".join(f"{task} ({stage})" for task, stage in list(fitting.items())[:5])
        raise Invalid(f"{len(fitting)} tasks fit {name}: {some}. Give more of it.")
    return next(iter(fitting))


def fits(named: UUID, piece: str) -> bool:
    """Whether it begins or ends so."""
    return len(piece) >= PIECE_MIN and (str(named).startswith(piece.lower()) or str(named).endswith(piece.lower()))


async def _fitting(client: "BoardClient", piece: str) -> "list[CaseSummary]":
    """Those of the newest cases whose id begins or ends so. The end tells cases apart, and is what is shown of them."""
    fitting: list[CaseSummary] = []
    before = None
    for _ in range(PAGES):
        page = await client.list_cases(limit=PAGE, before=before)
        fitting += [case for case in page.cases if fits(case.id, piece)]
        if page.next is None:
            break
        before = page.next
    return fitting
