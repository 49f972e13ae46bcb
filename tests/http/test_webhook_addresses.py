"""An endpoint is put where the open internet is, or not at all; its secret is told to whoever put it."""

import httpx
import pytest

from tests.http.operations import WEBHOOK, write

UNSAFE = {
    "http://example.com/x": "https://",
    "ftp://example.com/x": "https://",
    "https://127.0.0.2/x": "no public address",
    "https://localhost/x": "no public address",
    "https://2130706433/x": "no public address",
    "https://0x7f.1/x": "no public address",
    "https://10.0.0.1/x": "no public address",
    "https://169.254.169.254/latest/meta-data": "no public address",
    "https://100.64.0.1/": "no public address",
    "https://0.0.0.0/": "no public address",
    "https://[::1]/": "no public address",
    "https://[::ffff:127.0.0.1]/": "no public address",
    "https://[fd00:ec2::254]/": "no public address",
    "https://224.0.0.1/": "no public address",
    "https://user:secret@example.com/": "no user",
    "https://example.com:8443/": "port",
    "https://example.com:99999/": "cannot be read",
    "https://example.com/#x": "fragment",
    "https:///x": "names a host",
    "https://exa mple.com/": "visible",
    "https://nowhere.invalid/": "no address",
    "https://[::1/": "cannot be read",
}


@pytest.mark.parametrize("url", UNSAFE)
@pytest.mark.item("S12")
async def test_an_address_that_leads_inside_is_refused(shared_boss: httpx.AsyncClient, url: str) -> None:
    """422 with the reason, and nothing is put."""
    answer = await write(shared_boss, "/v1/webhooks/crm", {"url": url, "reason": "try"}, "PUT")

    assert (answer.status_code, UNSAFE[url] in answer.json()["detail"]) == (422, True), answer.text
    assert (await shared_boss.get("/v1/webhooks")).json() == []


async def test_a_secret_is_told_once(boss: httpx.AsyncClient) -> None:
    """To whoever made it, in the answer or its repetition; no list and no journal has it."""
    secret = (await write(boss, "/v1/webhooks/crm", WEBHOOK, "PUT")).json()["secret"]
    texts = [(await boss.get(path)).text for path in ("/v1/webhooks", "/v1/webhooks/crm")]
    texts.append((await boss.get("/v1/events?after=0", headers={"Accept": "application/json"})).text)

    assert secret.startswith("whsec_")
    assert [secret in text for text in texts] == [False] * 3
