"""Who may come in: agents, the keys they are known by, and tenants, which only the database's operator makes."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from blackboard.cli import control
from blackboard.cli.choices import a_workflow, an_agent
from blackboard.cli.console import AsJson, board, emit, run, say, table
from blackboard.cli.operate import Data
from blackboard.cli.secret import Out, Taker, kept

if TYPE_CHECKING:
    from blackboard.credentials import IssuedKey, KeyEntry
    from blackboard.reports import Session
    from blackboard.store import Store

keys = typer.Typer(help="Keys: who has which, for what, until when.", no_args_is_help=True)
agents = typer.Typer(help="Agents, services and people; without a command: list them.", invoke_without_command=True)
tenants = typer.Typer(help="Tenants of the database in DATABASE_URL, or of a board that `up` started.", no_args_is_help=True)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"([0-9]{1,9})([smhdw])")
# What is to last longer needs no end.
_MAX_SPAN_S = 36_500 * _UNITS["d"]


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no span of time: say 90s, 45m, 12h, 30d or 2w")
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds > _MAX_SPAN_S:
        raise typer.BadParameter(f"{text} is more than a century")
    return timedelta(seconds=seconds)


Reason = Annotated[str, typer.Option(help="Why; it is kept in the journal.")]
KeyName = Annotated[str, typer.Argument(metavar="KEY", help="The key's id: 12 letters and digits, after bb_ in its text.")]
AgentName = Annotated[str, typer.Argument(metavar="AGENT", autocompletion=an_agent)]
Capabilities = Annotated[list[str] | None, typer.Option("--capability", help="What it can do; repeat for more.")]
Role = Annotated[str, typer.Option(help="admin, requester, agent, reviewer or auditor.")]


# ---------------------------------------------------------------------------------------------------------------------- keys
@keys.command("list")
def list_keys(
    agent: Annotated[str | None, typer.Option(help="Only of this agent.", autocompletion=an_agent)] = None,
    as_json: AsJson = False,
) -> None:
    """List the keys, the newest first, with what each is bound to."""

    async def work() -> None:
        async with board("admin") as client:
            found = await client.list_keys(agent)
        if as_json:
            emit(found)
            return
        rows = [
            (k.id, k.agent, k.role, k.state, _moment(k.expires_at), _moment(k.last_used_at), _bounds(k), k.note or "")
            for k in found
        ]
        table("", ("key", "agent", "role", "state", "until (UTC)", "used (UTC)", "bound to", "note"), rows)

    run(work())


@keys.command("show")
def show_key(key_id: KeyName, as_json: AsJson = False) -> None:
    """Show all that is kept of a key. Its text is not: nobody has it but who was given it."""

    async def work() -> None:
        from blackboard.errors import NotFound

        async with board("admin") as client:
            found = next((each for each in await client.list_keys() if each.id == key_id), None)
        if found is None:
            raise NotFound(f"There is no key {key_id}. `blackboard keys list` lists them.")
        if as_json:
            emit(found)
            return
        for name, value in found.model_dump(mode="json", exclude_none=True).items():
            say(f"{name:13} {', '.join(value) if isinstance(value, list) else value}")

    run(work())


@keys.command("issue")
def issue_key(
    agent: AgentName,
    verb: Annotated[list[str] | None, typer.Option(help='Only this, e.g. "open a case"; repeat for more.')] = None,
    workflow: Annotated[
        list[str] | None, typer.Option(help="Only on this workflow; repeat for more.", autocompletion=a_workflow)
    ] = None,
    capability: Annotated[list[str] | None, typer.Option(help="Only tasks of this capability; repeat for more.")] = None,
    amount_max: Annotated[str | None, typer.Option(help='The most it moves at a time, e.g. "100.00"; with --currency.')] = None,
    currency: Annotated[str | None, typer.Option(help="Three letters, e.g. USD.")] = None,
    expires_in: Annotated[
        timedelta | None, typer.Option(parser=_span, metavar="SPAN", help="How long it is good: 12h, 30d. Left out: always.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Tokens of this issuer open it, it has no text; with --subject.")] = None,
    subject: Annotated[str | None, typer.Option(help="For whom the token must speak.")] = None,
    certificate: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Bind it to this client certificate (PEM).")
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Give an agent a key. Its text is printed once.

    It may what the options say of what its agent may; what is left out has no bounds of its own.

    Nothing else goes to standard output, so that `> FILE` works; --out FILE is better: nobody but you can read that.
    """
    asked: dict[str, Any] = {
        "agent": agent,
        "verbs": verb,
        "workflows": workflow,
        "capabilities": capability,
        "amount_max": amount_max,
        "currency": currency,
        "expires_at": expires_in and (datetime.now(UTC) + expires_in).isoformat(),
        "note": note,
        "issuer": issuer,
        "subject": subject,
        "certificate": certificate and _fingerprint(certificate),
    }
    if subject and out:
        raise typer.BadParameter("a key that a token opens has no text to keep: leave --out away")

    async def work() -> None:
        async with board("admin") as client:
            with kept(out) as keep:
                issued = await client.issue_key({name: value for name, value in asked.items() if value})
                _hand_out(issued, keep, as_json=as_json)

    run(work())


