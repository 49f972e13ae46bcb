"""Which duties a workflow keeps apart."""

import pytest

from blackboard import workflow
from blackboard.errors import Invalid
from blackboard.provision import ROLES
from blackboard.workflow import APART
from tests.factories import TRANSFER
from tests.sql.duties import DUTIES

TIMED = DUTIES.replace("capability: look", "timer_s: 5").replace("approve: {to: check}", "elapsed: {to: check}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DUTIES + "apart: []", "apart is empty"),
        (DUTIES + "apart: [[maker, maker]]", "maker beside itself"),
        (DUTIES + "apart: [[maker, boss]]", "apart.0.1"),
        (DUTIES.replace("    duty: opinion\n", "    duty: king\n"), "stages.look.duty"),
        (
            "\n".join(line for line in DUTIES.splitlines() if "duty" not in line) + "\napart: [[maker, checker]]",
            "no stage has a duty",
        ),
        (
            DUTIES.replace("capability: look", "timer_s: 5").replace("approve: {to: check}", "elapsed: {to: check}"),
            "nobody decides",
        ),
    ],
)
def test_bad_duties_are_refused_with_what_to_do(text: str, said: str) -> None:
    """When the workflow is read."""
    with pytest.raises(Invalid, match=said):
        workflow.parse(text)


def test_the_usual_pairs_are_written_down() -> None:
    """Where a stage has a duty, and nowhere else."""
    assert workflow.parse(DUTIES).apart == APART
    assert workflow.parse(DUTIES.replace("duty: ", "description: ")).apart is None


def test_a_shipped_transfer_needs_three_persons_and_a_new_board_has_them() -> None:
    """Who asks, who reviews and who executes; the agents that come with a board have owners of their own."""
    transfer = workflow.load(TRANSFER)
    names = [role.name for role in ROLES]

    assert {name: stage.duty for name, stage in transfer.stages.items() if stage.duty} == {
        "review": "checker",
        "execution": "executor",
    }
    assert transfer.apart == APART
    assert len(set(names)) == len(names)
