"""What auditors take away, and verify without the board."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from blackboard.cli.console import REFUSED, board, emit, hand_out, is_terminal, progress_bar, run, say
from blackboard.cli.lookup import CaseName, find_case

app = typer.Typer(
    help="Export the sealed journal or a case's evidence, and verify either from its file alone.", no_args_is_help=True
)


@app.command("export")
def export(after: Annotated[int, typer.Option(min=0, help="Begin after this position.")] = 0) -> None:
    """Write the sealed journal to standard output, page by page."""

    async def work() -> None:
        start: int | None = after
        async with board("auditor") as client:
            # Where the journal itself runs over the screen, it is its own sign of life.
            with progress_bar() if not is_terminal() else nullcontext(_untold) as tell:
                while start is not None:
                    page = await client.export_journal(start)
                    hand_out(page)
                    last = json.loads(page.splitlines()[-1])
                    start = last["seal"] and last["seal"]["last"]
                    tell("exported", start or last["sealed_position"] or 0, last["sealed_position"] or 0)

    run(work())


@app.command("evidence")
def evidence(name: CaseName) -> None:
    """Write all about a case, with proofs, to standard output."""

    async def work() -> None:
        async with board("auditor") as client:
            emit(await client.show_evidence(await find_case(client, name)))

    run(work())


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="An export or a case's evidence.", exists=True, dir_okay=False)],
    public_key: Annotated[str | None, typer.Option(help="Who must have signed the seals; else the file's own.")] = None,
    witness: Annotated[Path | None, typer.Option(help="Remembers how far the chain was seen; keep it elsewhere.")] = None,
) -> None:
    """Say whether a file holds what was sealed. Needs neither board nor database."""
    from blackboard.audit import Witness, next_witness, verify_evidence, verify_export

    seen = Witness.read(witness) if witness else None
    lines = file.read_text().splitlines()
    document = json.loads(lines[0]) if len(lines) == 1 else {}
    if "case" in document:
        found = verify_evidence(document, public_key=public_key, witness=seen)
    else:
        found = verify_export(lines, public_key=public_key, witness=seen)
    for sentence in (*found.broken, *found.notes):
        say(sentence, err=True)
    say(f"{'verified' if found.ok else 'BROKEN'}: {found.events} events, {len(found.seals)} seals")
    if witness and (remembered := next_witness(found, seen)):
        remembered.keep(witness)
    raise typer.Exit(0 if found.ok else REFUSED)


def _untold(_name: str, _done: int, _of: int) -> None:
    """Nothing is drawn."""
