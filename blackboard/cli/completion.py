"""`blackboard completion`: what makes a shell complete commands, options, and names that the board knows."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from blackboard.cli.console import say

PROGRAM = "blackboard"
VARIABLE = "_BLACKBOARD_COMPLETE"


class Shell(StrEnum):
    """Shells that can complete."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


def completion(shell: Annotated[Shell, typer.Argument(help="Which shell it is for.")]) -> None:
    """Print a script that makes a shell complete commands, options, workflows, agents and cases.

    In bash: source <(blackboard completion bash). In zsh, after compinit: source <(blackboard completion zsh).
    In fish: blackboard completion fish | source. Names come from the board if it answers within 300 ms.
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]  # made elsewhere in typer

    script = get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell.value)  # nosec B604  # a shell's name
    for line in script.splitlines():
        say(line, whole=True)


def prepare() -> None:
    """A shell asks by a variable of the environment what may follow: only then is loaded what answers it."""
    if VARIABLE in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]  # made elsewhere in typer

        completion_init()
