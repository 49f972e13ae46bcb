"""Counts what callers ask for against the limits of their tenant, in this process, with tokens taken from the database ahead.

A process takes half a second's worth of a bucket at a time, so that a request costs no statement. Until it is told how much it
got it spends as much on credit, and pays that back with the next tokens. So all processes together let through what a limit
says, and each at most half a second's worth more, once.

A database that does not answer limits by itself: nobody is refused here because of that.
"""

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

from blackboard.errors import Busy, TooManyRequests
from blackboard.loop import Loop
from blackboard.rate_limit import USUAL, Ask, Grant, RateLimit
from blackboard.store import Store
from blackboard.values import Principal

# How much of a second's worth is taken ahead.
AHEAD_S = 0.5
# A change of limits is known everywhere after this long.
TRUST_S = 5.0
# How often an empty bucket is asked for more.
ASK_AGAIN_S = 0.25
# Whoever has asked for nothing for so long is forgotten, and a few tokens with it.
FORGET_S = 60.0

Bucket = tuple[int, str, str]


class Standing(NamedTuple):
    """How a caller stands with the tightest of its limits: for the header fields of its answer."""

    limit: RateLimit
    left: int

    @property
    def policy(self) -> str:
        """`RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): what the bucket holds, and in how long it fills."""
        return f'"{self.limit.name}";q={int(self.limit.size)};w={self.limit.window_s}'

    @property
    def state(self) -> str:
        """`RateLimit`: what is left, and in how many seconds all of it will be there."""
        fills_s = max(0.0, self.limit.size - self.left) / self.limit.per_second
        return f'"{self.limit.name}";r={self.left};t={math.ceil(fills_s)}'


class Hand:
    """The tokens of one bucket that this process has in hand; below nothing while it spends on credit."""

    def __init__(self, limit: RateLimit, key: str) -> None:
        self.limit = limit
        self.key = key
        self.tokens = 0.0
        # What was left for all when the process asked last.
        self.left = limit.size
        # The last answer was less than was asked for: no credit.
        self.is_dry = False
        self.wanted = 0.0
        self.used_at = 0.0
        self.back_at = 0.0
        self.ask_at = 0.0

    @property
    def ahead(self) -> float:
        """How much is taken at a time."""
        return min(self.limit.size, max(1.0, self.limit.per_second * AHEAD_S))

    def lacks(self, cost: float) -> float:
        """By how many tokens it falls short of the cost."""
        return cost - self.tokens - (0.0 if self.is_dry else self.ahead)

    @property
    def short(self) -> float:
        """How many tokens it would like to have beside those in hand."""
        return max(self.ahead, self.wanted) - self.tokens

    def take(self, grant: Grant, asked: float) -> None:
        """Hear what was given; where that is less than was asked for, the rest is asked for when it can be there."""
        self.tokens += grant.granted
        self.left = grant.rest
        self.is_dry = grant.granted < asked
        if self.is_dry:
            self.ask_at = time.monotonic() + self.short / self.limit.per_second
        else:
            self.wanted = 0.0


