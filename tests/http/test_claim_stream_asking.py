"""What a request for a claim stream must be, and what it is answered before the stream begins."""

import pytest

from tests.http.conftest import Api

PATH = "/v1/claims/stream?capability=first"


@pytest.mark.parametrize(
    ("query", "status", "word"),
    [
        ("", 422, "capability"),
        ("capability=first&credit=0", 422, "credit"),
        ("capability=first&credit=1001", 422, "credit"),
        ("capability=first&credit=many", 422, "credit"),
        ("capability=first&lease_s=0", 422, "lease_s"),
        ("capability=first&session_id=7", 422, "session_id"),
        ("capability=No%20Name", 422, "capability"),
        ("capability=first&limit=3", 422, "limit"),
        ("capability=first&capability=third", 403, "third"),
    ],
)
async def test_bad_input_is_refused_as_a_claim_refuses_it(shared: Api, query: str, status: int, word: str) -> None:
    """Before the stream begins, with a sentence that names what is wrong."""
    async with shared.http("worker") as http:
        answer = await http.get(f"/v1/claims/stream?{query}")

    assert (answer.status_code, word in answer.json()["detail"]) == (status, True), answer.text


async def test_a_stream_is_for_those_who_work(own: Api) -> None:
    """A requester may not claim, and a stranger may nothing."""
    async with own.http("requester") as http, own.http(None) as stranger:
        assert ((await http.get(PATH)).status_code, (await stranger.get(PATH)).status_code) == (403, 401)


async def test_who_wants_json_is_told_where_it_is(own: Api) -> None:
    """There are no pages of claims."""
    async with own.http("worker") as http:
        answer = await http.get(PATH, headers={"Accept": "application/json"})

    assert (answer.status_code, "POST /v1/claims" in answer.json()["detail"]) == (422, True)


async def test_head_is_answered(own: Api) -> None:
    """And leaves no stream behind."""
    async with own.http("worker") as http:
        answer = await http.head(PATH)

    assert (answer.status_code, own.service.dealer.streams) == (200, 0)
