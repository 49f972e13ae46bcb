"""Amounts, idempotency keys and JSON, one by one: what is taken, what is refused, and that nothing lies between."""

import json
import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.bank.models import TransferOrder
from api.facade.retail import NewTransfer
from blackboard import strict
from blackboard.errors import Invalid, Malformed
from blackboard.money import PLACES, fits, places_of, read_money
from blackboard.requests import NewSchedule
from blackboard.values import MAX_BATCH
from tests.factories import Scene
from tests.http.conftest import Api
from tests.security.hostile import corpus
from tests.security.table import Tried
from tests.security.wire import told

TAKEN = {
    "USD": ["1", "0.01", "0.1", "250.00", "250.5", "999999999999999", "999999999999999.99"],
    "JPY": ["1", "250", "999999999999999"],
    "KWD": ["1", "0.001", "1.5", "1.234"],
    "CLF": ["0.0001", "1.2345"],
}
REFUSED = {
    "USD": [
        *("", " ", "0", "0.00"),
        *("-1", "-0.01", "+1", "1.", ".5", "01", "00.1", "1.001", "1.000", "1e2", "1E+5", "1e-2", "NaN"),
        *("Infinity", "-Infinity", "1,50", "1_000", "1 000", " 1", "1 ", "1\n", "1\x00", "0x1", "1.0.0", "--1", "$1", "1USD"),
        *(
            "\u0661",
            "\uff11",
            "1\uff0e5",
            "\u00bd",
            "\u22121",
            "1\u200b",
            "1000000000000000",
            "0.1000000000000000055",
            "9" * 99,
        ),
    ],
    "JPY": ["1.0", "1.00", "0.5", "0"],
    "KWD": ["1.2345", "0.0001", "0.000"],
}


@pytest.mark.item("S39")
def test_an_amount_has_the_places_of_its_currency(tried: Tried) -> None:
    """A yen has none, a dinar three, most have two; what is not a plain decimal in ASCII is refused with an example."""
    for currency, amounts in TAKEN.items():
        assert [str(read_money(amount, currency)) for amount in amounts] == amounts
        assert all(fits(Decimal(amount), currency) for amount in amounts)
    for currency, amounts in REFUSED.items():
        for amount in amounts:
            with pytest.raises(Invalid, match=f"An amount of {currency} is a positive decimal such as"):
                read_money(amount, currency)
    for currency in ("usd", "US", "USDT", "", "U$D", "USD\n", "\uff35SD"):
        with pytest.raises(Invalid, match="three letters"):
            places_of(currency)
    with pytest.raises(ValueError, match="more places than JPY has"):
        NewTransfer.model_validate({"from_account_id": "A", "to_account_id": "B", "amount": "1.50", "currency": "JPY"})
    with pytest.raises(ValueError, match="more places than JPY has"):
        TransferOrder.model_validate({"from_account": "A-1", "to_account": "B-1", "amount": "1.50", "currency": "JPY"})
    tried(sum(map(len, TAKEN.values())) + sum(map(len, REFUSED.values())) + 9)


@pytest.mark.item("S39")
def test_no_text_is_an_amount_that_is_not_written_like_one(tried: Tried, thorough: bool) -> None:
    """Of what is drawn from digits and their neighbours, what the grammar says is taken, and comes back as it was."""
    # A parser's own million is atheris' (test_fuzz): drawing one here takes longer than trying it.
    count = 200_000 if thorough else 300
    currencies = st.sampled_from(["USD", *PLACES])

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.text("0123456789.-+eE_, \u0661\uff11", max_size=22), currencies)
    def drawn(text: str, currency: str) -> None:
        point = f"(\\.[0-9]{{1,{places}}})?" if (places := places_of(currency)) else ""
        plain = re.fullmatch(r"(0|[1-9][0-9]{0,14})" + point, text)
        try:
            assert str(read_money(text, currency)) == text
        except Invalid:
            assert not plain or not Decimal(text)
        else:
            assert plain

    drawn()
    tried(count)


