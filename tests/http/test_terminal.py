"""The terminal as a person sits at it: real commands at pseudo-terminals, on a board that listens."""

import re
from contextlib import AbstractAsyncContextManager

from tests.http.conftest import Api
from tests.sitting import LEAVE_SCREEN, SHOW_CURSOR, Sitting, sit
from tests.sql.reviews import begin


def at(board: Api, *words: str, who: str = "auditor", columns: int = 80) -> AbstractAsyncContextManager[Sitting]:
    """Somebody's command on this board."""
    return sit(*words, columns=columns, BLACKBOARD_URL=board.url, BLACKBOARD_KEY=board.scene.keys[who])


def widest(text: str) -> int:
    """The longest line."""
    return max(len(line) for line in re.split(r"[\r\n]+", text))


def is_left_clean(sitting: Sitting) -> bool:
    """The old screen and the cursor are back, and keys do what they did."""
    terminal = sitting.terminal
    return terminal.raw.rindex(LEAVE_SCREEN) > 0 and SHOW_CURSOR in terminal.raw and terminal.is_as_before


async def test_watch_and_top_change_while_one_looks_and_leave_the_terminal_as_it_was(shared: Api) -> None:
    """At 80 and at 200 columns, ended by q, by Ctrl-C and by Escape; a case that is opened and moves is seen at once."""
    name = "customer " + "x" * 300
    async with at(shared, "watch") as narrow, at(shared, "watch", columns=200) as wide, at(shared, "top") as top:
        for sitting in (narrow, wide):
            await sitting.until("0 open", "q quits")
        await top.until("queues: none", "reviews: 0 open", "q quits")
        case = await shared.scene.open(payload={"customer": name})
        for sitting in (narrow, wide):
            await sitting.until("1 open", "small", "first", "asked for it", str(case.id)[-8:])
        await top.until("queues (1)", "1 opened")
        (task,) = await shared.scene.claim()
        await shared.scene.decide(task, "reject")
        for sitting in (narrow, wide):
            await sitting.until("worker", "took first", "because: because", "ended it as rejected", "seen to end: 1 rejected")
        assert (widest(narrow.terminal.text) <= 80, widest(wide.terminal.text) <= 200) == (True, True)
        for sitting, key in ((narrow, "q"), (wide, "\x03"), (top, "\x1b")):
            sitting.press(key)
        codes = [await sitting.ends() for sitting in (narrow, wide, top)]

        assert codes == [0, 130, 0]
        assert [is_left_clean(sitting) for sitting in (narrow, wide, top)] == [True, True, True]


async def test_one_picture_of_top_stays_on_the_screen(shared: Api) -> None:
    """`--once` ends by itself and takes no keys; on no terminal it is the same in plain text."""
    async with at(shared, "top", "--once") as once:
        text = await once.until("reviews: ")

        assert (await once.ends(), once.terminal.is_as_before) == (0, True)
        assert (LEAVE_SCREEN in once.terminal.raw, "q quits" in text) == (False, False)


async def test_a_person_walks_through_reviews_by_the_keyboard(shared: Api) -> None:
    """Each is shown; unclear words, a missing reason and one's own case are refused with why, and nothing is lost."""
    opened = [(await begin(shared.scene))[1] for _ in range(3)]
    async with at(shared, "review", who="vera") as walk, shared.client("auditor") as auditor:
        await walk.until("3 reviews, those due first", "outcomes: approve, again, reject", "quit > ")
        walk.press("a\r")
        await walk.until("a beginning that fits only one is enough", "quit > ")
        walk.press("app\r")
        await walk.until("reason code for approve")
        walk.press("Not A Code\r")
        await walk.until("reasons", "quit > ")
        walk.press("approve\r")
        await walk.until("reason code for approve")
        walk.press("customer_called\r")
        await walk.until("decided: approve", "2 reviews, those due first", "quit > ")
        walk.press("forward\r")
        await walk.until("to whom")
        walk.press("paul\r")
        await walk.until("why?")
        walk.press("my cousin\r")
        await walk.until("forwarded", "1 reviews, those due first", "quit > ")
        walk.press("ask\r")
        await walk.until("the fact that will be the answer?")
        walk.press("invoice\r")
        await walk.until("the question?")
        walk.press("Which invoice?\r")
        await walk.until("whom (empty: anybody)?")
        walk.press("\r")
        await walk.until("asked", "Nothing else waits for you.")
        assert await walk.ends() == 0
        told = [await auditor.show_task(task) for task in opened]
        states = sorted((task.decision.by if task.decision else "", task.state) for task in told)

    assert states == [("", "ready"), ("", "waiting"), ("vera", "done")]


async def test_what_a_person_may_not_decide_is_refused_with_why(shared: Api) -> None:
    """One's own case is not in the walk, and not decided by its id; Ctrl-D ends a walk without deciding."""
    _, task = await begin(shared.scene)
    async with (
        at(shared, "review", str(task), "approve", "--reason", "known", who="karl") as own,
        at(shared, "review", who="dina") as nobody,
        at(shared, "review", who="paul") as walk,
    ):
        await own.until("excluded from this review")
        await nobody.until("Nothing waits for you.")
        await walk.until("quit > ")
        walk.press("\x04")
        codes = [await sitting.ends() for sitting in (own, nobody, walk)]
        state = await shared.scene.state(task)

    assert (codes, state) == ([1, 0, 130], "ready")


async def test_what_one_waits_for_shows_a_sign_of_life(shared: Api) -> None:
    """`submit --wait` says where the case is and for how long; `Ctrl-C` leaves the case as it is."""
    async with at(shared, "submit", "small", "--payload", '{"customer": "C-9"}', "--wait", who="requester") as waiting:
        await waiting.until("case ", "small is at first", "0:00:0")
        waiting.press("\x03")

        assert (await waiting.ends(), SHOW_CURSOR in waiting.terminal.raw) == (130, True)
