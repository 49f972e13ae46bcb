"""How much money may be in flight."""

import pytest

from tests.factories import Scene
from tests.sql.quotas import EXPOSURE, claim_amounts, put_quota
from tests.sql.transfers import transfer


@pytest.mark.usefixtures("boss")
async def test_money_in_flight_stays_under_its_ceiling(scene: Scene) -> None:
    """What would exceed it waits until enough has come down."""
    await put_quota(scene, EXPOSURE)
    for amount in ("600", "500", "400"):
        await transfer(scene, amount=amount)
    tasks = await scene.claim(limit=10)
    await scene.decide(tasks[0], "done")
    await scene.store.wake_waiting(10)

    assert ([task.context.payload["amount"] for task in tasks], await claim_amounts(scene)) == (["600", "400"], ["500"])


@pytest.mark.usefixtures("boss")
async def test_less_urgent_work_that_fits_is_taken_instead(scene: Scene) -> None:
    """A claim for one task does not come back empty because the first one is too large."""
    await put_quota(scene, EXPOSURE)
    for priority, amount in enumerate(["600", "500", "450", "400"]):
        await transfer(scene, amount=amount, priority=priority)

    assert [await claim_amounts(scene, limit=1) for _ in range(3)] == [["600"], ["400"], []]


@pytest.mark.usefixtures("boss")
async def test_money_is_counted_to_the_cent(scene: Scene) -> None:
    """Three times 0.1 is 0.3, and no more than it."""
    await put_quota(scene, EXPOSURE, ceiling="0.3")
    for amount in ("0.1", "0.1", "0.1", "0.0001"):
        await transfer(scene, amount=amount)

    assert await claim_amounts(scene) == ["0.1", "0.1", "0.1"]


@pytest.mark.usefixtures("boss")
async def test_exposure_is_counted_for_each_customer(scene: Scene) -> None:
    """One customer's money leaves another's alone."""
    await put_quota(scene, EXPOSURE, per="subject")
    for customer in ("C-1", "C-2", "C-1"):
        await transfer(scene, amount="800", customer=customer)

    assert [task.context.subject for task in await scene.claim(limit=10)] == ["C-1", "C-2"]


@pytest.mark.usefixtures("boss")
async def test_a_case_without_an_amount_takes_up_nothing(scene: Scene) -> None:
    """It passes a ceiling that is reached."""
    await put_quota(scene, EXPOSURE)
    await transfer(scene, amount="1000")
    await scene.claim()
    case = await scene.open()

    assert [task.case_id for task in await scene.claim(limit=10)] == [case.id]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("amount", ["a lot", ""])
async def test_an_amount_that_is_no_number_stops_nobody_else(scene: Scene, amount: str) -> None:
    """What comes after it in the queue is claimed all the same."""
    await put_quota(scene, EXPOSURE)
    await transfer(scene, amount=amount)
    await transfer(scene, amount="600")

    assert "600" in await claim_amounts(scene)


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e9"])
async def test_no_amount_slips_past_a_ceiling_that_is_reached(scene: Scene, amount: str) -> None:
    """However it is written."""
    await put_quota(scene, EXPOSURE)
    for each in ("1000", amount):
        await transfer(scene, amount=each)

    assert await claim_amounts(scene) == ["1000"]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("amount", ["-5000", "-Infinity"])
async def test_a_negative_amount_makes_no_room(scene: Scene, amount: str) -> None:
    """What is in flight is never less than nothing."""
    await put_quota(scene, EXPOSURE)
    for each in (amount, "900", "900"):
        await transfer(scene, amount=each)

    assert (await claim_amounts(scene)).count("900") == 1
