"""Who may ask what of the API, line by line: the reviewed list. A route, or a field of a body, that is not in it fails a test.

A new route gets a line in `ROUTES`; where it takes a body, an example in `EXAMPLES` (or in `WRITES` of test_writes.py beside
the other tests over HTTP) and a line in `FIELDS` for each model in it.
"""

import re
from typing import Any

WHO = {
    "nobody": "",  # no key is asked for
    "everyone": "admin agent auditor requester reviewer",
    "openers": "admin requester",
    "tellers": "admin agent requester reviewer",
    "workers": "admin agent reviewer",
    "leavers": "admin agent reviewer",
    "approvers": "admin reviewer",
    "rulers": "admin agent auditor reviewer",
    "operators": "admin",
    "auditors": "admin auditor",
}
ROUTES = """
openers    POST   /v1/cases
everyone   GET    /v1/cases
openers    POST   /v1/cases/batch
everyone   GET    /v1/cases/{case_id}
rulers     GET    /v1/cases/{case_id}/explain
openers    POST   /v1/cases/{case_id}/cancel
operators  POST   /v1/cases/{case_id}/suspend
operators  POST   /v1/cases/{case_id}/resume
tellers    POST   /v1/cases/{case_id}/signals/{name}
everyone   GET    /v1/workflows
tellers    POST   /v1/cases/{case_id}/facts
everyone   GET    /v1/cases/{case_id}/facts
tellers    PUT    /v1/cases/{case_id}/facts/{key}
everyone   GET    /v1/cases/{case_id}/facts/{key}
tellers    POST   /v1/cases/{case_id}/facts/{key}/dispute
approvers  POST   /v1/cases/{case_id}/facts/{key}/uphold
tellers    POST   /v1/cases/{case_id}/facts/{key}/retract
workers    POST   /v1/claims
everyone   GET    /v1/tasks/{task_id}
rulers     GET    /v1/tasks/{task_id}/why
workers    POST   /v1/tasks/{task_id}/heartbeat
workers    POST   /v1/tasks/{task_id}/decision
workers    POST   /v1/tasks/{task_id}/opinion
workers    POST   /v1/tasks/{task_id}/fail
workers    POST   /v1/tasks/{task_id}/release
workers    POST   /v1/tasks/{task_id}/reject
workers    POST   /v1/tasks/{task_id}/need
workers    POST   /v1/decisions
workers    POST   /v1/heartbeats
workers    POST   /v1/failures
workers    POST   /v1/releases
workers    POST   /v1/rejections
workers    POST   /v1/needs
workers    POST   /v1/tasks/{task_id}/actions/propose
workers    POST   /v1/tasks/{task_id}/actions
workers    POST   /v1/tasks/{task_id}/actions/{action_id}/settlement
workers    GET    /v1/claims/stream
everyone   GET    /v1/reviews
rulers     GET    /v1/reviews/{task_id}
workers    POST   /v1/reviews/{task_id}/claim
workers    POST   /v1/reviews/{task_id}/decision
workers    POST   /v1/reviews/{task_id}/return
workers    POST   /v1/reviews/{task_id}/forward
workers    POST   /v1/reviews/{task_id}/escalate
workers    POST   /v1/reviews/{task_id}/ask
everyone   GET    /v1/agents
operators  POST   /v1/agents
operators  PATCH  /v1/agents/{name}
operators  GET    /v1/keys
operators  POST   /v1/keys
operators  POST   /v1/keys/{key_id}/rotate
operators  DELETE /v1/keys/{key_id}
workers    POST   /v1/sessions
workers    PUT    /v1/sessions/{session_id}/heartbeat
workers    DELETE /v1/sessions/{session_id}
everyone   GET    /v1/holds
operators  POST   /v1/holds
operators  POST   /v1/holds/lift
operators  POST   /v1/agents/{name}/suspend
operators  POST   /v1/agents/{name}/resume
everyone   GET    /v1/incidents
operators  POST   /v1/tasks/{task_id}/redrive
operators  POST   /v1/tasks/{task_id}/resolve
everyone   GET    /v1/load
everyone   GET    /v1/quotas
operators  POST   /v1/quotas
operators  DELETE /v1/quotas/{name}
everyone   GET    /v1/limits
operators  PUT    /v1/limits
operators  DELETE /v1/limits/{name}
everyone   GET    /v1/schedules
operators  PUT    /v1/schedules/{name}
operators  DELETE /v1/schedules/{name}
workers    PUT    /v1/memory/{subject}
auditors   GET    /v1/audit/chain
auditors   GET    /v1/audit/export
auditors   GET    /v1/cases/{case_id}/evidence
operators  POST   /v1/customers/{customer}/erase
everyone   GET    /v1/delegations
tellers    POST   /v1/delegations
tellers    DELETE /v1/delegations/{delegation_id}
everyone   GET    /v1/break-glass
everyone   GET    /v1/cases/{case_id}/break-glass
leavers    POST   /v1/cases/{case_id}/break-glass
approvers  POST   /v1/cases/{case_id}/break-glass/{leave_id}/approve
operators  POST   /v1/cases/{case_id}/break-glass/{leave_id}/revoke
rulers     GET    /v1/policies
operators  POST   /v1/policies
rulers     GET    /v1/policies/{name}
operators  POST   /v1/policies/{name}/versions/{version}/activate
operators  POST   /v1/policies/{name}/versions/{version}/retire
rulers     POST   /v1/policies/{name}/judge
operators  GET    /v1/webhooks
operators  GET    /v1/webhooks/{name}
operators  PUT    /v1/webhooks/{name}
operators  DELETE /v1/webhooks/{name}
operators  POST   /v1/webhooks/{name}/replay
operators  POST   /v1/webhooks/{name}/secret
everyone   POST   /v1/events/tickets
everyone   GET    /v1/events
nobody     GET    /healthz
nobody     GET    /readyz
nobody     GET    /metrics
everyone   GET    /v1/me
everyone   POST   /v1/login
nobody     DELETE /v1/login
openers    POST   /v1/transfers
openers    POST   /agent/transfers
everyone   GET    /agent/tasks/{task_id}
openers    POST   /requests
tellers    POST   /requests/{request_id}/process
everyone   GET    /requests/{request_id}
openers    POST   /loans/apply
workers    POST   /loans/{application_id}/decision
everyone   GET    /loans/{application_id}
openers    GET    /clients/{client_id}/context
openers    POST   /audit/recommendation
"""
# Answered without a place in the document of the API: pages, what describes the API, and files that are named one by one.
UNLISTED = """
GET  /
GET  /asyncapi.json
GET  /docs
GET  /openapi.json
GET  /static/{name}
GET  /ui
GET  /ui/{_view}
HEAD /static/{name}
HEAD /v1/claims/stream
HEAD /v1/events
"""
FIELDS = """
AgentChange: capabilities owner reason role
Application: amount applicant_name currency customer_id debts_monthly from_account income_monthly memo purpose
Application: term_months to_account
Batch_DecisionItem_: items
Batch_FailureItem_: items
Batch_HeartbeatItem_: items
Batch_NeedItem_: items
Batch_RejectionItem_: items
Batch_ReleaseItem_: items
Because: reason
BulkCase: after business_key due_at idempotency_key payload priority start_at workflow
CaseBatch: items
ClaimRequest: capabilities claim_id lease_s limit session_id wait_s
DecisionItem: confidence evidence fence outcome policy reads reasons result seen shown task_id
EventFilter: agent capability case stage type workflow
FactBatch: fence items task_id
FactBody: confidence fence inputs model prompt_digest source source_class task_id tool valid_from valid_until value
Failure: delay_s fence reason retryable
FailureItem: delay_s fence reason retryable task_id
FencedDecision: confidence evidence fence outcome policy reads reasons result seen shown
FencedOpinion: confidence evidence fence reads reasons score verdict
Forwarding: fence reason to
Heartbeat: fence lease_s progress
HeartbeatItem: fence lease_s progress task_id
HoldOn: kind name reason
LoanDecision: approved reason
Memory: values
NeedInput: fact fence reason
NeedItem: fact fence reason task_id
NewAction: fence kind payload undoes
NewAgent: capabilities kind name owner role
NewCase: after business_key due_at payload priority start_at workflow
NewDelegation: capability from reason to until
NewEvent: client_id event_type payload
NewFact: confidence expect inputs key model prompt_digest source source_class tool valid_from valid_until value
NewKey: agent amount_max capabilities certificate currency expires_at issuer not_before note subject verbs workflows
NewLeave: agent duty minutes reason
NewPayment: agent_name amount currency destination_account memo source_account task_id
NewPolicy: policy reason
NewQuota: amount_field capability ceiling kind name per per_second workflow
NewRequest: client_id payload request_type
NewSchedule: cron new_case zone
NewSession: about session_id
NewTransfer: amount currency customer_id from_account_id memo session_id to_account_id
NewWebhook: filter reason state url
Proposal: expires_in_s fence kind payload undoes
Question: fact fence question to
Raising: fence reason
RateLimit: burst key_id name per per_second route
Rejection: fence reason
RejectionItem: fence reason task_id
Release: fence reason
ReleaseItem: fence reason task_id
Replay: after dead reason
Resolution: outcome reason
ReviewDecision: confidence evidence fence outcome policy reads reasons result seen shown
Rotation: overlap_s
Said: reason version
Settlement: difference fence receipt state
Signal: body
TicketRequest: filters
Trial: inputs version
"""
# But for these: which version of a policy is to judge is for its caller to say.
ASKED = frozenset({("POST /v1/policies/{name}/judge", "version")})
# What no body has: it is found from the key, or decided by the board.
NEVER = (
    "tenant",
    "tenant_id",
    "owner",
    "holder",
    "agent_id",
    "effect_key",
    "role",
    "case_id",
    "opened_by",
    "digest",
    "authorized_by",
)
# But an admin says of another agent whose it is and what it is.
SAID_BY_ADMINS = {(model, field) for model in ("AgentChange", "NewAgent") for field in ("owner", "role")}
_WHY = {"reason": "a look is taken"}
# Requests beside those of `WRITES`, with ids of a furnished board.
EXAMPLES: dict[str, Any] = {
    "POST /v1/cases": {"workflow": "small", "payload": {"customer": "C-1"}},
    "POST /v1/cases/$case/cancel": _WHY,
    # Beside a task it is work on the task, and for those who work.
    "POST /v1/cases/$case/facts": {"items": [{"key": "a", "value": 1}]},
    "POST /v1/claims": {"capabilities": ["first"], "wait_s": 0},
    "POST /v1/tasks/$task/heartbeat": {"fence": 1},
    "POST /v1/tasks/$task/decision": {"fence": 1, "outcome": "approve", "reasons": ["ok"]},
    "POST /v1/tasks/$task/fail": {"fence": 1, **_WHY, "retryable": True},
    "POST /v1/tasks/$task/release": {"fence": 1},
    "POST /v1/tasks/$task/actions/propose": {"fence": 1, "kind": "pay", "payload": {"amount": "1.00"}},
    "POST /v1/tasks/$task/actions/$task/settlement": {"fence": 1, "state": "executed", "receipt": {"number": 1}},
    "POST /v1/sessions": {"session_id": "$task"},
    "PUT /v1/sessions/$task/heartbeat": None,
    "DELETE /v1/sessions/$task": None,
    "POST /v1/policies/drafted/judge": {"inputs": {"amount": "1"}},
    "POST /v1/events/tickets": {},
    "POST /v1/login": None,
    "DELETE /v1/login": None,
    "POST /agent/transfers?wait_s=0": {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "1.00"},
    "POST /requests/1/process?wait_s=0": None,
    "POST /loans/1/decision": {"approved": True, "reason": "known"},
    "GET /v1/claims/stream?capability=first": None,
    "GET /v1/reviews/$review": None,
    "GET /v1/webhooks/erp": None,
    "GET /v1/policies/drafted": None,
    "GET /v1/cases/$case/facts/known": None,
    "GET /agent/tasks/one": None,
    "GET /requests/1": None,
    "GET /loans/1": None,
    "GET /clients/C-1/context?wait_s=0": None,
}
_PLACES = {"{case_id}": "$case", "{task_id}": "$task"}


def permitted() -> dict[str, frozenset[str] | None]:
    """Who may use each route, by role; None where no key is asked for."""
    told = (line.split() for line in ROUTES.strip().splitlines())
    return {f"{method} {path}": frozenset(WHO[who].split()) if WHO[who] else None for who, method, path in told}


def fields() -> dict[str, set[str]]:
    """The fields that each model of a body may have."""
    found: dict[str, set[str]] = {}
    for line in FIELDS.strip().splitlines():
        name, _, names = line.partition(":")
        found.setdefault(name, set()).update(names.split())
    return found


def example(route: str, requests: dict[str, Any]) -> str:
    """The request among these that is of a route; a plain read is made up."""
    method, path = route.split()
    pattern = re.compile(re.sub(r"\\{[^}]+\\}", "[^/?]+", re.escape(route)) + r"(\?.*)?")
    found = next((each for each in requests if pattern.fullmatch(each)), None)
    if found is None and method == "GET":
        for place, name in _PLACES.items():
            path = path.replace(place, name)
        found = f"{method} {path}"
    assert found and "{" not in found, f"{route} has no example in tests/security/access.py"
    return found
