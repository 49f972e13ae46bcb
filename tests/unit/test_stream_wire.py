"""The wire format of server-sent events, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackboard.sse import Frame, FrameParser, Garbled

STREAM = (
    "retry: 1500\nevent: ready\ndata: {}\n\nid: 1.4\n\n: a comment\n\nid: 1.5\ndata: ä\ndata:\ndata:  b\n\n: end\n\n".encode()
)
FRAMES = [Frame("ready", "{}", None, 1500), Frame(id="1.4"), Frame(data="ä\n\n b", id="1.5")]


def read(*parts: bytes) -> list[Frame]:
    """What the parts say, fed one after the other."""
    parser = FrameParser()
    return [frame for part in parts for frame in parser.feed(part)]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_stream_may_be_cut_between_any_two_bytes(end: bytes) -> None:
    """Inside a character, inside a line's end, with every kind of line end."""
    wire = STREAM.replace(b"\n", end)

    assert [cut for cut in range(len(wire) + 1) if read(wire[:cut], wire[cut:]) != FRAMES] == []
    assert read(*(wire[i : i + 1] for i in range(len(wire)))) == FRAMES


@given(st.lists(st.sampled_from([b"data: x", b"id: 1.1", b"\n", b"\r", b"\r\n", b":", b"\xef\xbb\xbf", b"\0"])), st.data())
def test_how_the_bytes_arrive_changes_nothing(pieces: list[bytes], data: st.DataObject) -> None:
    """Whatever is sent."""
    wire = b"".join(pieces)
    cut = data.draw(st.integers(0, len(wire)))

    assert read(wire[:cut], wire[cut:]) == read(wire)


@given(st.binary())
def test_no_bytes_break_the_parser(wire: bytes) -> None:
    """They are frames or nothing."""
    read(wire)


@pytest.mark.parametrize(
    ("wire", "frames"),
    [
        ("\ufeffdata: a\n\n", [Frame(data="a")]),
        ("data: a\n\n\ufeffdata: b\n\n", [Frame(data="a")]),
        ("id: 1\0\ndata: a\n\n", [Frame(data="a")]),
        ("id: 1.1\n\n: still here\n\n", [Frame(id="1.1")]),
        (": still here\n\n", []),
        ("data\n\n", [Frame(data="")]),
        ("data:\n\n", [Frame(data="")]),
        ("data:a\ndata: b\n\n", [Frame(data="a\nb")]),
        ("data: a", []),
        ("data: a\n", []),
        ("event\ndata: a\n\n", [Frame(data="a")]),
        ("retry: 10x\ndata: a\n\n", [Frame(data="a")]),
        ("retry: -1\n\n", []),
        ("retry: ٣\n\n", []),
        (f"retry: {'9' * 5000}\n\n", []),
        ("Data: a\nunknown: b\n\n", []),
        ("\n\n\n", []),
    ],
)
def test_fields_mean_what_the_standard_says(wire: str, frames: list[Frame]) -> None:
    """Byte-order marks, NUL in ids, comments after ids, empty data, ends in the middle."""
    assert read(wire.encode()) == frames


@pytest.mark.parametrize("wire", [b"data: " + b"x" * 64, b"data: x\n" * 16, b"x" * 65, b": " + b"x" * 64])
def test_a_frame_without_end_is_not_held(wire: bytes) -> None:
    """Whether it is one line or many."""
    parser = FrameParser(max_bytes=64)

    with pytest.raises(Garbled, match="larger than 64 bytes"):
        list(parser.feed(wire))


def test_comments_may_go_on_for_ever() -> None:
    """They are the heartbeat of some proxies, and nothing of them is kept."""
    parser = FrameParser(max_bytes=64)

    assert list(parser.feed(b": still here\n" * 1000 + b"data: a\n\n")) == [Frame(data="a")]
