"""Everybody who has a key on this machine, at the board and at the sandbox bank: for stories, load and drills.

Keys are those of the data folder that `blackboard up` fills: `keys/<name>`, and `urls.json` for where board and bank are.
"""

import json
import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from blackboard.client import BoardClient
from blackboard.errors import Refused, SetupError, Unavailable
from blackboard.trust import trust

BANK_LIMIT_S = 30.0
# Whose key the bank takes for what.
CLERK, BANK_ADMIN = "bank", "bank-admin"


class Cast:
    """Clients by name, each made when first asked for. Use as an async context manager."""

    def __init__(self, data: Path) -> None:
        self._keys = data / "keys"
        self.urls = _urls(data)
        self.board_url, self.bank_url = self.urls["board"], self.urls["bank"]
        self._boards: dict[str, BoardClient] = {}
        self._banks: dict[str, httpx.AsyncClient] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Nothing to do: connections are made when needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them all."""
        await self._stack.aclose()

    def key(self, name: str) -> str:
        """The key of somebody. `SetupError` when there is none."""
        path = self._keys / name
        if not path.exists():
            raise SetupError(f"There is no key {path}: start the board from here with `make run`, which makes one for each.")
        return path.read_text().strip()

    def has(self, name: str) -> bool:
        """Whether somebody of that name has a key here."""
        return (self._keys / name).exists()

    async def board(self, name: str) -> BoardClient:
        """The board, as somebody."""
        if name not in self._boards:
            client = BoardClient(self.board_url, self.key(name), retry_for_s=10)
            self._boards[name] = await self._stack.enter_async_context(client)
        return self._boards[name]

    async def ask_bank(self, method: str, path: str, body: Any = None, *, name: str = CLERK) -> httpx.Response:
        """A request to the bank, under a key of its own; whatever the bank answers."""
        headers = {} if method == "GET" else {"Idempotency-Key": uuid.uuid4().hex}
        try:
            return await (await self._bank(name)).request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            raise Unavailable(f"The bank at {self.bank_url} cannot be reached: {error!r}.") from error

    async def tell_bank(self, method: str, path: str, body: Any = None, *, name: str = CLERK) -> Any:
        """What the bank answers; `Refused` when it does not do it."""
        answer = await self.ask_bank(method, path, body, name=name)
        if not answer.is_success:
            raise Refused(f"The bank answered {method} {path} with {answer.status_code}: {answer.text[:300]}")
        return answer.json()

    async def _bank(self, name: str) -> httpx.AsyncClient:
        if name not in self._banks:
            headers = {"Authorization": f"Bearer {self.key(name)}"}
            client = httpx.AsyncClient(base_url=self.bank_url, headers=headers, timeout=BANK_LIMIT_S, verify=trust())
            self._banks[name] = await self._stack.enter_async_context(client)
        return self._banks[name]


def _urls(data: Path) -> dict[str, str]:
    """Where board and bank are."""
    path = data / "urls.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    if not {"board", "bank", "database", "bank_database"}.issubset(found):
        raise SetupError(
            f"No board of this machine found in {data}. Start one here with `make run`, or name its folder: --data."
        )
    return dict(found)
