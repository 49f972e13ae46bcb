"""Asks the system of record whether what a case refers to exists, before the case is opened.

A workflow marks a payload field with `x-reference: account`; the setting `BLACKBOARD_REFERENCES` says where accounts are found:
`{"account": "https://bank/accounts/{id}"}`. A definite "no such thing" refuses the case. Silence does not: the first stage
checks again, and a bank that is down must not close the board's door.
"""

from collections.abc import Mapping
from urllib.parse import quote

import httpx
import structlog

from blackboard.errors import Invalid
from blackboard.values import Json
from blackboard.workflow import Definition

ASK_LIMIT_S = 2.0

log = structlog.get_logger()


class References:
    """Looks references up over HTTP. With no addresses it accepts everything."""

    def __init__(self, addresses: Mapping[str, str], key: str = "") -> None:
        self._addresses = addresses
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(timeout=ASK_LIMIT_S, headers=headers, follow_redirects=False)

    async def check(self, workflow: Definition, payload: Json) -> None:
        """Raise `Invalid` naming every reference that the system of record does not know."""
        missing = [
            {"field": f"payload.{field}", "problem": f"there is no {kind} {value}"}
            for field, kind, value in workflow.references(payload)
            if await self._is_missing(kind, value)
        ]
        if missing:
            told = "; ".join(f"{entry['field']}: {entry['problem']}" for entry in missing)
            raise Invalid(
                f"The case refers to what does not exist: {told}. Check the number and send it again.", errors=missing
            )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _is_missing(self, kind: str, value: str) -> bool:
        address = self._addresses.get(kind)
        if address is None:
            return False
        try:
            answer = await self._http.get(address.replace("{id}", quote(value, safe="")))
        except httpx.HTTPError as error:
            log.warning("reference not checked", kind=kind, error=repr(error))
            return False
        return answer.status_code == httpx.codes.NOT_FOUND
