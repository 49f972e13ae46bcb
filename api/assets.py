"""Files for browsers, under /static: read once, named one by one, so that no path leads anywhere else."""

import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from blackboard.errors import NotFound

router = APIRouter(include_in_schema=False)
# Answered where the API describes itself.
manual = APIRouter(include_in_schema=False)

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
# Nothing that a page shows can run, load from elsewhere, send elsewhere or be framed. Texts are put into the page as text:
# with trusted types a script that tries otherwise fails.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
# Swagger UI comes from elsewhere, is known by its digest, and writes styles and markup of its own.
_MANUAL = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0/"
_MANUAL_POLICY = (
    f"default-src 'none'; script-src 'self' {_MANUAL}; style-src 'unsafe-inline' {_MANUAL}; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_POLICIES = {"index.html": _POLICY, "manual.html": _MANUAL_POLICY}


class Asset(NamedTuple):
    """A file as it is sent."""

    content: bytes
    headers: dict[str, str]


def load_asset(path: Path) -> Asset:
    """The file with its type, and a tag by which a browser that has it asks for nothing but news."""
    content = path.read_bytes()
    headers = {
        "Content-Type": _TYPES[path.suffix],
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        # A page and the board that it follows must be of one version: kept, and asked after each time.
        "Cache-Control": "no-cache",
    }
    if path.name in _POLICIES:
        headers["Content-Security-Policy"] = _POLICIES[path.name]
    return Asset(content, headers)


_ASSETS = {str(path.relative_to(STATIC)): load_asset(path) for path in STATIC.rglob("*") if path.suffix in _TYPES}


@router.head("/static/{name:path}", include_in_schema=False)
@router.get("/static/{name:path}")
async def static(request: Request, name: str) -> Response:
    """A file; nothing but 304 when the browser has it."""
    return _sent(request, name)


@router.get("/")
@router.get("/ui")
@router.get("/ui/{_view:path}")
async def dashboard(request: Request, _view: str = "") -> Response:
    """The dashboard. Which view of it, the page reads from its own address."""
    return _sent(request, "dashboard/index.html")


@manual.get("/docs")
async def show_manual(request: Request) -> Response:
    """The API, drawn from /openapi.json."""
    return _sent(request, "manual.html")


def _sent(request: Request, name: str) -> Response:
    asset = _ASSETS.get(name)
    if asset is None:
        raise NotFound(f"There is no such file. There are: {', '.join(sorted(_ASSETS))}.")
    if asset.headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=asset.headers)
    return Response(asset.content, headers=asset.headers)
