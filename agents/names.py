"""Comparing names of people and companies: marks, case, order and small misspellings do not matter."""

import unicodedata
from pathlib import Path
from typing import NamedTuple, Self

import yaml
from rapidfuzz import fuzz, process


class Hit(NamedTuple):
    """A listed name that resembles the one asked for; similarity in percent."""

    listed: str
    similarity: float


def fold(name: str) -> str:
    """A name without marks, case and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain.casefold()).split())


def similarity(one: str, other: str) -> float:
    """0 to 100. Words are sorted first, so that "Malkov, Viktor" is "Viktor Malkov"; a part of a name is not the name."""
    return fuzz.token_sort_ratio(fold(one), fold(other))


SANCTIONS = Path(__file__).parent / "lists" / "sanctions.yaml"


class SanctionsList:
    """Names with whom no business is done, each under all its spellings."""

    def __init__(self, names: dict[str, str], *, refer: float, reject: float) -> None:
        self.refer = refer
        self.reject = reject
        self._names = names

    @classmethod
    def load(cls, path: Path = SANCTIONS) -> Self:
        """Read the list that ships, or another in its form."""
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        spellings = {
            fold(spelling): entry["name"]
            for entry in document["names"]
            for spelling in (entry["name"], *entry.get("aliases", ()))
        }
        return cls(spellings, refer=document["refer"], reject=document["reject"])

    def find(self, name: str) -> Hit | None:
        """The most similar listed name, where it is similar enough for a person to look."""
        found = process.extractOne(fold(name), list(self._names), scorer=fuzz.token_sort_ratio, score_cutoff=self.refer)
        return Hit(self._names[found[0]], found[1]) if found else None
