"""Forgetting a customer, as the law asks for."""

from typing import Annotated

import typer

from blackboard.cli.console import AsJson, ask, board, emit, is_stage, run, say


def erase(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="As the cases name them.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept in the journal, so do not name the customer.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take out what tells of a customer, for good. Every case of theirs must have ended; outcomes and amounts stay.

    What was journalled still verifies. Cut off in the middle, it goes on when asked again.
    """
    if not yes and not (is_stage() and ask("This cannot be undone. Type the customer again: ") == customer):
        raise typer.BadParameter("it cannot be undone: type the customer when asked, or say --yes")

    async def work() -> None:
        async with board("admin") as client:
            done = await client.erase_customer(customer, reason)
        if as_json:
            emit(done)
            return
        say(f"{done.verdict}: {done.cases} cases")
        say(done.not_reached, err=True)

    run(work())
