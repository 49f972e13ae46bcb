"""What a client orders besides transfers: operations, each under a key, by which it is found again."""

import asyncio

from agents.bank.errors import BankDiffers, BankError, BankNotFound, BankOutcomeUnknown
from agents.bank.line import Line, answered
from agents.bank.models import Done, Wire


class Operating(Line):
    """Operations over the line."""

    async def operate(
        self, kind: str, fields: Wire, key: str, *, limit_s: float | None = None, permit: str | None = None
    ) -> Done:
        """Let the bank do something, within `limit_s`; raises as `transfer` does, and then `find_operation(key)` tells."""
        try:
            async with asyncio.timeout(limit_s):
                return await self._operate(kind, fields, key, permit)
        except TimeoutError as error:
            raise BankOutcomeUnknown(f"no answer within {limit_s} s") from error

    async def find_operation(self, key: str) -> Done | None:
        """What was done under a key; None when the bank does not know of it, which may change for `terms().in_flight_s`."""
        try:
            return await self._ask("/v1/operations", Done, {"idempotency_key": key})
        except BankNotFound:
            return None

    async def _operate(self, kind: str, fields: Wire, key: str, permit: str | None) -> Done:
        """A yes is believed when it repeats the order, and the bank's books say the same."""
        told = answered(Done, await self._send("/v1/operations", {"kind": kind, **fields}, key, permit))
        if wrong := told.difference(kind, fields):
            raise BankDiffers(wrong)
        try:
            done = await self.find_operation(key)
        except BankError as error:
            raise BankOutcomeUnknown(f"what was done could not be read: {error}") from error
        if done is None:
            raise BankOutcomeUnknown("the bank's books do not show what it confirmed")
        if wrong := done.difference(kind, fields):
            raise BankDiffers(wrong)
        return done
