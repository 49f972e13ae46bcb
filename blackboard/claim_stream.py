"""Claimed tasks over one connection, in place of a request per task."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from blackboard.answers import ClaimedTask
from blackboard.client import BoardClient
from blackboard.line import Address, Line
from blackboard.sse import Frame, Garbled

_TASK = TypeAdapter(ClaimedTask)


class ClaimStream(Line[ClaimedTask]):
    """`async for task in stream`: tasks that are yours alone, up to `credit` of them undecided at once.

    When the connection breaks, the board takes back those about which you have not written yet, and a later write about them is
    refused as `ClaimLost`. With a session, what it held before a reconnect takes up credit after it. Leave the loop when the
    tasks in hand have been written about, or are to go back.
    """

    def __init__(
        self,
        client: BoardClient,
        capabilities: Sequence[str],
        *,
        credit: int = 1,
        lease_s: int | None = None,
        session_id: UUID | None = None,
    ) -> None:
        super().__init__(client)
        # Of the next connection; it may change.
        self.session_id = session_id
        self._capabilities = list(capabilities)
        self._credit = credit
        self._lease_s = lease_s

    async def _address(self) -> Address:
        params: dict[str, str | int | Sequence[str]] = {"capability": self._capabilities, "credit": self._credit}
        if self._lease_s is not None:
            params["lease_s"] = self._lease_s
        if self.session_id is not None:
            params["session_id"] = str(self.session_id)
        return Address("/v1/claims/stream", params, {})

    def _read(self, frame: Frame) -> ClaimedTask | None:
        try:
            return _TASK.validate_json(frame.data or "") if frame.event == "task" else None
        except ValidationError as error:
            raise Garbled(f"a task cannot be read ({error.errors()[0]['msg']})") from error
