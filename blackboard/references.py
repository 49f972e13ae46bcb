"""Asks the system of record whether what a case refers to exists, before the case is opened.

A workflow marks a payload field with `x-reference: account`; the setting `BLACKBOARD_REFERENCES` says where accounts are found:
`{"account": "https://bank/accounts/{id}"}`. A definite "no such thing" refuses the case. Silence does not: the first stage
checks again, and a bank that is down must not close the board's door.
"""

import asyncio
from collections.abc import Collection, Mapping
from urllib.parse import quote

import httpx
import structlog

from blackboard.errors import Invalid
from blackboard.trust import trust
from blackboard.turns import step_aside
from blackboard.values import Json
from blackboard.workflow import Definition

ASK_LIMIT_S = 2.0
# A bulk asks about thousands. What is not answered by then counts as silence.
ASK_ALL_LIMIT_S = 8.0
MAX_ASKING = 20

# What is referred to: its kind, and its name there.
Reference = tuple[str, str]

log = structlog.get_logger()


class References:
    """Looks references up over HTTP. With no addresses it accepts everything."""

    def __init__(self, addresses: Mapping[str, str], key: str = "") -> None:
        self._addresses = addresses
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(verify=trust(), timeout=ASK_LIMIT_S, headers=headers, follow_redirects=False)

    async def missing(self, wanted: Collection[Reference]) -> set[Reference]:
        """Those that the system of record says it does not know; each is asked about once, some at a time."""
        asked = {reference for reference in wanted if reference[0] in self._addresses}
        places = asyncio.Semaphore(MAX_ASKING)
        found: set[Reference] = set()

        async def ask(reference: Reference) -> None:
            async with places:
                if await self._is_missing(*reference):
                    found.add(reference)

        try:
            async with asyncio.timeout(ASK_ALL_LIMIT_S):
                await asyncio.gather(*map(ask, asked))
        except TimeoutError:
            log.warning("references not checked in time", asked=len(asked))
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _is_missing(self, kind: str, value: str) -> bool:
        step_aside()
        try:
            answer = await self._http.get(self._addresses[kind].replace("{id}", quote(value, safe="")))
        except httpx.HTTPError as error:
            log.warning("reference not checked", kind=kind, error=repr(error))
            return False
        return answer.status_code == httpx.codes.NOT_FOUND


def refuse_missing(workflow: Definition, payload: Json, missing: Collection[Reference]) -> None:
    """Raise `Invalid` naming every reference of a payload that is among the missing."""
    errors = [
        {"field": f"payload.{field}", "problem": f"there is no such {kind}"}
        for field, kind, value in workflow.references(payload)
        if (kind, value) in missing
    ]
    if errors:
        told = "; ".join(f"{entry['field']}: {entry['problem']}" for entry in errors)
        raise Invalid(f"The case refers to what does not exist: {told}. Check the number and send it again.", errors=errors)


def named_by(workflow: Definition, payload: Json) -> set[Reference]:
    """What a payload refers to."""
    return {(kind, value) for _, kind, value in workflow.references(payload)}
