"""Files for browsers, under /static: read once, named one by one, so that no path leads anywhere else."""

import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from blackboard.errors import NotFound

router = APIRouter(prefix="/static", include_in_schema=False)

_TYPES = {".js": "text/javascript; charset=utf-8"}


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
        "X-Content-Type-Options": "nosniff",
    }
    return Asset(content, headers)


_ASSETS = {path.name: load_asset(path) for path in (Path(__file__).parent / "static").iterdir() if path.suffix in _TYPES}


@router.head("/{name}", include_in_schema=False)
@router.get("/{name}")
async def static(request: Request, name: str) -> Response:
    """A file; nothing but 304 when the browser has it."""
    asset = _ASSETS.get(name)
    if asset is None:
        raise NotFound(f"There is no such file. There are: {', '.join(sorted(_ASSETS))}.")
    if asset.headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=asset.headers)
    return Response(asset.content, headers=asset.headers)
