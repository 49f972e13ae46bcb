"""Which limits are about a request, what it costs, and how a caller stands."""

import pytest

from api.toll import cost_of, rank_of
from blackboard.admission import Crowd, Rank
from blackboard.errors import Overloaded
from blackboard.rate_limit import RateLimit, in_force
from blackboard.rates import Standing, applying
from blackboard.values import Principal

OPEN = "POST /v1/cases"
ALL = RateLimit(name="tenant", per="tenant", per_second=10)
EACH = RateLimit(name="key", per="key", per_second=5)
MINE = RateLimit(name="mine", per="key", key_id="k1", per_second=50)
OPENING = RateLimit(name="opening", per="key", route=OPEN, per_second=1)


def somebody(key: str = "k1", tenant: int = 1, role: str = "requester") -> Principal:
    told = {"tenant_id": tenant, "tenant": "t", "agent_id": 1, "agent": "a", "owner": "o", "role": role}
    return Principal.model_validate({**told, "capabilities": (), "key_id": key})


def test_what_names_a_key_goes_before_what_is_said_of_all_keys() -> None:
    """On the same route; a limit of another route stands beside it."""
    limits = [ALL, EACH, MINE, OPENING]

    assert [limit.name for limit in applying(limits, "k1", OPEN)] == ["tenant", "mine", "opening"]
    assert [limit.name for limit in applying(limits, "k2", "GET /v1/cases")] == ["tenant", "key"]


def test_a_usual_limit_holds_until_one_of_its_name_is_set() -> None:
    """Then that one does."""
    told = in_force([EACH, OPENING])

    assert [(limit.name, limit.is_usual) for limit in told] == [("tenant", True), ("key", False), ("opening", False)]


@pytest.mark.parametrize(
    ("route", "body", "cost"),
    [
        ("GET /v1/tasks/{task_id}", None, 1),
        ("POST /v1/decisions", {"items": [{}] * 500}, 51),
        ("POST /v1/claims", {"limit": 100}, 11),
        ("POST /v1/claims", {"limit": True}, 1),
        ("POST /v1/claims", {"limit": -(10**30)}, 1),
        ("POST /v1/claims", {"limit": 10**30}, 101),
        ("POST /v1/decisions", [1] * 500, 1),
        ("GET /v1/events", None, 5),
    ],
)
def test_a_batch_costs_more_than_a_read(route: str, body: object, cost: int) -> None:
    """Whatever else a body says costs nothing."""
    assert cost_of(route, body) == cost


def test_the_header_fields_say_what_is_left_and_when_all_of_it_is_there() -> None:
    """As structured fields."""
    standing = Standing(RateLimit(name="key", per="key", per_second=2, burst=10), 4)

    assert (standing.policy, standing.state) == ('"key";q=10;w=5', '"key";r=4;t=3')


@pytest.mark.item("S43")
def test_new_work_is_refused_first_and_operators_last() -> None:
    """Then looks, then ends of work; who was let in leaves its room to others."""
    crowd, let_in = Crowd(100), []
    for n in range(400):
        try:
            crowd.enter(somebody(f"k{n}", n), list(Rank)[3 - n // 100])
            let_in.append(n)
        except Overloaded:
            continue

    assert [sum(n // 100 == part for n in let_in) for part in range(4)] == [75, 10, 10, 5]
    crowd.leave(somebody("k0", 0))
    crowd.enter(somebody("k0", 0), Rank.OPERATOR)
    assert crowd.inside == 100


@pytest.mark.item("S32")
def test_neither_a_tenant_nor_a_key_can_have_all_the_room() -> None:
    """A key half of it, a tenant three quarters; another tenant is let in."""
    crowd = Crowd(80)
    counts = []
    for key in ("k1", "k2"):
        counts.append(0)
        for _ in range(80):
            try:
                crowd.enter(somebody(key), Rank.OPERATOR)
                counts[-1] += 1
            except Overloaded:
                break
    crowd.enter(somebody("k3", tenant=2), Rank.OPERATOR)

    assert counts == [40, 20]


def test_what_begins_work_ranks_last_whoever_asks() -> None:
    """An operator's own verbs first, what ends work before what looks."""
    boss = somebody(role="admin")

    assert [rank_of(OPEN, boss), rank_of("POST /v1/holds", boss)] == [Rank.NEW_WORK, Rank.OPERATOR]
    assert [rank_of("POST /v1/decisions", somebody()), rank_of("GET /v1/cases", somebody())] == [Rank.ENDS, Rank.READS]
    assert rank_of("POST /v1/tasks/{task_id}/decision", somebody()) is Rank.ENDS
