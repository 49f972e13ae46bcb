"""What auditors take away over HTTP, what they can tell from it alone, and what a customer's erasure leaves of it."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from typer.testing import CliRunner, Result

from blackboard import workflow
from blackboard.audit import verify_evidence, verify_export
from blackboard.cli import app
from tests.factories import SMALL
from tests.http.conftest import Api, fresh_key
from tests.http.operations import write

PRICED = SMALL.replace("name: small", "name: priced").replace(
    "payload: {type: object}", "payload: {type: object, properties: {amount: {type: string, x-class: public}}}"
)
CUSTOMER = "C-zwirn"
AMOUNT = "250.00"
PAGE = {"Accept": "application/json"}


async def ended(own: Api) -> str:
    """A case of the customer that was refused, when the journal tells it."""
    scene = own.scene
    await scene.load(workflow.parse(PRICED))
    case = await scene.open("priced", {"customer": CUSTOMER, "name": "Ottilie Zwirnbaum", "amount": AMOUNT})
    [task] = await scene.claim()
    await scene.decide(task, "reject")
    async with asyncio.timeout(30), own.http("auditor") as http:
        while not (await http.get(f"/v1/events?after=0&case={case.id}&type=case.closed", headers=PAGE)).json()["events"]:
            await asyncio.sleep(0.02)
    return str(case.id)


async def sealed(http: httpx.AsyncClient) -> dict[str, Any]:
    """The state of the chain when all of the journal lies under it."""
    async with asyncio.timeout(30):
        while True:
            told: dict[str, Any] = (await http.get("/v1/audit/chain")).raise_for_status().json()
            if told["sealed_position"] == told["head_position"] > 0:
                return told
            await asyncio.sleep(0.05)


@pytest.mark.item("S52", "I39")
async def test_an_export_and_the_evidence_of_a_case_verify_from_their_files_alone(
    own: Api, own_boss: httpx.AsyncClient, tmp_path: Path
) -> None:
    """By command, without board or database. An older export is told apart by a witness; an edited file breaks."""
    case = await ended(own)
    chain = await sealed(own_boss)
    export = (await own_boss.get("/v1/audit/export")).text
    evidence = (await own_boss.get(f"/v1/cases/{case}/evidence")).text
    files = {"export": export, "evidence": evidence, "edited": export.replace("requester", "somebody")}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    witness = ("--witness", str(tmp_path / "witness"))
    await ended(own)
    await sealed(own_boss)
    (tmp_path / "newer").write_text((await own_boss.get("/v1/audit/export")).text)

    assert (chain["seals"] > 0, chain["broken"]) == (True, [])
    for name, code in (("export", 0), ("evidence", 0), ("edited", 1), ("newer", 0)):
        assert (await _verify(tmp_path / name, *witness)).exit_code == code, name
    older = await _verify(tmp_path / "export", *witness)
    assert (older.exit_code, "old copy restored" in older.output) == (1, True)


async def test_pages_of_an_export_follow_one_another(own: Api, own_boss: httpx.AsyncClient) -> None:
    """Each begins after the last seal of the one before, and together they verify."""
    for _ in range(3):
        await ended(own)
        await sealed(own_boss)
    lines: list[str] = []
    after: int | None = 0
    while after is not None:
        page = (await own_boss.get("/v1/audit/export", params={"after": after, "limit": 1})).text.splitlines()
        seal = orjson.loads(page[-1])["seal"]
        after = seal and seal["last"]
        lines += page

    found = verify_export(lines)
    assert (found.broken, found.events, len(found.seals) >= 3) == ([], (await sealed(own_boss))["events"], True)


@pytest.mark.item("S44", "I46")
async def test_an_erased_customer_leaves_amounts_outcomes_and_a_journal_that_verifies(
    own: Api, own_boss: httpx.AsyncClient
) -> None:
    """Asked while a case is open: refused. Asked twice: done once. What the case was about stays readable."""
    case = await ended(own)
    path = f"/v1/customers/{CUSTOMER}/erase"
    still_open = await own.scene.open(payload={"customer": CUSTOMER})
    refused = await write(own_boss, path, {"reason": "asked for by letter"})
    await write(own_boss, f"/v1/cases/{still_open.id}/cancel", {"reason": "withdrawn"})
    await sealed(own_boss)
    once = fresh_key()
    done, again = [await own_boss.post(path, json={"reason": "asked for by letter"}, headers=once) for _ in range(2)]
    await sealed(own_boss)
    shown = (await own_boss.get(f"/v1/cases/{case}")).json()
    evidence = orjson.loads((await own_boss.get(f"/v1/cases/{case}/evidence")).content)
    export = (await own_boss.get("/v1/audit/export")).text

    assert (refused.status_code, done.status_code, done.json()) == (409, 200, again.json())
    assert (shown["outcome"], shown["payload"]["amount"], "Zwirnbaum" in str(shown)) == ("rejected", AMOUNT, False)
    assert (verify_evidence(evidence).broken, verify_export(export.splitlines()).broken) == ([], [])
    assert [text for text in (CUSTOMER, "Zwirnbaum") if text in export] == []


async def _verify(file: Path, *more: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["audit", "verify", str(file), *more])
