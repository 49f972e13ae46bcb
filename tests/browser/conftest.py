"""A real browser: the Chromium of the system, without a window."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.http.conftest import scene
from tests.process import program

__all__ = ["scene"]

# A fact that comes late on a busy machine is still a fact.
expect.set_options(timeout=30_000)

PAGE = "<!doctype html><title>A page</title>"
POLICY = {"Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'"}

# What a page does with the module; `heard` is where it writes down what it was told.
_FOLLOW = """
async (options) => {
  const {follow} = await import("/static/events.js");
  let tickets = 0;
  const write = (kind, read) => (told) => void window.heard(kind, read(told));
  window.stream = follow({
    ...options,
    ticket: options.tickets ? async () => `ticket-${++tickets}` : undefined,
    onEvent: write("event", (event) => event.id),
    onLeft: write("left", (left) => left.id),
    onReset: (reset) => { window.heard("reset", reset.reason); return options.snapshot; },
    onState: write("state", ({state, error}) => [state, error?.message ?? ""]),
  });
}
"""


@dataclass
class Watcher:
    """A page that follows a stream, and what it was told."""

    page: Page
    heard: dict[str, list[Any]] = field(default_factory=dict)

    async def open(self, url: str) -> None:
        """A page of that origin which may run and reach nothing but what comes from there."""
        await self.page.expose_function("heard", self._hear)
        await self.page.route(f"{url}/", lambda route: route.fulfill(body=PAGE, content_type="text/html", headers=POLICY))
        await self.page.goto(f"{url}/")

    async def follow(self, **options: object) -> None:
        """Start to follow."""
        await self.page.evaluate(_FOLLOW, options)

    async def close(self) -> None:
        """Stop to follow."""
        await self.page.evaluate("window.stream.close()")

    def told(self, kind: str) -> list[Any]:
        """What it was told of that kind so far."""
        return self.heard.setdefault(kind, [])

    def _hear(self, kind: str, told: object) -> None:
        self.told(kind).append(json.loads(json.dumps(told)))


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for the run. In CI a container's root starts it, so it goes without its own sandbox and without shared memory."""
    path = program("chromium", "chromium-browser", "google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        await browser.close()


@pytest.fixture
async def watcher(browser: Browser) -> AsyncIterator[Watcher]:
    """A page in a profile of its own."""
    context = await browser.new_context()
    yield Watcher(await context.new_page())
    await context.close()
