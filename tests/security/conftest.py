"""The boards of the tests over HTTP, for those who attack them."""

from tests.http.conftest import alone, api, boss, connection, own, scene, shared, shared_boss

__all__ = ["alone", "api", "boss", "connection", "own", "scene", "shared", "shared_boss"]
