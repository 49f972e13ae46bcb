"""What can go wrong, as one tree.

BlackboardError
├── Refused                the request cannot be done as asked; repeating it unchanged will not help
│   ├── Malformed          the body is not clean JSON
│   ├── Invalid            a value is not what it must be (says which and what it should look like)
│   ├── NotFound           no such case, task, workflow or action in this tenant
│   ├── Expired            the cursor is older than the oldest event that is kept
│   │   └── Rewound        the journal has lost what the cursor stands after
│   ├── NotPermitted       the credential may not do this
│   │   ├── DutyClash      what its person did on the case keeps it from this
│   │   ├── SignInAgain    the person at the browser must show the key once more
│   │   └── OutOfScope     the agent may, the key may not (`scope` says which part of it)
│   ├── Unauthenticated    no credential, or one that opens nothing
│   ├── ClaimLost          the fence is stale: expired, reassigned, cancelled, done
│   ├── Conflict           the thing is in a state, or holds bytes, that forbid it
│   │   ├── Duplicate      the business key has a case already
│   │   └── Denied         the action may not be sent now: unauthorized, expired, voided, frozen, …
│   ├── Declined           the case that was asked for came to its end, and the end is no
│   │   └── Unfunded       … for lack of money
│   ├── Stale              another version is there than the write was made for
│   ├── KeyMissing         a write came without an idempotency key
│   ├── KeyReused          the idempotency key was used with another body
│   └── TooLarge           over a limit on size
├── Busy                   try again later; nothing was done
│   ├── KeyRunning         a request with this idempotency key is being worked on
│   ├── TooManyTries       wrong keys came too often from there
│   ├── Overloaded         a limit on waiting callers is reached
│   ├── TooManyRequests    the caller, or its tenant, asks for more than its limits let through
│   └── Unavailable        the database or the board cannot be reached
└── SetupError             this installation is not right; a person must act
    ├── MigrationError     a migration was edited, or cannot be applied
    └── DatabaseMismatch   wrong server version, role or schema

Each class has a stable `code`: the last part of the problem type over HTTP, and what scripts should compare.
`api/problems.py` maps each to a status; a test holds that the map is complete.
"""

from typing import ClassVar


class BlackboardError(Exception):
    """Anything that the board refuses or cannot do. `detail` says what to do about it."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class Refused(BlackboardError):
    """The request cannot be done as asked."""

    code = "refused"


class Malformed(Refused):
    """The body is not clean JSON."""

    code = "malformed"


class Invalid(Refused):
    """A value is not what it must be."""

    code = "invalid"


class NotFound(Refused):
    """No such thing in this tenant."""

    code = "not-found"


class Expired(Refused):
    """The cursor is older than the oldest event that is kept: what came after it cannot be told without a gap."""

    code = "expired-cursor"


class Rewound(Expired):
    """The cursor is of a history that the server did not keep: a failover that lost commits, or a restored backup."""

    code = "rewound-cursor"


class NotPermitted(Refused):
    """The credential may not do this."""

    code = "not-permitted"


class DutyClash(NotPermitted):
    """What the caller's person did on this case keeps it from this: somebody else must."""

    code = "duties"


class SignInAgain(NotPermitted):
    """What approves of something needs a login that is fresh: the person must show the key once more."""

    code = "sign-in-again"


class OutOfScope(NotPermitted):
    """The agent may do this, and its key may not: `scope` says which part of the key's scope stands in the way."""

    code = "out-of-scope"


class Unauthenticated(Refused):
    """No credential, or one that opens nothing."""

    code = "unauthenticated"


class ClaimLost(Refused):
    """The fence is stale. `reason` is expired, reassigned, cancelled or done; stop working on the task."""

    code = "claim-lost"

    def __init__(self, detail: str, *, reason: str, **extra: object) -> None:
        super().__init__(detail, reason=reason, **extra)
        self.reason = reason


class Conflict(Refused):
    """The thing is in a state, or holds bytes, that forbid it."""

    code = "conflict"


class Duplicate(Conflict):
    """The business key has a case already."""

    code = "duplicate-business-key"


class Denied(Conflict):
    """The action may not be sent now.

    `reason` is unauthorized, expired, voided, policy_retired, duties, frozen, suspended or velocity.
    """

    code = "denied"

    def __init__(self, detail: str, *, reason: str, **extra: object) -> None:
        super().__init__(detail, reason=reason, **extra)
        self.reason = reason


class Declined(Refused):
    """The case that was asked for came to its end, and the end is no; `outcome` and `reasons` say which and why."""

    code = "declined"


class Unfunded(Declined):
    """Declined because the account does not hold the money."""

    code = "insufficient-funds"


class Stale(Refused):
    """Another version is there than the write was made for; `version` says which."""

    code = "stale"


class KeyMissing(Refused):
    """A write came without an idempotency key."""

    code = "idempotency-key-missing"


class KeyReused(Refused):
    """The idempotency key was used with another body."""

    code = "idempotency-key-reused"


class TooLarge(Refused):
    """Over a limit on size."""

    code = "too-large"


class Busy(BlackboardError):
    """Try again later; nothing was done."""

    code = "busy"


class KeyRunning(Busy):
    """A request with this idempotency key is being worked on."""

    code = "idempotency-key-running"


class TooManyTries(Busy):
    """Somebody guessed wrong here too often; wait, or come from elsewhere."""

    code = "too-many-tries"


class Overloaded(Busy):
    """A limit on waiting callers is reached."""

    code = "overloaded"


class TooManyRequests(Busy):
    """The caller, or its tenant, asks for more than its limits let through. `retry_after_s` says when to come back.

    `is_deaf`: it came before the moment that it was told; `standing` is for the header fields of the answer.
    """

    code = "rate-limited"

    def __init__(self, detail: str, *, retry_after_s: int = 1, standing: object = None, is_deaf: bool = False) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.standing = standing
        self.is_deaf = is_deaf


class Unavailable(Busy):
    """The database or the board cannot be reached."""

    code = "unavailable"


class SetupError(BlackboardError):
    """The installation is not right; a person must act."""

    code = "setup"


class MigrationError(SetupError):
    """A migration was edited, or cannot be applied."""

    code = "migration"


class DatabaseMismatch(SetupError):
    """Wrong server version, role or schema."""

    code = "database-mismatch"
