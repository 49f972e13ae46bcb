"""Amounts of old clients: exact decimals, whether they come as text or as JSON numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.facade.amount import Amount, plain
from blackboard.errors import Invalid, Malformed
from blackboard.once import canonical
from blackboard.strict import parse_exact

AMOUNT: TypeAdapter[str] = TypeAdapter(Amount)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"1000.1", "1000.10"),
        (b'"1000.1"', "1000.10"),
        (b"1e3", "1000.00"),
        (b"1E+3", "1000.00"),
        (b"250", "250.00"),
        (b"0.01", "0.01"),
        (b"0.10", "0.10"),
        (b"1.100", "1.10"),
        (b"9999999999999.99", "9999999999999.99"),
        (b"0.1e1", "1.00"),
    ],
)
def test_a_number_counts_by_the_text_that_was_sent(sent: bytes, kept: str) -> None:
    """With two places, and never by way of a binary float."""
    assert AMOUNT.validate_python(parse_exact(sent)) == kept


@pytest.mark.parametrize(
    "sent",
    [
        *(
            b"0",
            b"-1",
            b"0.00",
            b"-0.0",
            b"0.001",
            b"1.999",
            b"1e13",
            b"1e-3",
            b"1e30",
            b"1e-30",
            b"99999999999999",
            b"1" * 32,
        ),
        *(
            b"true",
            b"null",
            b"[]",
            b"{}",
            b'""',
            b'"0"',
            b'"-1"',
            b'"1e3"',
            b'"1.000"',
            b'" 1"',
            b'"1_0"',
            b'"NaN"',
            b'"Infinity"',
        ),
        *(b'"01.00"', b'"+1"', b'".5"', b'"1."', b'"1,50"', '"１"'.encode(), '"٣.٠٠"'.encode()),
    ],
)
def test_what_is_no_amount_is_refused(sent: bytes) -> None:
    """Zero, negative, too precise, too large, another type, or text that is no plain decimal."""
    with pytest.raises(ValidationError):
        AMOUNT.validate_python(parse_exact(sent))


@pytest.mark.parametrize(
    "sent", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"1e-99999999999999999999", b"1e300", b"1" * 33, b"0x1", b"1."]
)
def test_what_is_no_number_is_malformed(sent: bytes) -> None:
    """So says the reader, before any route sees it."""
    with pytest.raises(Malformed):
        parse_exact(b'{"amount": %s}' % sent)


@given(st.decimals(min_value="0.01", max_value="9999999999999.99", places=2))
def test_every_amount_survives_as_it_is(amount: Decimal) -> None:
    """As a number and as text."""
    assert [AMOUNT.validate_python(parse_exact(text.encode())) for text in (f"{amount}", f'"{amount}"')] == [
        f"{amount:.2f}"
    ] * 2


def test_money_in_an_open_document_becomes_text() -> None:
    """At any depth; a quantity too; other numbers stay what they are."""
    sent = parse_exact(
        b'{"amount": 1000.10, "share": 0.25, "items": [{"quantity": 3, "price": 0.1, "n": 3}], "on": true, "price": "x"}'
    )

    assert plain(sent) == {
        "amount": "1000.10",
        "share": 0.25,
        "items": [{"quantity": "3", "price": "0.1", "n": 3}],
        "on": True,
        "price": "x",
    }


@pytest.mark.parametrize("sent", [b"0.1000000000000000055511151231", b"123456789012345678901"])
def test_a_number_that_readers_would_round_is_refused(sent: bytes) -> None:
    """With its place, and what to do."""
    with pytest.raises(Invalid, match=r"payload\.a\.b.*text"):
        plain(parse_exact(b'{"a": {"b": %s}}' % sent))


def test_a_fingerprint_knows_amounts_by_their_text() -> None:
    """1000.10 as a number and as text is one request; 1000.1 is another one."""
    prints = [canonical(parse_exact(b'{"amount": %s}' % sent)) for sent in (b"1000.10", b'"1000.10"', b"1000.1")]

    assert (prints[0] == prints[1], prints[1] == prints[2]) == (True, False)
