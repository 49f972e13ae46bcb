"""Pictures of each view as people see it: wide and narrow, in the light and in the dark, of a board that works.

`make screenshots` puts them into .blackboard/screenshots. With `--data` they are of the board that runs from that folder.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.process import program

ROOT = Path(__file__).parents[2]
SIZES = {"1440": (1440, 900), "360": (360, 740)}
LIGHTS = ("light", "dark")
# A picture is no test: what is still read when the lamp is lit has this long to come.
SETTLED_S = 1.5
# A small transfer that goes through, one to a new payee that a person decides, a loan that a panel cannot settle.
CASES: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("transfer", {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "250.00", "currency": "USD"}),
    ("transfer", {"from_account": "CHK-003", "to_account": "SAV-002", "amount": "9000.00", "currency": "USD"}),
    (
        "loan",
        {"applicant_name": "Tomas Lindqvist", "to_account": "CHK-002", "amount": "6000.00", "term_months": 24}
        | {"income_monthly": "2900.00", "debts_monthly": "400.00"},
    ),
)


class Running:
    """A board that runs from a data folder: its address, and the keys of its people."""

    def __init__(self, data: Path) -> None:
        self.url = str(json.loads((data / "urls.json").read_text())["board"])
        self._keys = data / "keys"

    def http(self, who: str) -> httpx.AsyncClient:
        """Plain HTTP, with somebody's key."""
        headers = {"Authorization": f"Bearer {self.key(who)}", "Idempotency-Key": uuid4().hex}
        return httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=60)

    def key(self, who: str) -> str:
        """Somebody's key."""
        return (self._keys / who).read_text().strip()

    async def submit(self, workflow: str, payload: Mapping[str, object]) -> Any:
        """A case, when it has ended or rests."""
        async with self.http("requester") as http:
            return (await http.post("/v1/cases?wait_s=55", json={"workflow": workflow, "payload": payload})).json()


@asynccontextmanager
async def running(data: Path | None) -> AsyncIterator[Running]:
    """The board of that folder, or one of its own with a few cases."""
    if data is not None:
        yield Running(data)
        return
    folder = Path(tempfile.mkdtemp(prefix="blackboard-screenshots-"))
    folder.chmod(0o755)
    command = (sys.executable, "-m", "blackboard", "up", "--data", str(folder / "data"), "--port", "0", "--bank-port", "0")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        while not (line := await process.stdout.readline()).startswith(b"ready"):
            assert line, "the board did not start"
        yield Running(folder / "data")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def enter(context: BrowserContext, board: Running, who: str) -> Page:
    """A page on which somebody has signed in."""
    page = await context.new_page()
    await page.goto(f"{board.url}/ui/board")
    await page.get_by_label("Key").fill(board.key(who))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_test_id("lamp")).to_have_text("Live")
    return page


async def shoot(browser: Browser, board: Running, views: Mapping[str, tuple[str, str]], out: Path) -> int:
    """A picture of each view in each size and light; how many."""
    out.mkdir(parents=True, exist_ok=True)
    taken = 0
    for size, (width, height) in SIZES.items():
        for light in LIGHTS:
            look: Any = {"viewport": {"width": width, "height": height}, "color_scheme": light}
            pages = {
                who: await enter(await browser.new_context(**look), board, who) for who in {who for who, _ in views.values()}
            }
            for name, (who, path) in views.items():
                await pages[who].goto(f"{board.url}/ui/{path}")
                await expect(pages[who].get_by_test_id("lamp")).to_have_text("Live")
                await asyncio.sleep(SETTLED_S)
                await pages[who].screenshot(path=out / f"{name}-{size}-{light}.png")
                taken += 1
    return taken


async def main() -> None:
    """Open a few cases, look at them."""
    expect.set_options(timeout=60_000)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the data folder of a board that runs")
    parser.add_argument("--out", type=Path, default=ROOT / ".blackboard" / "screenshots")
    chosen = parser.parse_args()
    path = program("chromium", "chromium-browser", "google-chrome")
    async with running(chosen.data) as board, async_playwright() as playwright:
        cases = [await board.submit(workflow, payload) for workflow, payload in CASES]
        review = next(task["id"] for task in cases[1]["tasks"] if task["state"] in ("ready", "claimed"))
        views = {
            "board": ("admin", "board?workflow=transfer"),
            "case": ("admin", f"cases/{cases[0]['id']}"),
            "loan": ("admin", f"cases/{cases[2]['id']}"),
            "review": ("reviewer", f"reviews/{review}"),
            "operations": ("admin", "operations"),
            "audit": ("admin", "audit"),
        }
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        print(f"{await shoot(browser, board, views, chosen.out)} pictures in {os.path.relpath(chosen.out)}")


if __name__ == "__main__":
    asyncio.run(main())
