"""Which cases arrive when, drawn from a seed; and whom it takes to kill an agent."""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from blackboard.arrivals import Arrival, draw_arrivals
from blackboard.cli import app
from blackboard.errors import Invalid, SetupError
from blackboard.scenario import Mix
from blackboard.traffic import Account, Run, percentile
from blackboard.victims import Victims, keep_processes

OFTEN = Mix(
    workflow="transfer",
    weight=3,
    payload={"amount": {"$money": ["1.00", "1.05"]}, "memo": "${run} ${n}", "to": {"$one_of": ["A", {"$whole": [1, 2]}]}},
)
SELDOM = Mix(workflow="loan", payload={}, rests=["offer"])


def draw(cases: int = 2000, seed: int = 7, rate: float = 5.0) -> list[Arrival]:
    """Some arrivals."""
    return draw_arrivals([OFTEN, SELDOM], cases, rate, seed, run="r", today=date(2026, 3, 1))


def test_the_same_seed_draws_the_same_cases_at_the_same_moments_and_another_seed_others() -> None:
    """Whatever else draws from chance meanwhile."""
    first = draw()
    random.random()

    assert draw() == first
    assert [arrival.at_s for arrival in draw(seed=8)] != [arrival.at_s for arrival in first]


def test_the_times_between_arrivals_are_those_of_a_poisson_process() -> None:
    """Mean and spread of an exponential are both 1/rate; one in e (36.8 %) is longer than the mean."""
    at = [0.0, *(arrival.at_s for arrival in draw(cases=20_000, rate=5.0))]
    between = [b - a for a, b in pairwise(at)]

    assert statistics.mean(between) == pytest.approx(0.2, rel=0.03)
    assert statistics.pstdev(between) == pytest.approx(0.2, rel=0.03)
    assert sum(each > 0.2 for each in between) / len(between) == pytest.approx(0.368, abs=0.02)


def test_cases_come_in_the_proportions_of_their_weights_and_are_drawn_within_bounds() -> None:
    """Money to the cent, never a float; each case has its number."""
    arrivals = draw()
    kinds = Counter(arrival.mix.workflow for arrival in arrivals)
    transfers = [arrival.payload for arrival in arrivals if arrival.mix is OFTEN]

    assert kinds["transfer"] / len(arrivals) == pytest.approx(0.75, abs=0.03)
    assert {Decimal(payload["amount"]) for payload in transfers} == {Decimal(n) / 100 for n in range(100, 106)}
    assert {payload["to"] for payload in transfers} == {"A", 1, 2}
    assert len({payload["memo"] for payload in transfers}) == len(transfers)


@pytest.mark.parametrize("payload", [{"a": {"$one_of": []}}, {"a": {"$dice": [1, 6]}}, {"a": {"$whole": ["1", "2"]}}])
def test_what_cannot_be_drawn_is_named(payload: dict[str, Any]) -> None:
    """And so is a folder in which nobody says what cases look like."""
    with pytest.raises(Invalid, match="cannot be drawn"):
        draw_arrivals([Mix(workflow="transfer", payload=payload)], 1, 1, 1, run="r", today=date(2026, 3, 1))
    with pytest.raises(Invalid, match="no scenario says"):
        draw_arrivals([], 1, 1, 1, run="r", today=date(2026, 3, 1))


def test_a_case_rests_only_where_its_kind_may_and_what_is_refused_or_stuck_is_not_right() -> None:
    """The exit code of a load rests on that."""
    resting = Run(Arrival(1, 0, SELDOM, {}), 0, stage="offer")
    elsewhere = Run(Arrival(2, 0, SELDOM, {}), 0, stage="panel")
    refused = Run(Arrival(3, 0, OFTEN, {}), 0, refused="refused: invalid")
    ended = Run(Arrival(4, 0, OFTEN, {}), 0, outcome="executed", took_s=1.5)

    assert [run.may_rest for run in (resting, elsewhere, refused, ended)] == [True, False, False, False]
    assert [Account([run]).ok for run in (resting, refused, ended)] == [True, False, True]
    assert not Account([ended], stuck=1).ok
    assert list(Account([ended, resting]).rows()) == [
        ("loan", "waits at offer", 1, None, None),
        ("transfer", "executed", 1, 1.5, 1.5),
    ]


def test_percentiles_are_values_that_were_measured() -> None:
    """And none of nothing."""
    assert [percentile([1.0, 2.0, 3.0, 4.0], share) for share in (0.5, 0.99)] == [3.0, 4.0]
    assert percentile([], 0.5) is None


def test_only_a_child_of_the_supervisor_that_is_no_pillar_is_killed(tmp_path: Path) -> None:
    """A number that now belongs to somebody else is left alone, and so are database, bank and API."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        keep_processes(tmp_path, {"risk": child.pid})
        written = json.loads((tmp_path / "processes.json").read_text())
        keep_processes(tmp_path, {"postgres": child.pid, "bank": child.pid, "api": child.pid, "identity": os.getppid()})
        spared = Victims(tmp_path).kill(random.Random(1))
        keep_processes(tmp_path, {"risk": child.pid})
        killed = Victims(tmp_path).kill(random.Random(1))

        assert written == {"supervisor": os.getpid(), "children": {"risk": child.pid}}
        assert (spared, killed, child.wait(timeout=10)) == (None, "risk", -signal.SIGKILL)
        assert oct((tmp_path / "processes.json").stat().st_mode & 0o777) == "0o600"
    finally:
        child.kill()


def test_where_nobody_runs_a_board_nobody_is_killed(tmp_path: Path) -> None:
    """It says where agents can be killed."""
    with pytest.raises(SetupError, match="blackboard up"):
        Victims(tmp_path)


def test_load_without_a_number_says_where_the_report_of_that_name_went() -> None:
    """It is `backlog` that tells how much lies where."""
    told = CliRunner().invoke(app, ["load"])

    assert (told.exit_code, "blackboard backlog" in told.output) == (2, True)


def test_a_story_or_a_load_without_a_board_says_how_to_start_one(tmp_path: Path) -> None:
    """Exit code 6: this installation needs attention."""
    for command in (["demo", "transfer"], ["load", "--cases", "3"]):
        told = CliRunner().invoke(app, [*command, "--data", str(tmp_path)])
        assert (told.exit_code, "make run" in told.output) == (6, True)


def test_a_story_that_does_not_exist_names_those_that_do() -> None:
    """And without a name they are listed."""
    told = CliRunner().invoke(app, ["demo", "nothing"])
    listed = CliRunner().invoke(app, ["demo", "--json"])

    assert (told.exit_code, "transfer" in told.output) == (2, True)
    assert {"transfer", "loan"} <= {story["name"] for story in json.loads(listed.output)}
