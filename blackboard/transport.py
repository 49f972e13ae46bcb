"""How a client speaks to a board: one pool of connections with one key, a write under one key however often it is sent."""

import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import stamina
from pydantic import BaseModel

from blackboard.errors import Busy, Invalid, Unavailable
from blackboard.problem import error_of
from blackboard.trust import trust_at
from blackboard.values import Json

M = TypeVar("M", bound=BaseModel)

CONNECT_LIMIT_S = 5.0
# Past the server's own longest wait (55 s), so that an answer that is on its way is not thrown away.
READ_LIMIT_S = 70.0
RETRY_FOR_S = 30.0
NOT_MODIFIED = 304
# httpx looks at every idle connection before each request: with 32 of them a request costs 4.5 ms of processor time, with 4 it
# costs 2.7 ms.
POOL = httpx.Limits(max_connections=100, max_keepalive_connections=4)


class Transport:
    """One connection pool to one board, with one key. Use as an async context manager."""

    def __init__(self, url: str, key: str, *, retry_for_s: float = RETRY_FOR_S) -> None:
        self.http = httpx.AsyncClient(
            base_url=url,
            verify=trust_at(url),
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(READ_LIMIT_S, connect=CONNECT_LIMIT_S),
            follow_redirects=False,
            limits=POOL,
        )
        self._retry_for_s = retry_for_s

    async def __aenter__(self) -> Self:
        """Nothing to do: connections are made when needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def _read(self, path: str, model: type[M], params: Mapping[str, Any] | None = None) -> M:
        return model.model_validate_json((await self._ask("GET", path, params=params)).content)

    async def _write(
        self,
        method: str,
        path: str,
        body: BaseModel | Json | None,
        model: type[M],
        *,
        key: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> M:
        return model.model_validate_json((await self._send(method, path, body, key=key, params=params)).content)

    async def _send(
        self,
        method: str,
        path: str,
        body: BaseModel | Json | None,
        *,
        key: str | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex, **(headers or {})}
        document = body.model_dump(mode="json", exclude_none=True) if isinstance(body, BaseModel) else body
        return await self._ask(method, path, params=params, json=document, headers=headers)

    async def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request, repeated while it is safe and useful."""
        async for attempt in stamina.retry_context(
            on=Busy, attempts=None, timeout=self._retry_for_s, wait_initial=0.05, wait_jitter=0.2, wait_max=2.0
        ):
            with attempt:
                return await self._ask_once(method, path, **request)
        raise Unavailable("The board did not answer.")  # stamina re-raises the last error before this

    async def _ask_once(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = await self.http.request(method, path, **request)
        except httpx.InvalidURL as error:
            raise Invalid(f"That can be no part of an address: {error}") from error
        except httpx.TransportError as error:
            raise Unavailable(f"The board at {self.http.base_url} cannot be reached: {error!r}.") from error
        if response.is_success or response.status_code == NOT_MODIFIED:
            return response
        raise error_of(response)
