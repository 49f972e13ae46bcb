"""The wire format of server-sent events, read as the WHATWG standard says: bytes in, frames out.

Lines end with CR, LF or CRLF and may be cut anywhere; a byte-order mark may open the stream; an id with NUL in it does not
count; a frame that the stream ends in the middle of never came.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_FRAME_BYTES = 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
# Nine digits are eleven days; more is no pause but nonsense.
_RETRY = re.compile(r"[0-9]{1,9}")


class Garbled(ValueError):
    """What came is not what a board sends."""


class Frame(NamedTuple):
    """The fields between two blank lines. None is a field that was not there: a comment repeats no earlier id."""

    event: str = "message"
    data: str | None = None
    id: str | None = None
    retry_ms: int | None = None


class FrameParser:
    """Takes the bytes of one connection as they come. A frame may have `max_bytes`; more is `Garbled`, and never held."""

    def __init__(self, max_bytes: int = MAX_FRAME_BYTES) -> None:
        self._max_bytes = max_bytes
        self._line = bytearray()
        self._frame = Frame()
        self._data: list[str] = []
        self._size = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that the chunk completes."""
        if not chunk:
            return
        if self._after_cr:
            chunk = chunk.removeprefix(b"\n")
        self._after_cr = chunk.endswith(b"\r")
        first, *others = _LINE_END.split(chunk)
        self._extend(first)
        for begun in others:
            if frame := self._end_line():
                yield frame
            self._extend(begun)

    def _extend(self, part: bytes) -> None:
        self._line += part
        if self._size + len(self._line) > self._max_bytes:
            raise Garbled(f"a frame is larger than {self._max_bytes} bytes")

    def _end_line(self) -> Frame | None:
        line, self._line = bytes(self._line), bytearray()
        if self._at_start:
            line, self._at_start = line.removeprefix(_BOM), False
        if not line:
            return self._end_frame()
        name, _, value = line.partition(b":")
        if name:
            self._size += len(line)
            self._set(name, value.removeprefix(b" ").decode("utf-8", "replace"))
        return None

    def _set(self, name: bytes, value: str) -> None:
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._frame = self._frame._replace(event=value or "message")
        elif name == b"id" and "\0" not in value:
            self._frame = self._frame._replace(id=value)
        elif name == b"retry" and _RETRY.fullmatch(value):
            self._frame = self._frame._replace(retry_ms=int(value))

    def _end_frame(self) -> Frame | None:
        frame = self._frame._replace(data="\n".join(self._data) if self._data else None)
        self._frame, self._data, self._size = Frame(), [], 0
        return frame if frame != Frame() else None
