"""Text that wants to be obeyed: kept as data in injections.jsonl, put wherever text may stand, and judged by the books."""

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize
from uuid import uuid4

import httpx
import pytest

from agents.bank.line import _refusal
from agents.dossier import compile_dossier
from agents.prompt import FOLDER, Prompt
from blackboard import documents, logs, workflow
from blackboard.errors import BlackboardError, Invalid
from blackboard.requests import Decision
from tests.conftest import Databases
from tests.factories import SMALL
from tests.http.conftest import fresh_key
from tests.security.siege import Siege, besiege
from tests.security.table import Tried
from tests.sql import reviews


class Injection(NamedTuple):
    """A text, and what it tries to be."""

    kind: str
    text: str


CORPUS = [Injection(**json.loads(line)) for line in Path(__file__).with_name("injections.jsonl").read_text().splitlines()]
# One of each kind and no more where there is little time.
_SEED = 20_302
BOOKED = """
SELECT count(*), count(*) FILTER (WHERE amount = 1 AND from_account = $1 AND to_account = $2)
FROM bank.transfer WHERE memo = $3
"""


@pytest.fixture(scope="module")
async def siege(databases: Databases) -> AsyncIterator[Siege]:
    """One for all."""
    async with databases() as database, besiege(database) as siege:
        yield siege


@pytest.fixture
def drawn(thorough: bool) -> list[Injection]:
    """All of them, or one of each kind."""
    if thorough:
        return CORPUS
    chance, kinds = random.Random(_SEED), sorted({each.kind for each in CORPUS})
    return [chance.choice([each for each in CORPUS if each.kind == kind]) for kind in kinds]


def test_there_are_enough_of_them() -> None:
    """Of every kind that is known to be tried."""
    assert len(CORPUS) >= 300
    assert len({each.kind for each in CORPUS}) >= 20


@pytest.mark.item("S24", "S25")
@pytest.mark.timeout(1800)
async def test_no_text_in_a_transfer_moves_other_money(siege: Siege, drawn: list[Injection], tried: Tried) -> None:
    """In its memo, the names in it, its keys, the facts and signals about it: it is paid as ordered, or a person is asked."""
    async with siege.api.http() as http:
        opened = [memo for memo in [each.text[:140] for each in drawn] if await _ask(http, memo)]
        await siege.work()
    for memo in opened:
        booked, as_ordered = await siege.connection.fetchrow(BOOKED, "CHK-001", "SAV-002", memo) or (0, 0)
        assert booked == as_ordered <= 1, memo
    assert await siege.judge() == []
    tried(len(opened) * 8)


async def _ask(http: httpx.AsyncClient, memo: str) -> bool:
    """An order with the text wherever text may stand; whether the board takes it."""
    payload = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "1.00", "memo": memo, "beneficiary_name": memo}
    answer = await http.post("/v1/cases", json={"workflow": "transfer", "payload": payload}, headers=fresh_key())
    assert answer.status_code in (201, 400, 422), (memo, answer.text)
    if answer.status_code != 201:
        return False
    assert answer.json()["payload"] == payload, memo
    case = answer.json()["id"]
    for path, body in (
        (
            f"/v1/cases/{case}/facts",
            {"facts": [{"key": "note", "value": {"says": memo, memo: 1}, "source": memo, "tool": memo}]},
        ),
        (f"/v1/cases/{case}/signals/customer", {"body": {"says": memo}}),
    ):
        assert (await http.post(path, json=body, headers=fresh_key())).status_code < 500, (path, memo)
    return True


