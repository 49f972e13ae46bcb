"""Workflows of which one touches accounts and money, and cases of it."""

from typing import Any

from blackboard.answers import CaseSummary
from tests.factories import Scene

TRANSFERS = """
name: transfers
title: Money from one account to another
subject: customer
payload:
  type: object
  properties:
    debit: {type: string, x-entity: account}
    credit: {type: string, x-entity: account}
stages:
  move: {capability: first, lease_s: 30, outcomes: {done: {end: executed}}}
"""
LETTERS = """
name: letters
title: A letter to a customer
payload: {type: object}
stages:
  send: {capability: second, outcomes: {done: {end: sent}}}
"""


FARMED = """
name: farmed
title: Payments of which a payee gets one an hour
payload: {type: object}
actions: {pay: {velocity: [{of: payee, window_s: 3600, count: 1}]}}
stages:
  pay: {capability: first, lease_s: 3600, outcomes: {done: {end: paid}}}
"""


async def transfer(
    scene: Scene, debit: str = "a", credit: str = "b", amount: str = "1", customer: str = "C-1", **more: Any
) -> CaseSummary:
    """Open a case that moves an amount from one account to another."""
    payload = {"debit": debit, "credit": credit, "amount": amount, "customer": customer}
    return await scene.open("transfers", payload, **more)
