"""The research notes: short texts, each a Markdown file with a title, found by the words of a question.

Ranked by SQLite's full-text index in memory: BM25 over passages, with English endings cut off (Porter). The same question finds
the same passages in the same order, on any machine and without any network.
"""

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

FOLDER = Path(__file__).parent / "corpus"
_WORD = re.compile(r"[a-z0-9]+")
# Words that say nothing about what is asked.
_EMPTY = frozenset(
    _WORD.findall(
        "a about an and any are as at be by can did do does for from give had has have how i in is it its many me much my no"
        " not of on or our should so some tell than that the their them then there these they this to us was we were what when"
        " where which who why will with would you your"
    )
)


class Note(NamedTuple):
    """A note; its digest says which text was meant."""

    id: str
    title: str
    digest: str


class Passage(NamedTuple):
    """A paragraph of a note; numbered from 1 as they stand there."""

    note: str
    number: int
    text: str


class Corpus:
    """Notes, and an index over their passages."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.notes = {name: Note(name, _title(text), _digest(text)) for name, text in texts.items()}
        self._passages = [passage for name, text in sorted(texts.items()) for passage in _passages(name, text)]
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute(
            "CREATE VIRTUAL TABLE passage USING fts5(title, text, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        rows = [(n, self.notes[passage.note].title, passage.text) for n, passage in enumerate(self._passages)]
        self._index.executemany("INSERT INTO passage (rowid, title, text) VALUES (?, ?, ?)", rows)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the notes that ship, or others in their form."""
        return cls({path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))})

    def find(self, question: str, *, notes: Iterable[str] | None = None, limit: int = 3) -> list[Passage]:
        """The passages that speak of a question: those with most of its words first. With fewer than half one does not."""
        words = _words(question)
        wanted = None if notes is None else frozenset(notes)
        if not words:
            return []
        shared = Counter(row for word in words for row in self._rows(word))
        ranked = [row for row in self._rows(" OR ".join(words)) if shared[row] * 2 >= len(words)]
        found = [self._passages[row] for row in sorted(ranked, key=lambda row: -shared[row])]
        return [passage for passage in found if wanted is None or passage.note in wanted][:limit]

    def _rows(self, query: str) -> list[int]:
        """The places of the passages that a query finds. A word in the passage counts four times one in its note's title."""
        ranked = "SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY bm25(passage, 1, 4), rowid"
        return [row for (row,) in self._index.execute(ranked, (query,))]


def _words(question: str) -> list[str]:
    """What is asked about, each word once, quoted so that none of them is an operator of the index."""
    found = dict.fromkeys(word for word in _WORD.findall(question.casefold()) if word not in _EMPTY)
    return [f'"{word}"' for word in found][:50]


def _passages(name: str, text: str) -> Iterator[Passage]:
    """Its paragraphs, without headings."""
    blocks = [" ".join(block.split()) for block in text.split("\n\n")]
    paragraphs = (block for block in blocks if block and not block.startswith("#"))
    for number, paragraph in enumerate(paragraphs, start=1):
        yield Passage(name, number, paragraph)


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("#").strip()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