# Where text may stand: verb, path, body. `~` is the text, in a path as it is quoted there.
PLACES: list[tuple[str, str, Any]] = [
    ("POST", "/v1/cases/{case}/cancel", {"reason": "~"}),
    ("POST", "/v1/cases/{case}/suspend", {"reason": "~"}),
    ("POST", "/v1/cases/{case}/signals/~", {"body": {}}),
    ("PUT", "/v1/cases/{case}/facts/~", {"value": "~"}),
    ("POST", "/v1/cases/{case}/facts/note/dispute", {"version": 1, "reason": "~"}),
    ("POST", "/v1/cases/{case}/break-glass", {"agent": "~", "duty": "checker", "reason": "~"}),
    ("POST", "/v1/cases", {"workflow": "~", "payload": {}}),
    ("POST", "/v1/cases", {"workflow": "small", "payload": {"customer": "~"}, "business_key": "~"}),
    ("POST", "/v1/claims", {"capabilities": ["~"], "claim_id": "~"}),
    ("POST", "/v1/tasks/{task}/decision", {"fence": 1, "outcome": "~", "reasons": ["~"], "evidence": ["~"]}),
    ("POST", "/v1/tasks/{task}/fail", {"fence": 1, "reason": "~"}),
    ("POST", "/v1/tasks/{task}/reject", {"fence": 1, "reason": "~"}),
    ("POST", "/v1/tasks/{task}/need", {"fence": 1, "fact": "~", "reason": "~"}),
    ("POST", "/v1/tasks/{task}/actions", {"fence": 1, "kind": "~", "payload": {"~": "~"}}),
    ("POST", "/v1/reviews/{task}/forward", {"fence": 1, "to": "~", "reason": "~"}),
    ("POST", "/v1/reviews/{task}/ask", {"fence": 1, "fact": "note", "question": "~", "to": "~"}),
    ("POST", "/v1/holds", {"kind": "entity", "name": "~", "reason": "~"}),
    ("POST", "/v1/agents/~/suspend", {"reason": "~"}),
    ("POST", "/v1/delegations", {"to": "~", "until": "2040-01-01T00:00:00Z", "reason": "~"}),
    ("PUT", "/v1/memory/~", {"values": {"says": "~"}}),
    ("PUT", "/v1/webhooks/~", {"url": "https://example.com/~", "reason": "~"}),
    ("POST", "/v1/policies", {"policy": {"name": "~", "title": "~"}, "reason": "~"}),
    ("GET", "/v1/cases/~", None),
    ("GET", "/v1/cases?subject=~", None),
    ("GET", "/v1/policies/~", None),
    ("GET", "/v1/tasks/~/why", None),
    ("GET", "/ui/~", None),
    ("GET", "/static/~", None),
]


@pytest.mark.item("S25", "I47")
@pytest.mark.timeout(1800)
async def test_text_is_text_wherever_it_may_stand(siege: Siege, drawn: list[Injection], tried: Tried) -> None:
    """An answer or a clear refusal, as JSON without a character that a terminal obeys; never an error of the board's own."""
    case = await siege.scene.open("small", {"customer": "C-1"})
    known = {"case": case.id, "task": uuid4()}
    async with siege.api.http("admin") as http:
        for each in drawn:
            for verb, path, body in PLACES:
                url = httpx.URL(siege.api.url).copy_with(raw_path=_quoted(path.format(**known), each.text))
                told = None if body is None else json.loads(json.dumps(body).replace('"~"', json.dumps(each.text)))
                answer = await http.request(verb, url, json=told, headers=fresh_key())
                assert answer.status_code < 500, (verb, path, each)
                assert not _obeyed(answer), (verb, path, each)
    await siege.lift_everything()
    tried(len(drawn) * len(PLACES))


def _quoted(path: str, text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).join(path.split("~")).encode()


def _obeyed(answer: httpx.Response) -> bool:
    """Whether a byte of an answer could be more than text: a control character, or markup where a browser would read it."""
    if "json" not in answer.headers.get("Content-Type", "json"):
        return "html" in answer.headers["Content-Type"] and b"evil.example" in answer.content
    return any(byte < 0x20 for byte in answer.content)


@pytest.mark.item("S25", "S30")
async def test_no_text_ends_a_frame_of_the_stream_or_begins_another(siege: Siege, drawn: list[Injection], tried: Tried) -> None:
    """Each event that names the text is one line of data, which is JSON, with the text as given, its accents composed."""
    async with siege.api.http() as http:
        wanted: dict[str, str] = {}
        for each in drawn:
            case = await siege.scene.open("small", {"customer": "C-1"})
            said = await http.post(f"/v1/cases/{case.id}/cancel", json={"reason": each.text[:200]}, headers=fresh_key())
            if said.is_success:
                wanted[str(case.id)] = normalize("NFC", each.text[:200])
    told: dict[str, str] = {}
    async with siege.api.http("auditor") as http, http.stream("GET", "/v1/events?after=0&type=case.closed") as stream:
        whole = b""
        async for part in stream.aiter_raw():
            whole += part
            told = _reasons(whole) if wanted.keys() - told.keys() else told
            if wanted.keys() <= told.keys():
                break
    assert {case: told[case] for case in wanted} == wanted
    tried(len(wanted))


def _reasons(whole: bytes) -> dict[str, str]:
    """Why each case was cancelled, by the frames that are complete. A line is a field that a stream may have."""
    found = {}
    for frame in whole.decode().split("\n\n")[:-1]:
        lines = [line for line in frame.split("\n") if line and not line.startswith(":")]
        assert all(line.partition(":")[0] in ("id", "data", "event", "retry") for line in lines), frame
        for line in lines:
            event = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
            if event.get("type") == "case.closed":
                found[event["case_id"]] = event["data"].get("reason")
    return found


