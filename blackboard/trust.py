"""Whose certificates are believed: those that httpx believes, read once per process, since reading them takes 30 ms."""

import ssl
from functools import cache

import httpx


@cache
def trust() -> ssl.SSLContext:
    """What every client of this process checks its servers with."""
    return httpx.create_ssl_context()
