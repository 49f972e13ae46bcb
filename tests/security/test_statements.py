"""No statement is put together from text: looked for in the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.table import Tried

CHECKOUT = Path(__file__).parents[2]
# What sends a statement to a database, in our own words and in the driver's.
SENDERS = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor", "prepare", "_rows", "_value"}
# Statements that are put together, each looked at: every piece is a constant of its file, one of a closed list of names there,
# or quoted by the server (`format`). Values go as parameters in all of them.
REVIEWED = {
    "blackboard/database.py prepare",
    "blackboard/migrate.py _keep_partitions",
    "blackboard/migrate.py _apply_numbered",
    "blackboard/migrate.py _apply_once",
    "blackboard/migrate.py _reapply",
    "blackboard/migrate.py replace_clock",
    "blackboard/read_store.py _many",
    "blackboard/verbs/work.py _verdicts",
    "blackboard/verbs/duties.py _leave",
    "agents/bank/ledger.py _write",
    "agents/bank/ledger.py account",
    "agents/bank/ledger.py accounts_of",
    "agents/bank/ledger.py transfers",
    "agents/bank/ledger.py transfer",
    "agents/bank/ledger.py transfer_of",
    "agents/bank/ledger.py operation_of",
    "agents/bank/ledger.py cards",
    "agents/bank/ledger.py card",
    "agents/bank/ledger.py set_card",
    "agents/bank/custody.py instruments",
    # Of SQLite: what is put together are the words that are looked for, and they go as a parameter.
    "agents/investment/corpus.py find",
}
WEAK = (
    'async def f(c, x): await c.execute(f"SELECT {x}")',
    'async def f(c, x): await c.fetch("SELECT " + x)',
    'async def f(c, x): await c.fetchval("SELECT %s" % x)',
    'async def f(c, x): await c.fetchrow("SELECT {}".format(x))',
    'async def f(c, x):\n    query = f"SELECT {x}"\n    await c.fetch(query)',
    'async def f(c, x):\n    query = "SELECT 1"\n    query += x\n    await c.fetch(query)',
    'async def f(c, x): await c.execute(query=f"SELECT {x}")',
)


def is_built(node: ast.AST | None) -> bool:
    """Whether a text is put together from others while the program runs."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("format", "join", "replace")
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod)


def names_built(function: ast.AST) -> set[str]:
    """The names in a function that stand for such a text."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and is_built(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update(each.id for each in targets if isinstance(each, ast.Name))
    return found


def sent(function: ast.AST) -> Iterator[ast.expr]:
    """What a function sends as statements."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SENDERS:
            yield from node.args[:1]
            yield from (keyword.value for keyword in node.keywords if keyword.arg in ("query", "sql", "statement"))


def built_in(text: str) -> set[str]:
    """The functions of a file that send a statement which they put together."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = set()
    for function in functions:
        names = names_built(function)
        if any(is_built(each) or (isinstance(each, ast.Name) and each.id in names) for each in sent(function)):
            found.add(function.name)
    return found


@pytest.mark.item("S17")
def test_no_statement_is_put_together_from_text(tried: Tried) -> None:
    """But those that were looked at one by one."""
    files = [path for folder in ("blackboard", "api", "agents") for path in (CHECKOUT / folder).rglob("*.py")]
    found = {f"{path.relative_to(CHECKOUT)} {name}" for path in files for name in built_in(path.read_text())}
    tried(len(files))

    assert found == REVIEWED


@pytest.mark.item("S17")
def test_each_way_to_put_one_together_is_seen(tried: Tried) -> None:
    """Or the search would find nothing because it is blind."""
    tried(len(WEAK))

    assert [built_in(text) for text in WEAK] == [{"f"}] * len(WEAK)


@pytest.mark.item("S17", "S16")
def test_no_tenant_is_entered_for_longer_than_a_transaction(tried: Tried) -> None:
    """In code and in SQL: every `set_config` of the tenant is local."""
    folders = (("blackboard", "*.py"), ("api", "*.py"), ("agents", "*.py"), ("schema", "*.sql"))
    texts = [path.read_text() for folder, kind in folders for path in (CHECKOUT / folder).rglob(kind)]
    said = [line for text in texts for line in text.splitlines() if "set_config('board.tenant'" in line]
    tried(len(said))

    assert [line for line in said if "true)" not in line] == []