@keys.command("rotate")
def rotate_key(
    key_id: KeyName,
    overlap: Annotated[
        timedelta, typer.Option(parser=_span, metavar="SPAN", help="How long the old key goes on: 0s, 12h, 7d.")
    ] = "1h",  # type: ignore[assignment]  # parsed like what is typed
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Issue a key in the place of this one.

    It may the same; the old one ends after the overlap.
    """

    async def work() -> None:
        async with board("admin") as client:
            with kept(out) as keep:
                _hand_out(await client.rotate_key(key_id, int(overlap.total_seconds())), keep, as_json=as_json)

    run(work())


@keys.command("revoke")
def revoke_key(key_id: KeyName, reason: Reason, as_json: AsJson = False) -> None:
    """Let a key open nothing from now on.

    What it has open, streams and waiting claims, ends within five seconds.
    """

    async def work() -> None:
        async with board("admin") as client:
            told = await client.revoke_key(key_id, reason)
        emit(told) if as_json else say(told.verdict)

    run(work())


# -------------------------------------------------------------------------------------------------------------------- agents
@agents.callback()
def list_by_default(context: typer.Context, as_json: AsJson = False) -> None:
    """Agents, services and people; without a command: list them."""
    if context.invoked_subcommand is None:
        list_agents(as_json)


@agents.command("list")
def list_agents(as_json: AsJson = False) -> None:
    """List agents, what each may do and holds, who is alive."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.list_agents()
        if as_json:
            emit(found)
            return
        rows = [
            (a.name, a.role, ", ".join(a.capabilities), a.state, len(a.sessions), a.holds, _last_heard(a.sessions))
            for a in found
        ]
        table("", ("agent", "role", "capabilities", "state", "alive", "holds", "last heard (UTC)"), rows)

    run(work())


@agents.command("add")
def add_agent(
    name: Annotated[str, typer.Argument(metavar="AGENT")],
    role: Role,
    kind: Annotated[str, typer.Option(help="agent, service or human.")],
    owner: Annotated[str, typer.Option(help="Whose it is: agents of one owner are one person where duties are apart.")],
    capability: Capabilities = None,
    as_json: AsJson = False,
) -> None:
    """Let there be an agent. It can do nothing until `blackboard keys issue` gives it a key."""

    async def work() -> None:
        asked = {"name": name, "owner": owner, "kind": kind, "role": role, "capabilities": capability or []}
        async with board("admin") as client:
            made = await client.register_agent(asked)
        emit(made) if as_json else say(f"{made.name} is there. Give it a key: blackboard keys issue {made.name} --out FILE")

    run(work())


@agents.command("change")
def change_agent(
    name: AgentName,
    reason: Reason,
    owner: Annotated[str | None, typer.Option(help="Whose it is from now on.")] = None,
    role: Annotated[str | None, typer.Option(help="admin, requester, agent, reviewer or auditor.")] = None,
    capability: Annotated[list[str] | None, typer.Option(help="What it can do in place of what it could; repeat.")] = None,
    no_capabilities: Annotated[bool, typer.Option("--no-capabilities", help="It can do nothing any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give an agent another owner, role or capabilities.

    What is left out stays. Its streams end, and come back with what it may now.
    """
    asked: dict[str, Any] = {"owner": owner, "role": role, "capabilities": [] if no_capabilities else capability or None}

    async def work() -> None:
        async with board("admin") as client:
            told = await client.change_agent(name, {"reason": reason} | {k: v for k, v in asked.items() if v is not None})
        emit(told) if as_json else say(told.verdict)

    run(work())


agents.command("suspend")(control.suspend)
agents.command("resume")(control.resume)


# ------------------------------------------------------------------------------------------------------------------- tenants
@tenants.command("list")
def list_tenants(data: Data = Path(".blackboard"), as_json: AsJson = False) -> None:
    """List the tenants of the database."""

    async def work(store: "Store") -> None:
        found = [name for _, name in await store.list_tenants()]
        emit(found) if as_json else table("", ("tenant",), [(name,) for name in found])

    _as_operator(data, work)


@tenants.command("add")
def add_tenant(
    name: Annotated[str, typer.Argument(metavar="TENANT", help="a-z, 0-9 and -, beginning with a letter.")],
    data: Data = Path(".blackboard"),
    admin: Annotated[str, typer.Option(help="What its first admin is called.")] = "admin",
    workflows: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder with workflow files to load for it.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Another key for the admin of a tenant whose keys are lost.")] = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Make a tenant and the key of its first admin.

    The key's text is printed here and never again. With it the admin adds agents and issues keys.

    BLACKBOARD_KEY_PEPPER must be the one that the API runs with; that of a board which `up` started is found in its folder.
    """
    from blackboard import provision

    pepper = _pepper(data)

    async def work(store: "Store") -> None:
        with kept(out) as keep:
            issued = await provision.found_tenant(store, name, admin, pepper, again=again)
            _hand_out(issued, keep, as_json=as_json)
        if workflows:
            loaded = await provision.load_workflows(store, sorted(workflows.glob("*.yaml")), tenant=name)
            say(f"loaded {len(loaded)} workflows", err=True)

    _as_operator(data, work)


def _as_operator(data: Path, work: Any) -> None:
    """Do it with the database's own login: no key of the board reaches across tenants."""
    from blackboard.store import Store

    url = _operators_database(data)

    async def connected() -> None:
        store = await Store.open(url, max_connections=2)
        try:
            await work(store)
        finally:
            await store.close()

    run(connected())


def _operators_database(data: Path) -> str:
    """DATABASE_URL, else the embedded server of a board that runs from the folder."""
    from blackboard.doctor import addresses
    from blackboard.embedded import EmbeddedPostgres

    if url := os.environ.get("DATABASE_URL"):
        return url
    found = urlsplit(addresses(data).get("database", ""))
    if not (found.port and (data / "secrets" / "postgres").exists()):
        raise typer.BadParameter("set DATABASE_URL to the database, with a login that owns it, or run this beside `up`")
    return EmbeddedPostgres(data=data, port=found.port).url(database=found.path.lstrip("/"))


def _pepper(data: Path) -> bytes:
    """What keys are hashed under: BLACKBOARD_KEY_PEPPER, else that of the folder."""
    from blackboard.config import demand_pepper

    path = data / "secrets" / "pepper"
    text = os.environ.get("BLACKBOARD_KEY_PEPPER") or (path.read_text().strip() if path.exists() else "")
    try:
        return demand_pepper(text)
    except ValueError as error:
        raise typer.BadParameter(f"BLACKBOARD_KEY_PEPPER {error}") from None


# ------------------------------------------------------------------------------------------------------------- what is shown
def _hand_out(issued: "IssuedKey", keep: Taker, *, as_json: bool) -> None:
    """The key to whoever is to have it, and what it is to who looks on."""
    if issued.key is None and issued.subject is None:
        from blackboard.errors import Conflict

        raise Conflict(
            f"Key {issued.id} was issued, but its text was lost on the way. Another one in its place:"
            f" blackboard keys rotate {issued.id} --overlap 0s."
        )
    keep(issued, as_json)
    bounds = _bounds(issued)
    until = f", until {_moment(issued.expires_at)} UTC" if issued.expires_at else ""
    say(f"key {issued.id} of {issued.agent} ({issued.role}){until}{f': {bounds}' if bounds else ''}", err=True)


def _bounds(key: "KeyEntry") -> str:
    """What a key is bound to, in words."""
    lists = [", ".join(part) for part in (key.verbs, key.workflows, key.capabilities) if part is not None]
    amount = [f"at most {key.amount_max} {key.currency}"] if key.amount_max else []
    token = [f"tokens of {key.issuer} for {key.subject}"] if key.subject else []
    certificate = [f"certificate {key.certificate[:16]}…"] if key.certificate else []
    return "; ".join([*lists, *amount, *token, *certificate])


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""


def _last_heard(sessions: "list[Session]") -> str:
    return f"{max(s.heartbeat_at for s in sessions):%H:%M:%S}" if sessions else ""


def _fingerprint(path: Path) -> str:
    """SHA-256 of the first certificate in the file, as the board compares it: where there is a chain, the client's own."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0].fingerprint(SHA256()).hex()
    except ValueError:
        raise typer.BadParameter(f"there is no certificate in PEM in {path}") from None
