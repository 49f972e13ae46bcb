"""Reads a refusal that came over HTTP back into the error that it was on the board."""

import json
from http import HTTPStatus

import httpx

from blackboard import errors
from blackboard.errors import BlackboardError, ClaimLost, Conflict, Declined, Denied, Unavailable

# What a proxy answers on a board's behalf when the same request may do better later.
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


def error_of(response: httpx.Response) -> BlackboardError:
    """The board's error behind a problem document; without one, what the status says."""
    try:
        told = response.json()
        code = str(told["type"]).rpartition(":")[2]
        detail = str(told["detail"])
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        told, code, detail = {}, "", f"The board answered {response.status_code} without saying why."
    kind = _BY_CODE.get(code)
    if kind is ClaimLost:
        return ClaimLost(detail, reason=str(told.get("reason", "expired")))
    if kind is Denied:
        return Denied(detail, reason=str(told.get("reason", "unauthorized")))
    if kind is Conflict and "reason" in told:
        return Conflict(detail, reason=str(told["reason"]))
    if kind is not None:
        kept = ("outcome", "reasons", "case_id") if issubclass(kind, Declined) else ()
        return kind(detail, **{name: told[name] for name in kept if name in told})
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status_code in _LATER:
        return Unavailable(detail)
    return errors.Refused(detail)


def _subclasses(kind: type[BlackboardError]) -> list[type[BlackboardError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _subclasses(child))]


_BY_CODE = {kind.code: kind for kind in _subclasses(BlackboardError)}
