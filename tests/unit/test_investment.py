"""What the agents of the investment desk make of what they see."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from agents.bank.sanctions import search
from agents.bank.securities import Instrument, Price
from agents.bank.settings import BankServerSettings
from agents.investment import research
from agents.investment.corpus import Corpus
from agents.investment.limits import gather, share
from agents.investment.market import Desk, Quote
from agents.investment.order import Order
from agents.investment.papers import Requirements, age, gathered
from agents.investment.screening import verdict
from agents.thinking import ThinkingSettings
from blackboard import up, workflow
from blackboard.answers import FactValue
from blackboard.config import PoolSettings, ServiceSettings
from blackboard.whereabouts import Whereabouts
from tests.factories import TRANSFER

AURA = Quote(
    Instrument(
        symbol="AURA",
        name="Aura Robotics",
        asset_class="equity",
        risk_class=5,
        currency="USD",
        is_complex=False,
        horizon_months=36,
    ),
    Price(
        symbol="AURA",
        price=Decimal("120.00"),
        currency="USD",
        usd_rate=Decimal("1.0000"),
        as_of=datetime(2030, 1, 1, tzinfo=UTC),
    ),
    restricted=False,
)
ASKED = {"client_id": "C-1", "symbol": "AURA", "side": "buy", "quantity": "100", "price": "120.00", "notional": "12000.00"}
TODAY = date(2030, 6, 15)
PASSPORT = {"number": "P-1", "expires_on": "2031-01-01"}
ADDRESS = {"issued_on": "2030-06-01"}


def known(value: Any, **more: Any) -> FactValue:
    """A fact that an agent put."""
    return FactValue.model_construct(version=1, value=value, trust=2, source_class="agent", **more)


def codes(quote: Quote | None, changes: dict[str, str]) -> list[str]:
    """What does not add up in an order; what is empty is not said."""
    asked = {key: value for key, value in {**ASKED, **changes}.items() if value}
    return [trouble.code for trouble in Order.read(asked, {}).troubles(quote)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"currency": "USD"}, []),
        ({"currency": "EUR"}, ["currency_mismatch"]),
        ({"notional": "12000.01"}, ["notional_mismatch"]),
        ({"quantity": "33.333333", "price": "119.999", "notional": "3999.96"}, []),
        ({"quantity": "33.333333", "price": "119.999", "notional": "3999.97"}, []),
        ({"quantity": "33.333333", "price": "119.999", "notional": "3999.98"}, ["notional_mismatch"]),
        ({"price": "114.00", "notional": "11400.00"}, []),
        ({"price": "113.99", "notional": "11399.00"}, ["stale_price"]),
        ({"price": "", "notional": "9000.00"}, ["stale_price"]),
        ({"price": "", "quantity": "", "notional": "9000.00"}, []),
    ],
)
def test_trade_exceptions_are_told_apart(changes: dict[str, str], expected: list[str]) -> None:
    """Any usual rounding of quantity times price is the notional; a price is of today within five percent."""
    assert codes(AURA, changes) == expected
    assert codes(None, changes) == ["unknown_symbol"]


def test_an_order_is_put_right_by_whom_the_board_trusts() -> None:
    """What the client says of it later, and what is disputed, does not count."""
    right = known("5000.00")

    def notional(fact: FactValue) -> Decimal:
        return Order.read(ASKED, {"notional": fact}).notional

    assert notional(right) == Decimal("5000.00")
    assert notional(right.model_copy(update={"trust": 1})) == Decimal("12000.00")
    assert notional(right.model_copy(update={"state": "disputed"})) == Decimal("12000.00")


def test_limits_are_asked_in_dollars_with_the_position_as_it_would_be() -> None:
    """In percent of the portfolio with the trade in it, rounded up; a sale is covered by what is held."""
    instrument = {"asset_class": "equity", "restricted": False, "price": "120.00", "usd_rate": "1.1000"}
    held = {"positions": [{"symbol": "AURA", "quantity": "10"}], "worth_usd": "2640.00"}
    facts = gather(Order.read(ASKED, {}), instrument, held)
    sale = gather(Order.read({**ASKED, "side": "sell"}, {}), instrument, held)

    assert (facts["notional"], facts["share_after"], facts["covered"], sale["covered"]) == ("13200.00", 92, True, False)
    assert share(Decimal(1), Decimal(3)) == 34


def test_a_symbol_in_another_spelling_means_one_instrument_or_none() -> None:
    """What could mean two means nothing."""
    desk = Desk.load()
    every = ["AURA", "BOREAL", "DELTAX"]

    assert [desk.meant(symbol, every) for symbol in ("aura/n", "brl", "DELTAX", "NOPE")] == ["AURA", "BOREAL", "DELTAX", None]
    assert Desk(restricted=frozenset(), aliases={"AURA": ("X",), "BOREAL": ("X",)}).meant("x", every) is None


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ({"passport": PASSPORT, "proof_of_address": ADDRESS}, []),
        ({"identity_card": PASSPORT, "proof_of_address": ADDRESS}, []),
        ({"proof_of_address": ADDRESS}, ["passport or identity_card is missing"]),
        (
            {"passport": {**PASSPORT, "expires_on": "2030-06-14"}, "proof_of_address": ADDRESS},
            ["passport has expired on 2030-06-14"],
        ),
        ({"passport": {**PASSPORT, "expires_on": "2030-06-15"}, "proof_of_address": ADDRESS}, []),
        ({"passport": {"expires_on": "2031-01-01"}, "proof_of_address": ADDRESS}, ["passport has no number"]),
        ({"passport": {"number": "P-1"}, "proof_of_address": ADDRESS}, ["passport does not say until when it is valid"]),
        ({"passport": {**PASSPORT, "digest": "abc"}, "proof_of_address": ADDRESS}, ["passport: the digest is not the SHA-256"]),
        ({"passport": {**PASSPORT, "expires_on": "20310101"}, "proof_of_address": ADDRESS}, ["passport: dates are written"]),
        ({"passport": PASSPORT, "proof_of_address": {"issued_on": "2030-03-14"}}, ["proof_of_address is older than 92 days"]),
        ({"passport": PASSPORT, "proof_of_address": {"issued_on": "2030-06-16"}}, ["proof_of_address is issued in the future"]),
        ({"passport": PASSPORT, "proof_of_address": {}}, ["proof_of_address does not say when it was issued"]),
    ],
)
def test_kyc_document_metadata_is_looked_at(papers: dict[str, Any], expected: list[str]) -> None:
    """Kinds, numbers, digests, and dates to the day; a paper is valid on its last day."""
    told = [lack.why for lack in Requirements.load().lacks("person", "SE", papers, TODAY)]

    assert len(told) == len(expected)
    assert all(why.startswith(start) for why, start in zip(told, expected, strict=True))


def test_papers_are_asked_for_by_country_and_kind() -> None:
    """Every kind that may be asked for is a fact that the workflow knows; what comes later counts."""
    asked = Requirements.load()
    declared = workflow.load(TRANSFER.with_name("onboarding.yaml")).facts or {}
    rules = [asked.default, *asked.countries.values()]
    kinds = {kind for rule in rules for needed in rule.values() for either in needed for kind in either}

    assert {f"document_{kind}" for kind in kinds} - declared.keys() == set()
    assert ("tax_form",) in asked.needed("person", "US")
    assert [asked.country_risk(country) for country in ("SE", "NO", "BR", "MM", "ZZ")] == [
        "low",
        "low",
        "medium",
        "high",
        "unknown",
    ]
    assert gathered([{"kind": "passport", "number": "1"}], {"document_passport": {"number": "2"}}) == {
        "passport": {"number": "2"}
    }


def test_an_age_is_reached_on_the_birthday() -> None:
    """Not the day before."""
    assert (age(date(2012, 6, 15), TODAY), age(date(2012, 6, 16), TODAY)) == (18, 17)


async def test_the_search_answers_in_the_shape_of_watchman() -> None:
    """Names of fields are its own; the best match is first; a type looks at that type alone."""
    [hit] = (await search(name="Viktor Malkov", kind="person", min_match=0.84)).entities
    told = hit.model_dump(by_alias=True, exclude_none=True)
    nobody = await search(name="Viktor Malkov", kind="business", min_match=0.84)

    assert (told["entityType"], told["sourceID"], told["sourceList"], hit.match > 0.9) == ("person", "NB-1001", "sandbox", True)
    assert told["person"] == {"altNames": ["Victor Malkoff", "Wiktor Malkow"]}
    assert nobody.entities == []
    assert [verdict(hits) for hits in ([], [hit.model_copy(update={"match": 0.9})], [hit])] == ["none", "possible", "certain"]


def test_a_question_finds_the_same_passages_in_the_same_order() -> None:
    """The best first, only of the notes that are named, and none where a question speaks of nothing that is there."""
    corpus = Corpus.load()
    found = corpus.find("How did the dividend of Boreal develop?")
    said = research.answer(found)

    assert [(passage.note, passage.number) for passage in found][:1] == [("boreal-energy", 2)]
    assert found == corpus.find("How did the dividend of Boreal develop?")
    assert corpus.find("How did the dividend of Boreal develop?", notes=["gold"]) == []
    assert [corpus.find(text) for text in ("who wins the football league", "", "the of and", 'NEAR("x" OR *')] == [[]] * 4
    assert all(quote["text"] in said["text"] for quote in said["quotes"])
    assert len({note.digest for note in corpus.notes.values()}) == len(corpus.notes)


def test_model_credentials_are_separate_from_database_settings() -> None:
    """Who asks a model has no database, who has a database asks no model, and no child inherits a model's key by accident."""
    databases = (ServiceSettings, PoolSettings, BankServerSettings)
    names = {f"{model.model_config.get('env_prefix', '')}{field}" for model in databases for field in model.model_fields}
    thinking = {f"LLM_{field}" for field in ThinkingSettings.model_fields}

    assert {name for name in names if "llm" in name.lower() or "model" in name.lower()} == set()
    assert {name for name in thinking if "database" in name.lower()} == set()
    assert "LLM_KEY" in up._SECRETS
    assert not {"database_url", "key_pepper"} & {*Whereabouts._fields}


def test_connections_are_pooled_from_one_to_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as nobody says otherwise; and a pool of none is refused."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@localhost/none")

    assert PoolSettings().max_connections == 10
    with pytest.raises(ValidationError):
        PoolSettings(max_connections=0)
