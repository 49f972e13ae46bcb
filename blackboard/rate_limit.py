"""How fast callers may ask: what a limit says, and those that hold where an operator has set none."""

import math
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from blackboard.values import Frozen, Name

# A method and the address of a route as /docs writes it, such as `POST /v1/cases/{case_id}/cancel`.
Route = Annotated[str, StringConstraints(pattern=r"^(GET|POST|PUT|PATCH|DELETE) /[ -~]{0,199}$")]
Pace = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class RateLimit(Frozen):
    """So many tokens a second, and up to `burst` at once after a quiet while. A read costs one, a batch more.

    `per` says who shares them: all callers of the tenant, or whoever uses one key; with `key_id` the key of that id alone, and
    in place of what is said of keys in general. With `route` it is about that route alone, beside the others.
    """

    name: Name
    per: Literal["tenant", "key"]
    key_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    route: Route | None = None
    per_second: Pace
    burst: Annotated[float, Field(ge=1, le=10_000_000, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.key_id is not None and self.per != "key":
            raise ValueError("a limit that names a key_id is per key")
        return self

    @property
    def size(self) -> float:
        """How many tokens its bucket holds; without a burst, those of a second."""
        return self.burst or max(1.0, self.per_second)

    @property
    def window_s(self) -> int:
        """In how many seconds an empty bucket is full."""
        return max(1, math.ceil(self.size / self.per_second))


class LimitInForce(RateLimit):
    """A limit, and whether it is the usual one."""

    is_usual: bool = False


class Ask(NamedTuple):
    """What a process wants of a bucket: so many tokens, of a limit, under a key."""

    limit: RateLimit
    key: str
    tokens: float


class Grant(Frozen):
    """What it was given, and what is there for all."""

    name: str
    key: str
    granted: float
    rest: float


# Far above what one process can serve: they end what only a mistake or an attack asks for.
USUAL = (
    RateLimit(name="tenant", per="tenant", per_second=10_000, burst=20_000),
    RateLimit(name="key", per="key", per_second=5_000, burst=10_000),
)


def in_force(given: list[RateLimit]) -> list[LimitInForce]:
    """What operators set, and what is usual where they set nothing of that name."""
    named = {limit.name for limit in given}
    usual = [LimitInForce(**limit.model_dump(), is_usual=True) for limit in USUAL if limit.name not in named]
    return [*usual, *(LimitInForce(**limit.model_dump()) for limit in given)]
