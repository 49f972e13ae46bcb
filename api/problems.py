"""Every way to say no over HTTP: one table from error class to status, one shape of body (RFC 9457)."""

from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.toll import tell_standing
from blackboard import errors
from blackboard.errors import BlackboardError

STATUS: Mapping[type[BlackboardError], HTTPStatus] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Expired: HTTPStatus.GONE,
    errors.Rewound: HTTPStatus.GONE,
    errors.NotPermitted: HTTPStatus.FORBIDDEN,
    errors.DutyClash: HTTPStatus.FORBIDDEN,
    errors.SignInAgain: HTTPStatus.FORBIDDEN,
    errors.OutOfScope: HTTPStatus.FORBIDDEN,
    errors.TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.ClaimLost: HTTPStatus.CONFLICT,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Duplicate: HTTPStatus.CONFLICT,
    errors.Denied: HTTPStatus.CONFLICT,
    errors.Declined: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unfunded: HTTPStatus.PAYMENT_REQUIRED,
    errors.Stale: HTTPStatus.PRECONDITION_FAILED,
    errors.KeyMissing: HTTPStatus.BAD_REQUEST,
    errors.KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.KeyRunning: HTTPStatus.CONFLICT,
    errors.Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.MigrationError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DatabaseMismatch: HTTPStatus.SERVICE_UNAVAILABLE,
}
RETRY_AFTER_S = 1
MAX_INSTANCE = 2000
# Parameters of paths that tell of a person.
_PERSONAL = frozenset({"customer", "client_id", "subject"})


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    extra: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document: a stable type, a sentence that says what to do, the request's id. Counted, for `/metrics`."""
    request.app.state.refusals[code] += 1
    body = {
        "type": f"urn:blackboard:problem:{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": int(status),
        "detail": detail,
        "instance": _instance(request)[:MAX_INSTANCE],
        "request_id": request.scope.get("request_id"),
        **(extra or {}),
    }
    content = orjson.dumps(body, default=str)
    return Response(content, status, dict(headers or {}), media_type="application/problem+json")


def _instance(request: Request) -> str:
    """The path, but for a person's id in it: errors are kept where that is not known."""
    path = str(request.scope["path"])
    for name, value in (request.scope.get("path_params") or {}).items():
        path = path.replace(str(value), f"{{{name}}}") if name in _PERSONAL else path
    return path


def install(app: FastAPI) -> None:
    """Let the application answer every refusal with a problem."""
    app.state.refusals = Counter[str]()
    app.add_exception_handler(BlackboardError, _on_board)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_gone)
    app.add_exception_handler(Exception, _on_bug)


async def _on_board(request: Request, error: Exception) -> Response:
    assert isinstance(error, BlackboardError)
    status = STATUS[type(error)]
    extra = dict(error.extra)
    headers: dict[str, str] = {}
    if isinstance(error, errors.Busy):
        headers["Retry-After"] = str(extra.pop("retry_after_s", RETRY_AFTER_S))
    tell_standing(request.scope, headers)
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="blackboard"'
    return problem(request, status, error.code, error.detail, extra, headers)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [{"field": _place(entry["loc"]), "problem": _sentence(entry)} for entry in error.errors()]
    detail = "The request is not what it must be: " + "; ".join(f"{e['field']}: {e['problem']}" for e in found[:20]) + "."
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, {"errors": found})


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, detail = {
        HTTPStatus.NOT_FOUND: ("no-such-route", "There is nothing at this address. GET /docs lists what there is."),
        HTTPStatus.METHOD_NOT_ALLOWED: ("method-not-allowed", "This address does not take that method; see Allow."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too-large", "The body is larger than this board takes. Send less at a time."),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("not-json", "Send JSON, with the header Content-Type: application/json."),
        HTTPStatus.BAD_REQUEST: ("malformed", str(error.detail)),
    }.get(HTTPStatus(error.status_code), ("http", str(error.detail)))
    return problem(request, error.status_code, code, detail, headers=error.headers)


async def _on_gone(_request: Request, _error: Exception) -> Response:
    """Who hung up in the middle of a request reads nothing, and is nobody's fault here."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _on_bug(request: Request, _error: Exception) -> Response:
    detail = "The board failed; nothing was changed unless a repeat with the same Idempotency-Key says so."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail)


def _place(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])


def _sentence(entry: Mapping[str, Any]) -> str:
    return "is missing" if entry["type"] == "missing" else str(entry["msg"]).removeprefix("Value error, ")
