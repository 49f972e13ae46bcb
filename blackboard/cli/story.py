"""What became of a case and why; and whether anybody would come to the same."""

from typing import TYPE_CHECKING

from blackboard.cli.console import REFUSED, AsJson, board, emit, run, say
from blackboard.cli.lookup import CaseName, find_case

if TYPE_CHECKING:
    from blackboard.reports import Story


def explain(name: CaseName, as_json: AsJson = False) -> None:
    """Tell the story of a case: what was asked, who decided what and why, what the rules said, what is open."""

    async def work() -> None:
        async with board("auditor") as client:
            story = await client.explain_case(await find_case(client, name))
        emit(story) if as_json else _tell(story)

    run(work())


def replay(name: CaseName, as_json: AsJson = False) -> None:
    """Make the tallies of a case again, from the journal alone. Exit 1 when one comes out different."""

    async def work() -> int:
        async with board("auditor") as client:
            told = await client.replay_case(await find_case(client, name))
        if as_json:
            emit([{**each.model_dump(mode="json"), "same": each.is_same} for each in told])
        else:
            for each in told:
                say(f"{each.stage}: {each.outcome}: {'the same' if each.is_same else 'different'}")
                for difference in each.differences:
                    say(f"  {difference}")
            if not told:
                say("No panel was counted on this case.")
        return 0 if all(each.is_same for each in told) else REFUSED

    run(work())


def _tell(story: "Story") -> None:
    """Headings and sentences."""
    say(story.answer, "bold")
    for chapter in story.chapters:
        say()
        say(chapter.title, "bold underline")
        for line in chapter.lines:
            say(f"  {line}")
