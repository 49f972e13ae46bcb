"""What is known of a case."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import AsJson, board, emit, run, table
from blackboard.cli.lookup import CaseName, find_case

if TYPE_CHECKING:
    from blackboard.answers import Fact

WIDEST = 60


def facts(
    name: CaseName,
    position: Annotated[str | None, typer.Option(help="As it was then: a cursor such as 1.42.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Every version.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is known of a case: how each fact stands, how far it can be trusted, where it comes from."""

    async def work() -> None:
        async with board("auditor") as client:
            page = await client.facts(await find_case(client, name), position=position, history=history)
        if as_json:
            emit(page)
            return
        columns = ("fact", "value", "state", "trust", "whose word", "by", "made of", "at (UTC)")
        table(f"at {page.epoch}.{page.position}", columns, [_row(fact) for fact in page.facts])

    run(work())


def _row(fact: "Fact") -> tuple[object, ...]:
    text = json.dumps(fact.value)
    value = text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
    whose = " ".join([fact.source_class, *(part for part in (fact.source, fact.tool, fact.model) if part)])
    state = f"{fact.state}: {fact.judgement}" if fact.state in ("disputed", "retracted") else fact.state
    made_of, at = ", ".join(fact.inputs), f"{fact.at:%Y-%m-%d %H:%M:%S}"
    return f"{fact.key}@{fact.version}", value, state, fact.trust, whose, fact.by, made_of, at
