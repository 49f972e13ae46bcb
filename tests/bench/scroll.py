"""How smoothly thousands of cards scroll: frames a second of real Chromium while a column of them is wheeled through.

`PYTHONPATH=. python tests/bench/scroll.py --cards 5000`; without a display frames are drawn by the processor alone.
"""

import argparse
import asyncio
import json
from contextlib import AsyncExitStack

from playwright.async_api import async_playwright

from tests.bench.town import sequenced, town
from tests.browser.test_dashboard import enter
from tests.http.conftest import serve
from tests.process import program

# Scrolls a column from top to bottom in steps of one frame, and notes how long each frame took.
_SCROLL = """async (seconds) => {
  const lane = document.querySelector(".lane");
  const times = [];
  const began = performance.now();
  for (let last = began; performance.now() - began < seconds * 1000; ) {
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    lane.scrollTop = (lane.scrollTop + 240) % (lane.scrollHeight - lane.clientHeight);
  }
  times.sort((one, other) => one - other);
  const ms = times.reduce((sum, time) => sum + time, 0) / times.length;
  return {frames_per_s: 1000 / ms, p50_ms: times[times.length >> 1], p99_ms: times[Math.floor(times.length * 0.99)],
          cards_in_dom: document.querySelectorAll(".card").length};
}"""


async def measure(cards: int, seconds: float) -> dict[str, float]:
    """A board with so many cards in one column, scrolled for so long."""
    with town() as server:
        async with server.board(ready=cards) as scene, sequenced(scene), AsyncExitStack() as stack:
            api = await stack.enter_async_context(serve(scene))
            playwright = await stack.enter_async_context(async_playwright())
            path = program("chromium", "chromium-browser", "google-chrome")
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
            page = await enter(await browser.new_context(), api, "auditor", "board?workflow=small")
            await page.wait_for_function(
                f"document.querySelector('[data-testid=count-first]')?.textContent === '{cards}'", timeout=120_000
            )
            return dict(await page.evaluate(_SCROLL, seconds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=10)
    chosen = parser.parse_args()
    print(json.dumps(asyncio.run(measure(chosen.cards, chosen.seconds))))
