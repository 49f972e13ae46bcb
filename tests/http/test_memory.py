"""What an agent keeps in mind about a subject, over HTTP."""

from blackboard import workflow
from tests.http.conftest import Api
from tests.http.operations import write


async def test_memory_is_there_at_the_next_task_about_the_same_subject(own: Api) -> None:
    """For the agent that kept it alone; null forgets."""
    await own.scene.load(workflow.parse(WITH_SUBJECT))
    async with own.http("worker") as http:
        kept = await write(http, "/v1/memory/C-1", {"values": {"mood": "calm", "calls": 2}}, "PUT")
        await write(http, "/v1/memory/C-1", {"values": {"calls": None}}, "PUT")
    for _ in range(2):
        await own.scene.open("about", {"customer": "C-1"})
    [mine], [theirs] = await own.scene.claim("worker"), await own.scene.claim("rival")

    assert (kept.json(), mine.context.memory, theirs.context.memory) == ({"verdict": "kept"}, {"mood": "calm"}, {})


WITH_SUBJECT = (
    "name: about\ntitle: a\nsubject: customer\npayload: {type: object}\n"
    "stages: {look: {capability: first, outcomes: {done: {end: done}}}}"
)


async def test_memory_is_kept_about_a_subject_with_a_slash(own: Api) -> None:
    """A subject is any text of a payload."""
    await own.scene.load(workflow.parse(WITH_SUBJECT))
    async with own.client("worker") as worker:
        await worker.keep_memory("C/1 ü", {"mood": "calm"})
    await own.scene.open("about", {"customer": "C/1 ü"})
    [task] = await own.scene.claim("worker")

    assert task.context.memory == {"mood": "calm"}
