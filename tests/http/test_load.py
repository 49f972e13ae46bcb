"""How much work lies where, over HTTP."""

from tests.http.conftest import Api


async def test_load_says_how_much_lies_where(api: Api) -> None:
    """Ready and held, per capability."""
    for _ in range(3):
        await api.scene.open()
    await api.scene.claim()
    async with api.http("auditor") as http:
        load = {entry["capability"]: entry for entry in (await http.get("/v1/load")).json()}

    assert (load["first"]["ready"], load["first"]["claimed"]) == (2, 1)
    assert load["first"]["oldest_ready_s"] >= 0
