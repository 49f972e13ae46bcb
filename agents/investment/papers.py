"""Papers of a client: which are needed, which are there, and what is wrong with what there is.

Only what is said about a paper is looked at, never the paper itself: that lies elsewhere, under its digest.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import yaml

from blackboard.values import Frozen, Json

REQUIREMENTS = Path(__file__).parent / "requirements.yaml"
Kind = Literal["person", "company"]
Risk = Literal["low", "medium", "high", "unknown"]
# SHA-256 in hexadecimal, with or without its name before it.
_DIGEST = re.compile(r"(sha256:)?[0-9a-f]{64}")


class Lack(NamedTuple):
    """A paper that is still needed: the kind to bring, and why what there is does not do."""

    kind: str
    why: str


class Requirements(Frozen):
    """What is asked of a client."""

    default: dict[Kind, tuple[tuple[str, ...], ...]]
    countries: dict[str, dict[Kind, tuple[tuple[str, ...], ...]]]
    expires: frozenset[str]
    numbered: frozenset[str]
    fresh_days: dict[str, int]
    risk: dict[Risk, frozenset[str]]

    @classmethod
    def load(cls, path: Path = REQUIREMENTS) -> Self:
        """Read what ships, or another in its form."""
        return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))

    def needed(self, kind: Kind, country: str) -> tuple[tuple[str, ...], ...]:
        """Of each of these one."""
        return self.countries.get(country, {}).get(kind, self.default[kind])

    def country_risk(self, country: str) -> Risk:
        """How risky a country is; of one that nobody listed nobody knows."""
        return next((risk for risk, countries in self.risk.items() if country in countries), "unknown")

    def lacks(self, kind: Kind, country: str, papers: Mapping[str, Json], today: date) -> Iterator[Lack]:
        """What is still needed, one paper after the other."""
        for either in self.needed(kind, country):
            found = [(name, self._wrong(name, papers[name], today)) for name in either if name in papers]
            if not any(wrong is None for _, wrong in found):
                name, wrong = found[0] if found else (either[0], None)
                yield Lack(name, wrong or f"{' or '.join(either)} is missing")

    def _wrong(self, kind: str, paper: Json, today: date) -> str | None:
        """What is wrong with a paper; None where nothing is."""
        if kind in self.numbered and not paper.get("number"):
            return f"{kind} has no number"
        if "digest" in paper and not _DIGEST.fullmatch(paper["digest"]):
            return f"{kind}: the digest is not the SHA-256 of a file, 64 digits of 0-9a-f"
        try:
            return self._out_of_time(kind, paper, today)
        except ValueError:
            return f'{kind}: dates are written as "2027-05-17"'

    def _out_of_time(self, kind: str, paper: Json, today: date) -> str | None:
        issued, expires = _date(paper.get("issued_on")), _date(paper.get("expires_on"))
        if issued is not None and issued > today:
            return f"{kind} is issued in the future"
        if kind in self.expires and expires is None:
            return f"{kind} does not say until when it is valid"
        if expires is not None and expires < today:
            return f"{kind} has expired on {expires}"
        if (most := self.fresh_days.get(kind)) is not None:
            if issued is None:
                return f"{kind} does not say when it was issued"
            if (today - issued).days > most:
                return f"{kind} is older than {most} days"
        return None


def gathered(documents: Sequence[Json], later: Mapping[str, Any]) -> dict[str, Json]:
    """The papers by kind: what came with the request, the last of each kind, and in place of it what came later."""
    papers = {document["kind"]: document for document in documents}
    return papers | {key.removeprefix("document_"): value for key, value in later.items() if key.startswith("document_")}


def age(born: date, today: date) -> int:
    """In whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _date(text: str | None) -> date | None:
    """ISO 8601's calendar date in its long form; Python's own reader takes three others."""
    if text is not None and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    return None if text is None else date.fromisoformat(text)
