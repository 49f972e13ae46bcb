"""Where the board is and who is asking, for whoever calls one.

What is not in the environment is taken from a board that `up` started. Every command reads this before it does anything, so it
is made of the standard library alone: a library for settings would take longer to load than the board takes to answer.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from blackboard.errors import SetupError

DEFAULT_DATA = Path(".blackboard")


class Whereabouts(NamedTuple):
    """BLACKBOARD_URL, BLACKBOARD_KEY and BLACKBOARD_DATA."""

    url: str = ""
    key: str = ""
    data: Path = DEFAULT_DATA

    @classmethod
    def read(cls) -> Self:
        """What the environment says. Of anything else nothing is assumed."""
        told = {name: os.environ.get(f"BLACKBOARD_{name.upper()}", "") for name in cls._fields}
        return cls(told["url"], told["key"], Path(told["data"] or DEFAULT_DATA))

    def found_url(self) -> str:
        """The board's address: BLACKBOARD_URL, else `urls.json` in the data folder; empty when there is none."""
        url = self.url or str(self._urls().get("board", ""))
        if url and not _is_address(url):
            raise SetupError(f"{url!r} is no address of a board. BLACKBOARD_URL looks like http://127.0.0.1:8080.")
        return url

    def found_key(self, role: str) -> str:
        """The key: BLACKBOARD_KEY, else the one that `up` made for `role`; empty when there is none."""
        path = self.data / "keys" / role
        key = self.key or (path.read_text(encoding="utf-8").strip() if path.exists() else "")
        if not (key.isascii() and key.isprintable()):
            raise SetupError("The key is none: keys are of printable ASCII. Look at BLACKBOARD_KEY.")
        return key

    def _urls(self) -> dict[str, str]:
        path = self.data / "urls.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
        except (ValueError, TypeError) as error:
            raise SetupError(f"{path} cannot be read ({error}). `blackboard up` writes it anew.") from error


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0 and url.isprintable()
    except ValueError:
        return False
