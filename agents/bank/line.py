"""The line to the bank: one request at a time, and what an answer to it means.

A write is sent once. Whether it may be sent again is not for this class to decide: what it cannot know is raised as
`BankOutcomeUnknown`, and whoever holds the key asks by it first. Questions (GET) are repeated here, since asking twice moves
nothing. What can be asked and ordered stands in classes above it, of which `agents.bank.client` makes one.
"""

import asyncio
import re
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx
import stamina
from pydantic import BaseModel, TypeAdapter, ValidationError

from agents.bank import answers
from agents.bank.answers import Answer
from agents.bank.errors import (
    BankDiffers,
    BankNotFound,
    BankOutcomeUnknown,
    BankRefused,
    BankStepUp,
    BankUnavailable,
)
from agents.bank.models import Terms
from agents.bank.settings import BankClientSettings
from agents.breaker import Breaker, Resting
from blackboard import strict
from blackboard.errors import Malformed
from blackboard.transport import POOL

MAX_ANSWER_BYTES = 1024 * 1024
# What a question may be answered with for good.
_FINAL = frozenset({400, 401, 403, 404, 413, 415, 422})
# After so many calls in a row without an answer the bank is left alone for so long. A question is tried four times.
_LIMIT = 8
_PAUSE_S = 5.0
_STEP_UP = "step-up-required"
# A word for a refusal becomes a reason of a decision; whatever else stands there is not taken for one.
_WORD = re.compile(r"[a-z][a-z0-9-]{0,59}")

M = TypeVar("M", bound=BaseModel)
A = TypeVar("A")


def _is_worth_another_try(error: Exception) -> bool:
    """Not while the bank is left alone."""
    return isinstance(error, BankUnavailable) and error.wait_s is None


class Line:
    """One connection pool to one bank. Use as an async context manager."""

    def __init__(self, url: str, key: str, *, limit_s: float = 10.0) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            # What is packed could be unpacked without end.
            headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
            timeout=limit_s,
            follow_redirects=False,
            limits=POOL,
        )
        self._breaker = Breaker(url, limit=_LIMIT, pause_s=_PAUSE_S)
        self.limit_s = limit_s

    @classmethod
    def from_environment(cls) -> Self:
        """BANK_URL and BANK_KEY say where and who."""
        settings = BankClientSettings()
        return cls(settings.url, settings.key.get_secret_value(), limit_s=settings.limit_s)

    async def __aenter__(self) -> Self:
        """Nothing to do: connections are made when needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def terms(self) -> Terms:
        """What the bank promises, and its time."""
        return await self._ask("/v1/terms", Terms)

    async def _send(
        self, path: str, body: Mapping[str, Any], key: str | None = None, permit: str | None = None
    ) -> httpx.Response:
        """Once. The answer, unless it says that nothing was done, or something else."""
        if not self._breaker.is_closed:
            await self.terms()
        try:
            headers = {name: value for name, value in (("Idempotency-Key", key), ("Board-Permit", permit)) if value}
            response = await self._call("POST", path, json=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise BankUnavailable(f"the bank could not be reached: {error!r}") from error
        except httpx.HTTPError as error:
            raise BankOutcomeUnknown(f"no answer: {error!r}") from error
        code = "" if response.is_success else _code(response)
        match answers.read(response.status_code, code):
            case Answer.REFUSED:
                raise _refusal(response)
            case Answer.DIFFERS:
                raise BankDiffers("the bank booked something else under this key")
            case Answer.LATER if code == _STEP_UP:
                raise _refusal(response)
            case Answer.LATER:
                raise BankUnavailable(f"the bank answered {response.status_code} {code}: later, under the same key")
        return response

    async def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request, unless the bank has not answered several before it."""
        try:
            self._breaker.admit(is_question=method == "GET")
        except Resting as rest:
            raise BankUnavailable(str(rest), wait_s=rest.wait_s) from rest
        try:
            response = await self._bounded(method, path, **request)
        except (httpx.HTTPError, asyncio.CancelledError):
            self._breaker.fail()
            raise
        if response.is_server_error:
            self._breaker.fail()
        else:
            self._breaker.succeed()
        return response

    async def _bounded(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer in its time, and no more of it than can be believed, whatever length it names or has."""
        try:
            async with asyncio.timeout(2 * self.limit_s), self._http.stream(method, path, **request) as told:
                content = b""
                async for part in told.aiter_raw():
                    content += part
                    if len(content) > MAX_ANSWER_BYTES:
                        break
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"no whole answer within {2 * self.limit_s} s") from error
        return httpx.Response(told.status_code, content=content, request=told.request)

    async def _ask(self, path: str, model: type[A], params: Mapping[str, Any] | None = None) -> A:
        return believed(TypeAdapter(model), await self._get(path, params))

    @stamina.retry(on=_is_worth_another_try, attempts=4, wait_initial=0.1, wait_max=1.0)
    async def _get(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        try:
            response = await self._call("GET", path, params=params)
        except httpx.HTTPError as error:
            raise BankUnavailable(f"no answer: {error!r}") from error
        if response.status_code == HTTPStatus.OK:
            return response
        if response.status_code in _FINAL:
            raise _refusal(response)
        raise BankUnavailable(f"the bank answered {response.status_code}")


def believed(adapter: TypeAdapter[A], response: httpx.Response) -> A:
    """An answer that is small, clean and of the right shape."""
    try:
        if len(response.content) > MAX_ANSWER_BYTES:
            raise BankUnavailable(f"the bank's answer is larger than {MAX_ANSWER_BYTES} bytes")
        return adapter.validate_python(strict.parse(response.content), strict=False)
    except (Malformed, ValidationError) as error:
        raise BankUnavailable(f"the bank's answer makes no sense: {type(error).__name__}") from error


def answered(model: type[M], response: httpx.Response) -> M:
    """The answer to a write; whatever is no believable one leaves open what was done."""
    if not response.is_success:
        raise BankOutcomeUnknown(f"the bank answered {response.status_code}")
    try:
        return believed(TypeAdapter(model), response)
    except BankUnavailable as error:
        raise BankOutcomeUnknown(str(error)) from error


def _code(response: httpx.Response) -> str:
    """The word for a refusal; empty where there is none."""
    try:
        return str(strict.parse(response.content)["type"]).rpartition(":")[2]
    except (Malformed, KeyError, TypeError):
        return ""


def _refusal(response: httpx.Response) -> BankRefused:
    try:
        told = strict.parse(response.content)
        code, detail = str(told["type"]).rpartition(":")[2], str(told["detail"])
        if not _WORD.fullmatch(code):
            code = f"http-{response.status_code}"
        if "challenge_id" in told:
            return BankStepUp(code, detail, UUID(told["challenge_id"]))
    except (Malformed, KeyError, TypeError, ValueError, AttributeError):
        code, detail = f"http-{response.status_code}", "the bank did not say why"
    kind = BankNotFound if response.status_code == HTTPStatus.NOT_FOUND else BankRefused
    return kind(code, detail)
