"""Quotas to test with, and how they are set."""

from blackboard.requests import NewQuota
from tests.factories import Scene

EXCLUSIVE = {"name": "one-per-account", "kind": "concurrency", "per": "entity:account", "ceiling": "1"}
EXPOSURE = {"name": "in-flight", "kind": "exposure", "per": "tenant", "ceiling": "1000", "amount_field": "amount"}
RATE = {"name": "pace", "kind": "rate", "per": "tenant", "ceiling": "2", "per_second": "0.1"}


async def put_quota(scene: Scene, quota: dict[str, str], **changes: str) -> None:
    """Set a quota as the operator."""
    await scene.board.put_quota(scene.people["boss"], NewQuota.model_validate({**quota, **changes}))


async def claim_amounts(scene: Scene, limit: int = 10) -> list[str]:
    """What is claimed now, by amount."""
    return [task.context.payload["amount"] for task in await scene.claim(limit=limit)]
