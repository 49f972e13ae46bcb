"""Whose certificates are believed, and which is shown: a key may be bound to one.

Believed are those that httpx believes, read once per process, since reading them takes 30 ms.

Where no connection of a client's is to be encrypted none are read, and none would be believed.
"""

import os
import ssl
from functools import cache

import httpx


@cache
def trust() -> ssl.SSLContext:
    """What every client of this process checks its servers with: BLACKBOARD_CA besides the known ones, if it is set.

    BLACKBOARD_CERTIFICATE (PEM, with its key, or with BLACKBOARD_CERTIFICATE_KEY) is what it shows.
    """
    context = httpx.create_ssl_context()
    if authority := os.environ.get("BLACKBOARD_CA"):
        context.load_verify_locations(authority)
    if certificate := os.environ.get("BLACKBOARD_CERTIFICATE"):
        context.load_cert_chain(certificate, os.environ.get("BLACKBOARD_CERTIFICATE_KEY"))
    return context


@cache
def _nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def trust_at(url: str) -> ssl.SSLContext:
    """What a client checks the one server at this address with. Such a client follows no redirect to another one."""
    return _nobody() if url.startswith("http://") else trust()
