"""What the sandbox bank says of clients, their holdings and what these are worth."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from agents.bank.errors import BankNotFound
from agents.bank.portfolios import portfolios
from agents.bank.seed import townspeople
from tests.conftest import Databases
from tests.http.vault import Vault, open_vault

HOLDING = "/v1/clients/C-1003/holdings/AURA"


@pytest.fixture(scope="module")
async def vault(databases: Databases) -> AsyncIterator[Vault]:
    """A bank for all of these: they change what C-1003 holds, and its clock goes forward only."""
    async with databases() as database, open_vault(database, seed_customers=12) as vault:
        yield vault


async def test_a_client_is_known_with_what_they_hold(vault: Vault) -> None:
    """With a profile, and quantities of six places; one who holds nothing is a client; who is not advised is none."""
    async with vault.client() as bank, vault.http() as http:
        client = await bank.client("C-1008")
        told = (await http.get("/v1/clients/C-1008/holdings")).json()
        nothing = await bank.holdings("C-1005")
        for stranger in ("C-1010", "NOBODY"):
            with pytest.raises(BankNotFound, match="advised"):
                await bank.client(stranger)

    assert (client.risk_profile, client.name) == ("growth", "Isabela Duarte")
    assert (told, nothing) == ([{"symbol": "CINDER", "quantity": "400.123456"}], [])


async def test_the_town_invests_too(vault: Vault) -> None:
    """Who of the first twelve is advised, and with how many positions, is in the books as it was made up."""
    made_up = {row.customer_id: len(row.holdings) for person in townspeople(12) for row in portfolios(person)}
    async with vault.client() as bank:
        assert {client: len(await bank.holdings(client)) for client in made_up} == made_up


async def test_prices_move_with_the_banks_clock_and_are_the_same_for_the_same_day(vault: Vault) -> None:
    """A day later another one, within a sixth of where it began; within a day none."""
    async with vault.client() as bank, vault.back_office() as office:
        first = [await bank.price(instrument.symbol) for instrument in await bank.instruments()]
        now = (await bank.terms()).now
        await office.put("/clock", json={"at": (now + timedelta(days=1)).isoformat()})
        second = [await bank.price(price.symbol) for price in first]
        again = [await bank.price(price.symbol) for price in first]

    assert second == again
    assert [a.symbol for a, b in zip(first, second, strict=True) if b.as_of - a.as_of != timedelta(days=1)] == []
    assert sum(a.price != b.price for a, b in zip(first, second, strict=True)) > len(first) / 2
    spread = [b.price / a.price for a, b in zip(first, second, strict=True)]
    assert max(spread) < Decimal("1.02") and min(spread) > Decimal("0.98")
    assert {price.usd_rate for price in second if price.currency == "USD"} == {Decimal(1)}


async def test_what_a_client_holds_is_changed_by_the_administrator_alone(vault: Vault) -> None:
    """To any quantity of what exists, said as a decimal string; "0" is nothing; all else is refused and changes nothing."""
    async with vault.client() as bank, vault.http() as http, vault.back_office() as office:
        before = await bank.holdings("C-1003")
        refused = [
            (await who.put(path, content=body, headers={"Content-Type": "application/json"})).status_code
            for who, path, body in _refused(http, office)
        ]
        unchanged = await bank.holdings("C-1003")
        changed = (await office.put(HOLDING, json={"quantity": "901.5"})).json()
        gone = (await office.put(HOLDING, json={"quantity": "0"})).json()

    assert (refused, unchanged) == ([403, 404, 404, 404, 422, 422, 422, 422, 422, 422], before)
    assert {"symbol": "AURA", "quantity": "901.500000"} in changed
    assert [holding["symbol"] for holding in gone] == ["BOREAL", "DELTAX", "KITEX3", "LUMENN"]


def _refused(http: httpx.AsyncClient, office: httpx.AsyncClient) -> list[tuple[httpx.AsyncClient, str, str]]:
    """Whose request for what is refused."""
    fine = '{"quantity": "1"}'
    quantities = ('"-1"', "1.5", '"NaN"', '"1.0000001"', '"1234567890123"', "Infinity")
    return [
        (http, HOLDING, fine),
        (office, "/v1/clients/C-1010/holdings/AURA", fine),
        (office, "/v1/clients/C-1003/holdings/NOTHING", fine),
        (office, "/v1/clients/C-1003%00/holdings/AURA", fine),
        *((office, HOLDING, f'{{"quantity": {quantity}}}') for quantity in quantities),
    ]
