"""Executors killed in the midst of their work: `python doomed.py BOARD KEY BANK BANK_KEY MOMENT…`, a process for each."""

import asyncio
import os
import signal
import sys
from typing import Any, NoReturn
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from agents.bank.client import Bank
from agents.bank.models import Receipt, Slip, TransferOrder
from agents.execution import Execution
from blackboard.agent import Assignment
from blackboard.answers import ActionVerdict, ClaimedTask
from blackboard.client import BoardClient
from blackboard.requests import ClaimRequest
from blackboard.states import ActionState
from blackboard.values import Json


def die() -> NoReturn:
    """At once, and without a word."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


class DoomedBank(Bank):
    """Reached while the order is on its way, or just before its answer is told."""

    moment = ""

    async def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        if method == "POST" and self.moment == "half sent":
            target = urlsplit(str(self._http.base_url))
            _, writer = await asyncio.open_connection(target.hostname, target.port)
            writer.write(
                b"POST /transfers HTTP/1.1\r\nHost: bank\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"
            )
            await writer.drain()
            die()
        calling = asyncio.create_task(super()._call(method, path, **request))
        if method == "POST" and self.moment == "sent":
            await asyncio.wait({calling}, timeout=0.05)
            die()
        return await calling

    async def _transfer(self, order: TransferOrder, key: str, slip: Slip) -> Receipt:
        receipt = await super()._transfer(order, key, slip)
        if self.moment == "answered":
            die()
        return receipt


class DoomedAssignment(Assignment):
    """Written down, looked at once more, or settled; and nothing after it."""

    def __init__(self, board: BoardClient, task: ClaimedTask, moment: str) -> None:
        super().__init__(board, task)
        self.moment = moment

    async def record(self, kind: str, payload: Json, *, undoes: UUID | None = None) -> ActionVerdict:
        ticket = await super().record(kind, payload, undoes=undoes)
        if self.moment == "recorded":
            die()
        return ticket

    async def confirm(self) -> float:
        held_s = await super().confirm()
        if self.moment == "about to connect":
            die()
        return held_s

    async def settle(self, action_id: UUID, state: ActionState, receipt: Json | None = None, **more: Any) -> None:
        await super().settle(action_id, state, receipt, **more)
        if self.moment == "settled":
            die()


async def execute(board_url: str, key: str, bank_url: str, bank_key: str, moment: str) -> None:
    """Take a task and begin."""
    async with BoardClient(board_url, key) as board, DoomedBank(bank_url, bank_key) as bank:
        bank.moment = moment
        [task] = (await board.claim(ClaimRequest(capabilities=["execution"], wait_s=30))).tasks
        await Execution(bank).handle(DoomedAssignment(board, task, moment))


def main() -> None:
    """A fork for each moment, all at once: importing is what takes long."""
    board_url, key, bank_url, bank_key, *moments = sys.argv[1:]
    children = {}
    for moment in moments:
        child = os.fork()
        if child == 0:
            asyncio.run(execute(board_url, key, bank_url, bank_key, moment))
            os._exit(1)
        children[child] = moment
    for child, moment in children.items():
        if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            sys.exit(f"survived: {moment}")


if __name__ == "__main__":
    main()