CLEAN = [
    b"{}",
    b'{"a": {"a": 1}, "b": "a:b", "c:": "\\"d\\": 1, \\"d\\": 2"}',
    b'[{"a": 1}, {"a": 1}]',
    b"[" * 32 + b"]" * 32,
    b"[0." + b"1" * 30 + b"]",
    b"[1e99, -1.5E-99, 0.1]",
    json.dumps([0] * MAX_BATCH).encode(),
    json.dumps("9" * 40 + "e1000").encode(),
]
DIRTY = {
    "twice": [b'{"a":1,"a":1}', b'[{"b":{"a":1,"c":2,"a":3}}]', b'{"a":1,"\\u0061":2}', b'{"":1,"":2}'],
    "deep": [b"[" * 33 + b"]" * 33, b'{"a":' * 33 + b"1" + b"}" * 33, b"[" * 100_000],
    "members": [json.dumps([0] * 1001).encode(), json.dumps({str(n): 0 for n in range(1001)}).encode()],
    "number": [b"1" * 33, b"[0." + b"1" * 32 + b"]", b"1e100", b"1E+308", b"1e-0100", b"1e131071", b"[-1e400]"],
    "no JSON": [
        b"NaN",
        b"[Infinity]",
        b'"\xff"',
        b'"\xc0\x80"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'"\\u0000"',
        b'"a\nb"',
        b"",
        b"\xef\xbb\xbf{}",
    ],
}


@pytest.mark.item("S36", "S37", "S38")
def test_json_is_limited_before_it_is_understood(tried: Tried) -> None:
    """Depth 32, a thousand members, 32 characters of a number, two digits of an exponent, each member once, clean UTF-8."""
    for body in CLEAN:
        assert strict.parse(body) == json.loads(body)
    for what, found in DIRTY.items():
        for body in found:
            with pytest.raises(Malformed):
                pytest.fail(f"{what}: {strict.parse(body)!r:.80}")
    tried(len(CLEAN) + sum(map(len, DIRTY.values())))


@pytest.mark.item("S38")
async def test_two_ways_to_write_one_letter_are_one_name(scene: Scene) -> None:
    """A business key with an accent is the same key, however the accent was written."""
    kept = await scene.open(business_key="Re\u0301sume\u0301")

    assert (await scene.board.find_case(scene.people["requester"], "small", "R\u00e9sum\u00e9")).id == kept.id


@pytest.mark.item("S40")
async def test_an_idempotency_key_has_its_alphabet_and_its_length(
    shared: Api, tried: Tried, caplog: pytest.LogCaptureFixture
) -> None:
    """Every other one is refused with what it may be made of, and no log has any of them."""
    lines = [each.text for each in corpus() if each.text.startswith("Idempotency-Key: ")]
    wrong = {}
    with caplog.at_level("DEBUG"):
        for line in lines:
            body = b'{"workflow": "small", "payload": {"customer": "C-1"}}'
            top = "\r\n".join(
                [
                    "POST /v1/cases HTTP/1.1",
                    "Host: here",
                    f"Authorization: Bearer {shared.scene.keys['requester']}",
                    "Connection: close",
                    "Content-Type: application/json",
                    f"Content-Length: {len(body)}",
                    line,
                ]
            )
            [answer] = await told(shared, [f"{top}\r\n\r\n".encode("latin-1") + body])
            key = line.partition(": ")[2].strip(" \t")
            fine = bool(re.fullmatch(r"[A-Za-z0-9_.:-]{1,255}", key))
            if answer.status not in ((201, 200) if fine else (400, 422, 431)):
                wrong[line[:60]] = answer
    tried(len(lines))

    assert wrong == {}
    assert [record for record in caplog.records if "A_.:-9" in record.getMessage()] == []


async def test_in_process_the_same_is_refused_as_over_http(scene: Scene) -> None:
    """No facts, and a schedule whose name is none: a sentence, and not a failure."""
    case = await scene.open()
    await scene.hire("boss", role="admin", kind="human")
    schedule = NewSchedule.model_validate(
        {"cron": "0 7 * * *", "new_case": {"workflow": "small", "payload": {"customer": "C"}}}
    )
    with pytest.raises(Invalid, match="at least one fact"):
        await scene.board.put_facts(scene.people["requester"], case.id, [])
    with pytest.raises(Invalid, match="A name begins with a-z"):
        await scene.board.put_schedule(scene.people["boss"], "Upper", schedule)
