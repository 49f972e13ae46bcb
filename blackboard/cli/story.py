"""What became of a case and why; and whether anybody would come to the same."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from blackboard.cli.console import REFUSED, AsJson, board, clean, emit, run

if TYPE_CHECKING:
    from blackboard.reports import Story

CaseId = Annotated[UUID, typer.Argument(metavar="CASE")]


def explain(case_id: CaseId, as_json: AsJson = False) -> None:
    """Tell the story of a case: what was asked, who decided what and why, what the rules said, what is open."""

    async def work() -> None:
        async with board("auditor") as client:
            story = await client.explain_case(case_id)
        emit(story) if as_json else _tell(story)

    run(work())


def replay(case_id: CaseId, as_json: AsJson = False) -> None:
    """Make the tallies of a case again, from the journal alone. Exit 1 when one comes out different."""

    async def work() -> int:
        async with board("auditor") as client:
            told = await client.replay_case(case_id)
        if as_json:
            emit([{**each.model_dump(mode="json"), "same": each.is_same} for each in told])
        else:
            for each in told:
                typer.echo(clean(f"{each.stage}: {each.outcome}: {'the same' if each.is_same else 'different'}"))
                for difference in each.differences:
                    typer.echo(clean(f"  {difference}"))
            if not told:
                typer.echo("No panel was counted on this case.")
        return 0 if all(each.is_same for each in told) else REFUSED

    run(work())


def _tell(story: "Story") -> None:
    """Headings and sentences; text, not markup, since a case's own words must not colour the terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)
    console.print(Text(clean(story.answer), style="bold"))
    for chapter in story.chapters:
        console.print()
        console.print(Text(clean(chapter.title), style="bold underline"))
        for line in chapter.lines:
            console.print(Text(f"  {clean(line)}"))
