"""Cursors, filters and frames, without a socket."""

import contextlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackboard.answers import Event
from blackboard.errors import Invalid
from blackboard.hub import Cursor, Filter, bookmark, chain_matches, join_frames, judge_cursor
from blackboard.journal import Entry


def event(position: int = 7, **more: Any) -> Event:
    """An entry of the journal."""
    fields: dict[str, Any] = {
        "tenant_id": 1,
        "type": "task.ready",
        "case_id": UUID(int=1),
        "task_id": UUID(int=2),
        "workflow": "small",
        "stage": "first",
        "capability": "first",
        "actor": "worker",
        "told": "{}",
        "at": datetime(2030, 1, 1, tzinfo=UTC),
        "recorded_on": date(2030, 1, 1),
    }
    return Event(**{**fields, "position": position, **more})


@given(st.integers(0, 2**31), st.integers(0, 2**63 - 1))
def test_a_cursor_is_read_back_as_it_was_written(epoch: int, position: int) -> None:
    """Its text is the id of an event."""
    assert Cursor.parse(str(Cursor(epoch, position))) == (epoch, position)


@given(st.text(max_size=60))
def test_no_text_breaks_the_cursor(text: str) -> None:
    """It is a cursor or `Invalid`."""
    with contextlib.suppress(Invalid):
        assert str(Cursor.parse(text))


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (None, (None, 90)),
        ("0", (None, 10)),
        ("1.50", (None, 50)),
        ("1.100", (None, 100)),
        ("1.101", ("rewound", 90)),
        ("2.50", ("rewound", 90)),
        ("1.9", ("expired", 90)),
        ("x", ("malformed", 90)),
    ],
)
def test_a_cursor_resumes_or_says_why_not(start: str | None, told: tuple[str | None, int]) -> None:
    """Epoch 1, floor 10, head 100, this process has read up to 90."""
    assert judge_cursor(start, 1, 10, 100, 90) == told


def test_fields_of_a_filter_must_all_match_and_values_are_alternatives() -> None:
    """Empty means all."""
    seen = event()

    assert Filter().matches(seen)
    assert Filter(type=frozenset({"task.*"}), agent=frozenset({"worker", "rival"})).matches(seen)
    assert not Filter(type=frozenset({"task.*"}), agent=frozenset({"rival"})).matches(seen)
    assert not Filter(case=frozenset({uuid4()})).matches(seen)


def test_each_event_names_the_one_before_it_in_its_stream() -> None:
    """The first is linked to where the reader stood."""
    chained = chain_matches([Entry(event(5)), Entry(event(9))], 3)

    assert [matched.prev for matched in chained] == [3, 5]


def test_an_event_is_encoded_once() -> None:
    """Two streams carry the same bytes."""
    entry = Entry(event())

    assert entry.tail is entry.tail


@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers(-(2**53), 2**53) | st.none()))
def test_no_text_of_a_case_breaks_out_of_its_frame(actor: str, body: dict[str, Any]) -> None:
    """One id line, one data line, one blank line, whatever is in it: line breaks cannot forge a field."""
    try:
        frame = join_frames(chain_matches([Entry(event(actor=actor, told=orjson.dumps(body).decode()))], 0), 1)
    except UnicodeEncodeError:
        return  # lone surrogates cannot come out of the database

    assert frame.startswith(b"id: 1.7\ndata: {")
    assert (frame.count(b"\n"), frame[-2:]) == (3, b"\n\n")
    assert b"\r" not in frame


def test_a_bookmark_moves_the_cursor_and_fires_nothing() -> None:
    """An id and no data."""
    assert bookmark(Cursor(3, 14)) == b"id: 3.14\n\n"