class Rates(Loop):
    """The buckets of this process."""

    def __init__(self, store: Store) -> None:
        super().__init__("rates", interval_s=ASK_AGAIN_S)
        self._store = store
        self._limits: dict[int, Sequence[RateLimit]] = {}
        self._read_at: dict[int, float] = {}
        self._hands: dict[Bucket, Hand] = {}
        self._hungry: set[Bucket] = set()
        self._stale: set[int] = set()
        self.refused = 0

    def charge(self, who: Principal, route: str, cost: float) -> Standing:
        """Take what a request costs; `TooManyRequests` when the tenant, its key or the route has used up what it may."""
        now = time.monotonic()
        if now - self._read_at.get(who.tenant_id, -TRUST_S) >= TRUST_S and who.tenant_id not in self._stale:
            self._stale.add(who.tenant_id)
            self.wake()
        hands = [self._hand(who, limit) for limit in applying(self._limits.get(who.tenant_id, USUAL), who.key_id, route)]
        for hand in hands:
            hand.used_at = now
            due = min(cost, hand.limit.size)
            if (lack := hand.lacks(due)) > 0:
                self._refuse(who, hand, due, lack, now)
        for hand in hands:
            hand.tokens -= min(cost, hand.limit.size)
            self._mind(who, hand)
        tightest = min(hands, key=lambda hand: (hand.left + hand.tokens) / hand.limit.size)
        return Standing(tightest.limit, max(0, int(tightest.left + tightest.tokens)))

    def forget(self, tenant_id: int) -> None:
        """The limits of a tenant have changed."""
        self._read_at.pop(tenant_id, None)
        self._stale.add(tenant_id)
        self.wake()

    async def run_once(self) -> bool:
        """Read limits that may have changed, and take tokens where they run low."""
        stale, self._stale = self._stale, set()
        hungry = {bucket for bucket in self._hungry if self._may_ask(bucket)}
        self._hungry -= hungry
        for tenant_id in stale:
            await self._read(tenant_id)
        for tenant_id in {bucket[0] for bucket in hungry}:
            await self._fetch(tenant_id, [self._hands[b] for b in hungry if b[0] == tenant_id and b in self._hands])
        self._tidy()
        return bool(self._stale)

    # ------------------------------------------------------------------------------------------------------------ inside
    def _hand(self, who: Principal, limit: RateLimit) -> Hand:
        bucket = (who.tenant_id, limit.name, who.key_id if limit.per == "key" else "")
        hand = self._hands.get(bucket)
        if hand is None or hand.limit is not limit:
            hand = self._hands[bucket] = Hand(limit, bucket[2])
        return hand

    def _may_ask(self, bucket: Bucket) -> bool:
        return bucket not in self._hands or self._hands[bucket].ask_at <= time.monotonic()

    def _mind(self, who: Principal, hand: Hand) -> None:
        """Ask for more before it runs out. What is empty is asked again at a pace of its own: refusals cost no statements."""
        if hand.tokens < hand.ahead / 2:
            self._hungry.add((who.tenant_id, hand.limit.name, hand.key))
            if not hand.is_dry:
                self.wake()

    def _refuse(self, who: Principal, hand: Hand, cost: float, lack: float, now: float) -> None:
        self.refused += 1
        hand.wanted = max(hand.wanted, cost)
        self._mind(who, hand)
        wait_s = max(1, math.ceil(lack / hand.limit.per_second))
        is_deaf, hand.back_at = now < hand.back_at, now + wait_s
        raise TooManyRequests(
            f"{_whose(hand.limit)} may cost {hand.limit.per_second:g} a second, and that is used up."
            f" Come back in {wait_s} s, and slower.",
            standing=Standing(hand.limit, 0),
            retry_after_s=wait_s,
            is_deaf=is_deaf,
        )

    async def _read(self, tenant_id: int) -> None:
        given = await self._store.list_limits(tenant_id)
        named = {limit.name for limit in given}
        fresh = [*(limit for limit in USUAL if limit.name not in named), *given]
        if list(self._limits.get(tenant_id, ())) != fresh:
            self._limits[tenant_id] = fresh
        self._read_at[tenant_id] = time.monotonic()

    async def _fetch(self, tenant_id: int, hands: list[Hand]) -> None:
        asks = [Ask(hand.limit, hand.key, max(0.0, hand.short)) for hand in hands]
        try:
            grants = {(grant.name, grant.key): grant for grant in await self._store.take_tokens(tenant_id, asks)}
        except Busy:
            for hand in hands:
                hand.tokens = max(hand.tokens, hand.ahead)
            raise
        for hand, ask in zip(hands, asks, strict=True):
            hand.take(grants[hand.limit.name, hand.key], ask.tokens)
            if hand.is_dry:
                self._hungry.add((tenant_id, hand.limit.name, hand.key))

    def _tidy(self) -> None:
        before = time.monotonic() - FORGET_S
        for bucket in [bucket for bucket, hand in self._hands.items() if hand.used_at < before]:
            del self._hands[bucket]


def applying(limits: Sequence[RateLimit], key_id: str, route: str) -> list[RateLimit]:
    """Those of a tenant's limits that are about this key and route. What names the key goes before what is said of all."""
    about = [limit for limit in limits if limit.route in (None, route) and limit.key_id in (None, key_id)]
    own = {limit.route for limit in about if limit.key_id is not None}
    return [limit for limit in about if limit.per != "key" or limit.key_id is not None or limit.route not in own]


def _whose(limit: RateLimit) -> str:
    """Who shares it, in words."""
    shared = "all that your tenant asks for" if limit.per == "tenant" else "all that is asked for with your key"
    return f"The limit {limit.name}: {shared}{f' of {limit.route}' if limit.route else ''}"