@pytest.mark.item("S28", "S25")
async def test_a_reviewer_is_shown_the_exact_bytes_that_are_then_executed(
    siege: Siege, drawn: list[Injection], tried: Tried
) -> None:
    """Whatever the names in it look like: the screen holds them as they came, and the bank books them so or not at all."""
    shown = 0
    for each in drawn[:: max(1, len(drawn) // 6)]:
        # Its own among the bookings: what moved for the same text in another amount is counted by another test.
        memo = f"{each.text[:130]} (shown)"
        payload = {"from_account": "SAV-003", "to_account": "SAV-002", "amount": "10000.01", "memo": memo}
        try:
            case = await siege.scene.open("transfer", payload)
        except BlackboardError:
            continue
        await siege.work("identity", "limits", "risk")
        [task] = [task for task in (await siege.show(case.id)).tasks if task.stage == "review" and task.decision is None]
        screen = await reviews.look(siege.scene, task.id, "reviewer")
        [action] = screen.screen["actions"]
        assert action["payload"] == payload
        await reviews.decide(siege.scene, task.id, "approve", "reviewer")
        await siege.work("execution")
        assert [done.payload for done in (await siege.show(case.id)).actions] == [payload]
        shown += 1
    assert shown
    assert await siege.judge() == []
    tried(shown)


@pytest.mark.item("S24", "S25")
def test_a_model_is_shown_text_as_data_in_a_document_of_its_own(tried: Tried) -> None:
    """Never in what it is told to be; and without a character that a person would not see."""
    prompts = [Prompt.load(path) for path in sorted(FOLDER.glob("*.md"))]
    for each in CORPUS:
        document = compile_dossier("What is your opinion?", {"memo": each.text}, {"note": each.text}, {"note": 1})
        told = json.loads(document.text)
        assert (told["question"], set(told["payload"]), set(told["facts"])) == ("What is your opinion?", {"memo"}, {"note"})
        assert isinstance(told["payload"]["memo"], str)
        assert logs.seen(document.text) == document.text, each
        assert not any(each.text in prompt.text for prompt in prompts if len(each.text) > 12)
    tried(len(CORPUS))


@pytest.mark.item("S25")
def test_text_stays_in_its_line_of_the_log(tried: Tried) -> None:
    """And obeys nobody: what a terminal would do is written out."""
    for each in CORPUS:
        told = logs.one_line(None, "info", {"event": each.text, "who": each.text, "n": 1})
        assert all(len(str(value).splitlines()) <= 1 and "\x1b" not in str(value) for value in told.values()), each
    tried(len(CORPUS))


@pytest.mark.item("S24", "S13")
def test_a_word_of_the_banks_becomes_a_reason_only_where_it_is_a_word(tried: Tried) -> None:
    """What the bank writes about a refusal is kept as text; it names no reason and no outcome."""
    for each in CORPUS:
        answer = httpx.Response(422, json={"type": f"urn:bank:{each.text}", "detail": each.text})
        code = _refusal(answer).code.replace("-", "_")
        assert Decision(outcome="reject", reasons=[code]).reasons == [code]
    tried(len(CORPUS))


BOMBS = {
    "aliases of aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)),
    "a list within itself": "a: &a [*a]",
    "a mapping within itself": "a: &a {b: *a}",
    "ten thousand levels": "[" * 10_000,
    "ten thousand levels by indentation": "- " * 10_000 + "x",
    "a member twice": "name: a\nname: b",
    "a call": "!!python/object/apply:os.system ['true']",
    "a name of Python's": "!!python/name:os.system",
    "NUL": "a: \0",
    "half a character": 'a: "\\ud800"',
    "a number of a million digits": f"a: {'9' * 100_000}",
}


@pytest.mark.item("S25", "S36")
def test_yaml_neither_grows_nor_loops_nor_runs(tried: Tried) -> None:
    """It is refused in a sentence, before anything is built of it."""
    for what, text in BOMBS.items():
        with pytest.raises(Invalid, match=r"a\.yaml: "):
            documents.read(text, "a.yaml")
        with pytest.raises(Invalid):
            workflow.parse(SMALL.replace("payload: {type: object}", "payload:\n  " + text.replace("\n", "\n  "))), what
    tried(2 * len(BOMBS))


@pytest.mark.item("S25")
def test_text_in_a_workflow_is_a_title_or_a_refusal(tried: Tried) -> None:
    """Put in where a title stands, it is the title, or the whole is refused."""
    for each in CORPUS:
        for text in (each.text, json.dumps(each.text)):
            try:
                found = workflow.parse(SMALL.replace("Two stages", text))
            except Invalid:
                continue
            assert found.stages.keys() == {"first", "second"}
    tried(2 * len(CORPUS))
