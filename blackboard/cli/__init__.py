"""The command line: `blackboard --help`."""

from typing import Any

import typer
from typer.core import TyperGroup

from blackboard.cli import completion, console
from blackboard.cli.commands import PANELS, PLAIN, Commands

NO_COLOUR = "--no-color"
HELP = """A shared board in PostgreSQL on which agents work bank cases together.

Begin with `make run`, or `blackboard up`; then, in another terminal, `blackboard demo`, `blackboard watch`, and `blackboard
submit transfer --from CHK-001 --to SAV-002 --amount 250.00 --wait`. A board elsewhere is found by BLACKBOARD_URL and
BLACKBOARD_KEY. `blackboard COMMAND --help` tells the rest.
"""
CODES = """Exit codes: 0 done. 1 refused, with the reason. 2 wrong usage. 3 not now, try again. 4 the case ended otherwise than
asked for. 5 the case rests with a person. 6 this installation needs attention. 130 interrupted."""


class Group(TyperGroup):
    """The commands, by what they are for. What is meant for all of them may stand before or after each."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": {}})
        self.commands: Any = Commands()

    def list_commands(self, _ctx: Any) -> list[str]:
        """Their names. None is loaded for that."""
        return list(self.commands)

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        """A paragraph for each purpose, a line for each command, under one another."""
        width = max(map(len, self.commands))
        for title, panel in PANELS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), entry.line) for name, entry in panel.items()])

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """`blackboard cases --no-color` is `blackboard --no-color cases`."""
        plain = args[: args.index("--")] if "--" in args else args
        if NO_COLOUR in plain[1:]:
            args = [NO_COLOUR, *(each for each in args if each != NO_COLOUR)]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=Group, help=HELP, epilog=CODES, no_args_is_help=True, **PLAIN)


@app.callback()
def _for_all(
    without_colour: bool = typer.Option(False, NO_COLOUR, help="No colours; NO_COLOR in the environment says the same."),
) -> None:
    console.Choice.without_colour = without_colour


completion.prepare()
