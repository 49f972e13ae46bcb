"""How fast the callers of a tenant may ask."""

from typing import Annotated

import typer

from blackboard.cli.console import AsJson, board, emit, run, say, table


def limits(as_json: AsJson = False) -> None:
    """Show how fast callers may ask: tokens a second, and at once. A read costs one, a batch more."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.list_limits()
        if as_json:
            emit(found)
            return
        rows = [
            (
                each.name,
                each.key_id or ("each key" if each.per == "key" else "tenant"),
                each.route or "all",
                f"{each.per_second:g}",
                f"{each.size:g}",
                "usual" if each.is_usual else "",
            )
            for each in found
        ]
        table("", ("limit", "of", "route", "a second", "at once", ""), rows)

    run(work())


def limit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="`tenant` and `key` replace the usual ones.")],
    per_second: Annotated[float | None, typer.Option(help="How many tokens a second. Left out: lift the limit.")] = None,
    burst: Annotated[float | None, typer.Option(help="How many at once after a quiet while.")] = None,
    per: Annotated[str, typer.Option(help="Who shares them: tenant, or key for each key.")] = "tenant",
    key_id: Annotated[str | None, typer.Option(help="Only the key of this id.")] = None,
    route: Annotated[str | None, typer.Option(help='Only this route, e.g. "POST /v1/cases".')] = None,
    as_json: AsJson = False,
) -> None:
    """Set how fast callers may ask, or lift the limit of that name."""

    async def work() -> None:
        async with board("admin") as client:
            if per_second is None:
                told = await client.drop_limit(name)
                emit(told) if as_json else say(told.verdict)
                return
            asked = {"name": name, "per": per, "key_id": key_id, "route": route, "per_second": per_second, "burst": burst}
            new = await client.put_limit(asked)
        emit(new) if as_json else say(f"{new.name}: {new.per_second:g} a second, {new.size:g} at once")

    run(work())
