"""What the bank client asks about securities. All of these are questions: asking twice moves nothing."""

from agents.bank.line import Line
from agents.bank.securities import Client, Holding, Instrument, Price


class CustodyClient(Line):
    """The part of the bank client for whoever advises its customers."""

    async def client(self, client_id: str) -> Client:
        """Who is advised; `BankNotFound` when nobody of that id is."""
        return await self._ask(f"/v1/clients/{client_id}", Client)

    async def holdings(self, client_id: str) -> list[Holding]:
        """What they hold, by symbol."""
        return await self._ask(f"/v1/clients/{client_id}/holdings", list[Holding])

    async def instruments(self) -> list[Instrument]:
        """All that there is to invest in."""
        return await self._ask("/v1/instruments", list[Instrument])

    async def price(self, symbol: str) -> Price:
        """What something costs on the bank's day."""
        return await self._ask(f"/v1/prices/{symbol}", Price)
