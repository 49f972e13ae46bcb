"""An endpoint that speaks chat completions over a real socket, and answers what a script says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from blackboard.values import Json

GOOD = {"verdict": "approve", "confidence": 0.9, "reasons": ["consistent_request"], "evidence": ["payload.amount"]}


class Endpoint:
    """Chat completions over a real socket. Each answer is (status, content); it keeps what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.script: list[tuple[int, Any]] = []
        self.asked: list[Json] = []
        self.silent = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request on one connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split()[0])
        self.asked.append(json.loads(await reader.readexactly(length)))
        status, content = self.script.pop(0)
        if content is None:
            await self.silent.wait()
        body = json.dumps(_completion(content) if status == 200 else {"error": {"message": "no"}}).encode()
        writer.write(b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\nconnection: close\r\n" % status)
        writer.write(b"location: http://127.0.0.1:9/\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()


def _completion(content: Any) -> Json:
    text = content if isinstance(content, str) else json.dumps(content)
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "tiny-\u202e1",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }


@asynccontextmanager
async def listen() -> AsyncIterator[Endpoint]:
    """An endpoint that listens until the block ends."""
    endpoint = Endpoint()
    async with await asyncio.start_server(endpoint.answer, "127.0.0.1", 0) as server:
        endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield endpoint
        endpoint.silent.set()
