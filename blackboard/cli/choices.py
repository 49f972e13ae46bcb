"""What may stand in a place on the command line, told to a shell that completes it.

A person waits for it while typing: the board is asked over one plain connection, and whatever is not there in 300 ms is done
without. Only what a shell takes for a plain word is offered: names come from a board, and a shell reads them.
"""

import json
import re
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

LIMIT_S = 0.3
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,80}")


def a_workflow(incomplete: str) -> list[str]:
    """Names of workflows."""
    return _fitting((each["name"] for each in _ask("/v1/workflows")), incomplete)


def an_agent(incomplete: str) -> list[str]:
    """Names of agents."""
    return _fitting((each["name"] for each in _ask("/v1/agents")), incomplete)


def a_case(incomplete: str) -> list[str]:
    """Ids of the newest cases."""
    return _fitting((each["id"] for each in _ask("/v1/cases?limit=50", "cases")), incomplete)


def a_review(incomplete: str) -> list[str]:
    """Ids of open reviews."""
    return _fitting((each["task_id"] for each in _ask("/v1/reviews?limit=50", "reviews", role="reviewer")), incomplete)


def _fitting(names: Any, incomplete: str) -> list[str]:
    try:
        return [name for name in names if isinstance(name, str) and name.startswith(incomplete) and _WORD.fullmatch(name)]
    except (KeyError, TypeError):
        return []


def _ask(path: str, member: str | None = None, *, role: str = "auditor") -> list[Any]:
    """What the board lists there; nothing when there is no board, no key, no time, or no sense in its answer."""
    from blackboard.errors import SetupError
    from blackboard.whereabouts import Whereabouts

    try:
        whereabouts = Whereabouts.read()
        url, key = urlsplit(whereabouts.found_url()), whereabouts.found_key(role)
        if not (url.hostname and key):
            return []
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = kind(url.hostname, url.port, timeout=LIMIT_S)
        try:
            connection.request("GET", url.path.rstrip("/") + path, headers={"Authorization": f"Bearer {key}"})
            told = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        found = told[member] if member else told
        return found if isinstance(found, list) else []
    except (OSError, HTTPException, ValueError, KeyError, TypeError, SetupError):
        return []
