"""Running and looking after a board."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import NEEDS_ATTENTION, AsJson, emit, run, table

if TYPE_CHECKING:
    from blackboard.doctor import Check

Data = Annotated[Path, typer.Option(envvar="BLACKBOARD_DATA", help="Folder for the database, keys and addresses.")]


def up(
    data: Data = Path(".blackboard"),
    port: Annotated[int, typer.Option(help="The board's port; 0 picks a free one.")] = 8080,
    bank_port: Annotated[int, typer.Option(help="The sandbox bank's port; 0 picks a free one.")] = 8090,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an empty data folder.")] = False,
    pg_bin: Annotated[Path | None, typer.Option(help="Folder with the PostgreSQL binaries to use.")] = None,
) -> None:
    """Run everything on this machine: PostgreSQL, sandbox bank, API, agents. Ctrl-C stops it.

    With DATABASE_URL set, that server is used instead of the embedded one.
    """
    from blackboard.up import Options
    from blackboard.up import up as run_up

    options = Options(data.absolute(), port, bank_port, pg_bin, os.environ.get("DATABASE_URL"), fresh=fresh)
    run(run_up(options))


def migrate(as_json: AsJson = False) -> None:
    """Bring the database in DATABASE_URL up to date."""
    from blackboard import migrate as migrations

    async def work() -> None:
        applied = await migrations.migrate(_database_url())
        if as_json:
            emit({"applied": applied})
        else:
            typer.echo("\n".join(f"applied {name}" for name in applied) or "nothing new; functions are up to date")

    run(work())


def provision(
    data: Data = Path(".blackboard"),
    workflows: Annotated[Path, typer.Option(help="Folder with workflow files.")] = Path("agents/workflows"),
) -> None:
    """Make tenant, agents and keys in the database of DATABASE_URL, and load workflows. Keys go to DATA/keys.

    BLACKBOARD_KEY_PEPPER must be the one that the API runs with. Logins for the API and the bank are made when
    BLACKBOARD_APP_PASSWORD and BLACKBOARD_BANK_PASSWORD say their passwords.
    """
    from blackboard.config import ProvisionSettings
    from blackboard.provision import set_up

    run(set_up(ProvisionSettings(), data, sorted(workflows.glob("*.yaml"))))


def doctor(data: Data = Path(".blackboard"), as_json: AsJson = False) -> None:
    """Check the database, its roles, partitions, settings and what was left behind in it, the board, and this installation.

    Says what to do about what it finds. Advice alone is no failure.
    """
    from blackboard import doctor as checks

    async def work() -> int:
        found = await checks.examine(data, os.environ.get("DATABASE_URL"))
        if as_json:
            emit([check._asdict() for check in found])
        else:
            table("", ("", "check", "found"), [(_mark(c), c.name, c.found) for c in found])
        return 0 if all(check.ok for check in found) else NEEDS_ATTENTION

    run(work())


def _mark(check: "Check") -> str:
    return "MEND" if not check.ok else "could" if check.advice else "ok"


def _database_url() -> str:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise typer.BadParameter("set DATABASE_URL to the database, with a login that may create roles")
    return url
