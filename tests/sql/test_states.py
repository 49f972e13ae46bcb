"""One state machine, told three times: enum and moves in Python, function in SQL, picture in the README."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from blackboard.states import (
    ACTION_MOVES,
    CASE_MOVES,
    FACT_MOVES,
    POLICY_MOVES,
    TASK_MOVES,
    ActionState,
    CaseState,
    FactState,
    PolicyState,
    TaskHeader,
)
from tests.factories import Scene

MACHINES: dict[str, tuple[type[StrEnum], Mapping[Any, frozenset[Any]]]] = {
    "case": (CaseState, CASE_MOVES),
    "task": (TaskHeader, TASK_MOVES),
    "action": (ActionState, ACTION_MOVES),
    "fact": (FactState, FACT_MOVES),
    "policy": (PolicyState, POLICY_MOVES),
}
README = Path(__file__).parents[2] / "schema" / "README.md"

Connection = "asyncpg.Connection[asyncpg.Record]"


@pytest.mark.parametrize("machine", MACHINES)
async def test_python_and_sql_agree_on_every_pair_of_states(
    machine: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Legal in one is legal in the other."""
    states, moves = MACHINES[machine]
    pairs = [(a.value, b.value) for a in states for b in states]
    query = "SELECT a, b, board.may_move($1, a, b) AS legal FROM unnest($2::text[], $3::text[]) AS p (a, b)"
    rows = await connection.fetch(query, machine, [a for a, _ in pairs], [b for _, b in pairs])

    assert {(r["a"], r["b"]): r["legal"] for r in rows} == {(a, b): b in moves[states(a)] for a, b in pairs}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_picture_shows_exactly_the_legal_moves(machine: str) -> None:
    """Every arrow in the README is a move, and every move an arrow."""
    _, moves = MACHINES[machine]
    picture = README.read_text().partition(f"### {machine}\n")[2].partition("```mermaid\n")[2].partition("```")[0]
    arrows = {(a, b) for a, b in re.findall(r"^\s*(\w+) --> (\w+)", picture, re.MULTILINE)}

    assert arrows == {(str(a), str(b)) for a, targets in moves.items() for b in targets}


@pytest.mark.parametrize("machine", MACHINES)
async def test_the_table_knows_no_other_state(machine: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The check constraint lists the enum's values."""
    states, _ = MACHINES[machine]
    query = (
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c' AND conname = $2"
    )
    told = await connection.fetchval(query, f"board.{machine}", f"{machine}_state_check")

    assert set(re.findall(r"'(\w+)'", told)) == {state.value for state in states}


async def test_the_table_refuses_an_illegal_move(scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Even a superuser's UPDATE: the rule is a trigger."""
    await scene.open()
    await connection.execute("UPDATE board.task SET state = 'done'")

    with pytest.raises(asyncpg.PostgresError, match="may not move from done to open"):
        await connection.execute("UPDATE board.task SET state = 'open'")
