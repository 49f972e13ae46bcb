"""What is written into the books on the bank's first day, chapter by chapter.

A chapter is an SQL function `bank.write_NAME(jsonb)`, which takes a list of rows and leaves alone what is there, and what it
is given of a person. Whoever keeps more about the town's people adds a line to `CHAPTERS`: the rows of customers.yaml are
written at every start, those of the town once.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from agents.bank import past, portfolios, seed
from agents.bank.seed import Person


class Chapter(NamedTuple):
    """What of a person goes into `bank.write_NAME`."""

    name: str
    rows: Callable[[Person], Iterable[Any]]


# In this order: later ones may speak of what is in earlier ones.
CHAPTERS: tuple[Chapter, ...] = (
    Chapter("accounts", lambda person: person.accounts),
    Chapter("past", past.payments),
    Chapter("portfolios", portfolios.portfolios),
)


def rows(chapter: Chapter, people: Sequence[Person]) -> list[dict[str, Any]]:
    """A chapter's rows for these people."""
    return [row._asdict() for person in people for row in chapter.rows(person)]


def town(count: int, *, after: int = 0) -> list[Person]:
    """The town's people after the first so many, and before them those whom everybody deals with."""
    return [*(past.traders() if count else ()), *seed.townspeople(count, after=after)]
