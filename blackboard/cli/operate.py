"""Running and looking after a board."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import NEEDS_ATTENTION, AsJson, emit, progress_bar, run, say, table

if TYPE_CHECKING:
    from blackboard.doctor import Check
    from blackboard.invariants import Finding

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
        with progress_bar() as tell:
            applied = await migrations.migrate(_database_url(), tell)
        if as_json:
            emit({"applied": applied})
        else:
            for line in [f"applied {name}" for name in applied] or ["nothing new; functions are up to date"]:
                say(line)

    run(work())


def provision(
    data: Data = Path(".blackboard"),
    workflows: Annotated[Path, typer.Option(help="Folder with workflow files.")] = Path("agents/workflows"),
    policies: Annotated[Path, typer.Option(help="Folder with policy files.")] = Path("agents/policies"),
) -> None:
    """Make tenant, agents and keys in the database of DATABASE_URL, and load workflows and policies. Keys go to DATA/keys.

    BLACKBOARD_KEY_PEPPER must be the one that the API runs with. Logins for the API and the bank are made when
    BLACKBOARD_APP_PASSWORD and BLACKBOARD_BANK_PASSWORD say their passwords.
    """
    from blackboard.config import ProvisionSettings
    from blackboard.provision import set_up

    run(set_up(ProvisionSettings(), data, sorted(workflows.glob("*.yaml")), sorted(policies.glob("*.yaml"))))


def rebuild(
    tenant: Annotated[str | None, typer.Option(help="Only of this tenant.")] = None,
    data: Data = Path(".blackboard"),
    as_json: AsJson = False,
) -> None:
    """Make the read models anew from the journal, while the board works: readers see the old ones until the new are complete.

    Needs DATABASE_URL, or a board that `up` started. Started again after an interruption it goes on where it was.
    """
    from blackboard.rebuild import rebuild as rebuild_all
    from blackboard.store import Store

    async def work() -> None:
        store = await Store.open(_found_database(data), max_connections=2)
        try:
            with progress_bar() as tell:
                done = await rebuild_all(store, tenant, tell)
        finally:
            await store.close()
        emit({"rebuilt": done}) if as_json else say(f"made anew: {', '.join(done) or 'nothing, there is no tenant'}")

    run(work())


def doctor(
    data: Data = Path(".blackboard"),
    invariants: Annotated[bool, typer.Option("--invariants", help="Ask the tables whether every promise was kept.")] = False,
    bank_db: Annotated[
        str | None, typer.Option(envvar="BANK_DATABASE_URL", help="The sandbox bank's database, for --invariants.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the database, its roles, partitions, settings and what was left behind in it, the board, and this installation.

    Says what to do about what it finds. Advice alone is no failure. With --invariants it reads every case and the bank's books
    instead, and names each promise: kept, broken with the rows that break it, or not asked, and why.
    """
    from blackboard import doctor as checks

    async def work() -> int:
        if invariants:
            return await _check_invariants(data, bank_db, as_json=as_json)
        found = await checks.examine(data, os.environ.get("DATABASE_URL"))
        if as_json:
            emit([check._asdict() for check in found])
        else:
            table("", ("", "check", "found"), [(_mark(c), c.name, c.found) for c in found])
        return 0 if all(check.ok for check in found) else NEEDS_ATTENTION

    run(work())


async def _check_invariants(data: Path, bank_db: str | None, *, as_json: bool) -> int:
    from blackboard import invariants
    from blackboard.doctor import addresses

    with progress_bar() as tell:
        found = await invariants.examine(_found_database(data), bank_db or addresses(data).get("bank_database"), tell)
    if as_json:
        emit([{**finding._asdict(), "ok": finding.ok} for finding in found])
    else:
        rows = [
            (
                _verdict(f),
                f.invariant,
                f.promise,
                "" if f.looked_at is None else f.looked_at,
                json.dumps(f.broken) if f.broken else f.note,
            )
            for f in found
        ]
        table("", ("", "", "promise", "looked at", "found"), rows)
    return 0 if all(finding.ok for finding in found) else NEEDS_ATTENTION


def _verdict(finding: "Finding") -> str:
    return (
        "BROKEN" if not finding.ok else "kept" if finding.looked_at else "not asked" if finding.looked_at is None else "empty"
    )


def _mark(check: "Check") -> str:
    return "MEND" if not check.ok else "could" if check.advice else "ok"


def _found_database(data: Path) -> str:
    from blackboard.doctor import addresses

    database = os.environ.get("DATABASE_URL") or addresses(data).get("database")
    if not database:
        raise typer.BadParameter("set DATABASE_URL, or run this beside a board that `up` started")
    return database


def _database_url() -> str:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise typer.BadParameter("set DATABASE_URL to the database, with a login that may create roles")
    return url
