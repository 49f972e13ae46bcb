"""Where the board may send a request that somebody else gave it the address of.

An address from outside must not lead inside: to this machine, to the network behind it, to a cloud's metadata. What counts is
the number that a name stands for at the moment of connecting; so the very numbers that were judged are connected to.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from blackboard.errors import Invalid

LOOK_UP_LIMIT_S = 5.0
MAX_URL = 2000
# Slow names hold up one another here, and nobody who waits for a database's.
_LOOK_UPS_AT_ONCE = 8

_PORTS = {"https": 443, "http": 80}
_VISIBLE = re.compile(r"[!-\[\]-~]+")
# What passes for a public address and is not one: ways to wrap an IPv4 address into IPv6 (translation, 6to4, Teredo, mapped and
# compatible), sites of old, numbers set aside for protocols, and what clouds serve their own machines at.
_DISGUISED = [
    ipaddress.ip_network(text)
    for text in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0/96", "fec0::/10"),
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
    )
]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Target(NamedTuple):
    """A URL taken apart, once: whoever judges it and whoever connects read the same host."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Guard:
    """Judges addresses. A host in `allow` may be anywhere, at any port, and be spoken to in clear."""

    def __init__(self, allow: Collection[str] = (), look_up: Callable[..., list[Any]] = socket.getaddrinfo) -> None:
        self._allow = frozenset(host.lower() for host in allow)
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(_LOOK_UPS_AT_ONCE, thread_name_prefix="addresses")

    def parse(self, url: str) -> Target:
        """Take a URL apart; `Invalid` when it is none that may be sent to."""
        if len(url) > MAX_URL or not _VISIBLE.fullmatch(url):
            raise Invalid(f"A webhook's url has at most {MAX_URL} characters, all of them ASCII and visible, and no backslash.")
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            raise Invalid(f"The url cannot be read: {error}. Send one like https://example.com/hooks/board.") from error
        allowed = host in self._allow
        _refuse_form(parts, host, allowed=allowed)
        default = _PORTS[parts.scheme]
        if port not in {None, default} and not allowed:
            raise Invalid(
                f"A webhook's port is {default}, and not {port}, unless {host} is listed in BLACKBOARD_WEBHOOK_ALLOW."
            )
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host, default if port is None else port, target)

    async def find(self, host: str, port: int) -> list[str]:
        """The addresses that a host stands for now; `Invalid` when one of them may not be sent to, or there is none."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOK_UP_LIMIT_S):
                rows = await loop.run_in_executor(self._threads, self._ask, host, port)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise Invalid(f"The host {host} has no address that could be found. Check its name.") from error
        found = list(dict.fromkeys(str(row[4][0]) for row in rows))
        if host not in self._allow and (inside := [text for text in found if not is_public(text)]):
            raise Invalid(
                f"The host {host} leads to {inside[0]}, which is no public address. "
                "An operator can list the host in BLACKBOARD_WEBHOOK_ALLOW."
            )
        return found

    async def check(self, url: str) -> None:
        """Raise `Invalid` unless a request may go to this URL."""
        target = self.parse(url)
        await self.find(target.host, target.port)

    def close(self) -> None:
        """Wait for no look-up any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, host: str, port: int) -> list[Any]:
        return self._look_up(host, port, type=socket.SOCK_STREAM)


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet, and itself."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        # A scope, as in fe80::1%eth0, is of this machine's links.
        return False
    if any(address in network for network in _DISGUISED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _refuse_form(parts: SplitResult, host: str, *, allowed: bool) -> None:
    if parts.scheme != "https" and not (allowed and parts.scheme == "http"):
        raise Invalid("A webhook's url begins with https://, or with http:// where BLACKBOARD_WEBHOOK_ALLOW lists its host.")
    if not host:
        raise Invalid("A webhook's url names a host, like https://example.com/hooks/board.")
    if "@" in parts.netloc:
        raise Invalid("A webhook's url holds no user and no password: check the signature of what arrives instead.")
    if parts.fragment or "#" in parts.path:
        raise Invalid("A webhook's url has no fragment: what stands after # is never sent.")
    if any(ord(character) < ord("-") or character in "%<>^`{|}" for character in host):
        raise Invalid(f"The host {host} cannot be one.")
