"""The faces of the old single-purpose services: their paths, fields and answers, and behind each a case of the board.

A face knows the names of workflows, their payloads, and the results and outcomes in which they end; nothing else of the desks.
"""

from api.facade import loans, payments, requests, retail, wealth

ROUTERS = tuple(module.router for module in (retail, payments, requests, loans, wealth))
