"""The command line in this process: a process of its own costs a second, and most tests are about what a command says."""

import asyncio

from typer.testing import CliRunner

from blackboard.cli import app


async def command(*arguments: str, **env: str) -> tuple[int, str, str]:
    """Run a `blackboard` command; exit code, output, errors. What it did not foresee is raised here."""
    done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=env, prog_name="blackboard")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr
