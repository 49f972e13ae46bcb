"""What can be said: every command, where it stands, and what it does in one line of a terminal of 80 columns.

A command is loaded and its options are read when it is called: most of the time of a short command would else go into others.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer

# What a Typer of ours is like: plain help, plain tracebacks, and completion from where it is asked for.
PLAIN: dict[str, Any] = {"add_completion": False, "pretty_exceptions_enable": False, "rich_markup_mode": None}


class Entry(NamedTuple):
    """A function of a module of this package, or a family of commands there; and the line about it."""

    home: str
    line: str


PANELS: dict[str, dict[str, Entry]] = {
    "A board on this machine": {
        "up": Entry("operate.up", "run everything: PostgreSQL, sandbox bank, API, agents"),
        "demo": Entry("demo.demo", "tell a story on it: real cases, agents and bookings"),
        "load": Entry("load.load", "put load on it, then look at books and promises"),
        "doctor": Entry("operate.doctor", "look for what is wrong, and say what to do"),
    },
    "Cases": {
        "submit": Entry("cases.submit", "open a case, or one for each line of a file"),
        "cases": Entry("cases.list_cases", "list them, newest first"),
        "case": Entry("timeline.show_case", "show one: who did what, why, and what the bank said"),
        "explain": Entry("story.explain", "tell its story in sentences: what was decided and why"),
        "facts": Entry("facts.facts", "show what is known of it, from whom, how far to trust"),
        "replay": Entry("story.replay", "count its panels again, from the journal alone"),
    },
    "What happens now": {
        "watch": Entry("follow.watch", "follow the journal live"),
        "top": Entry("top.top", "who works, what waits, what is stuck, how fast it goes"),
        "agents": Entry("principals.agents", "list who is alive and may do what; add, change, stop one"),
        "backlog": Entry("control.backlog", "how much work lies where, and for how long"),
    },
    "What people decide": {
        "reviews": Entry("reviews.reviews", "list what waits for a person, by due time"),
        "review": Entry("reviews.review", "look at one and decide it; without ID, one by one"),
        "delegation": Entry("duties.delegation", "who acts for whom"),
        "break-glass": Entry("duties.break_glass", "leave to break a rule on duties, by two persons"),
    },
    "When something is stuck, or must stop": {
        "why": Entry("control.why", "why nobody has a task, and who may claim it"),
        "incidents": Entry("control.incidents", "list tasks that rest until somebody looks at them"),
        "redrive": Entry("control.redrive", "try a stuck task again"),
        "resolve": Entry("control.resolve", "end a stuck task with an outcome of its stage"),
        "hold": Entry("control.hold", "give out no more work of a workflow, account, ..."),
        "lift": Entry("control.lift", "offer again what was held back"),
        "suspend": Entry("control.suspend", "stop an agent and take its claims back"),
        "resume": Entry("control.resume", "let an agent work again"),
        "limits": Entry("rates.limits", "show how fast callers may ask"),
        "limit": Entry("rates.limit", "set how fast callers may ask"),
    },
    "Rules and records": {
        "policies": Entry("policies.policies", "list all versions of all policies"),
        "policy": Entry("policies.app", "see, check, draft, activate, retire, backtest one"),
        "audit": Entry("audit.app", "take the journal or a case's evidence away, verify it"),
        "erase": Entry("erasure.erase", "take out for good what tells of a customer"),
        "draw": Entry("pictures.draw", "draw workflows as Mermaid flowcharts"),
    },
    "Who may come in": {
        "keys": Entry("principals.keys", "list, issue, rotate and revoke keys"),
        "tenants": Entry("principals.tenants", "list and make tenants, with the database's login"),
    },
    "Running a board elsewhere": {
        "migrate": Entry("operate.migrate", "bring the database in DATABASE_URL up to date"),
        "provision": Entry("operate.provision", "make tenant, agents and keys there, load workflows"),
        "rebuild": Entry("operate.rebuild", "make the read models anew from the journal"),
        "completion": Entry("completion.completion", "print what makes a shell complete names"),
    },
}


class Commands(Mapping[str, Any]):
    """Each command by its name, made when it is asked for."""

    def __init__(self) -> None:
        self._entries = {name: entry for panel in PANELS.values() for name, entry in panel.items()}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The command, as Typer calls it."""
        if name not in self._made:
            self._made[name] = _make(name, self._entries[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """Their names, in the order of the list."""
        return iter(self._entries)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries)


def _make(name: str, entry: Entry) -> Any:
    module, _, attribute = entry.home.partition(".")
    found = getattr(import_module(f"blackboard.cli.{module}"), attribute)
    alone = typer.Typer(**PLAIN)
    alone.callback()(lambda: None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    group: Any = typer.main.get_command(alone)
    return group.commands[name]
