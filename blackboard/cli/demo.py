"""`blackboard demo`: a story told on the board that runs here, while it happens."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import OTHERWISE, AsJson, emit, hush, progress_bar, run, say, table

if TYPE_CHECKING:
    from blackboard.play import Ending, Moment
    from blackboard.scenario import Scenario

ALL = "all"
SCENARIOS = Path(__file__).parents[2] / "agents" / "scenarios"
PAUSE_S = 1.2
# What happens all the time, and would hide the story.
_QUIET = frozenset({"task.ready", "task.claimed", "task.waiting", "task.scheduled", "action.proposed", "opinion.given"})

Data = Annotated[Path, typer.Option(envvar="BLACKBOARD_DATA", help="The data folder of the board that runs here.")]


def demo(
    name: Annotated[str | None, typer.Argument(metavar="NAME|all", help="Which story; left out, they are listed.")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Without pauses for reading.")] = False,
    data: Data = Path(".blackboard"),
    scenarios: Annotated[Path, typer.Option(help="Folder with the stories.")] = SCENARIOS,
    as_json: AsJson = False,
) -> None:
    """Tell a story on the board that runs here: real cases, agents and bookings. Exit 0 when it ended as told, 4 otherwise."""
    from blackboard import scenario

    async def work() -> int:
        stories = scenario.load_all(scenarios)
        if name is None:
            return _list(stories, as_json=as_json)
        chosen = [story for story in stories if name in (story.name, ALL)]
        if not chosen:
            raise typer.BadParameter(f"no story {name}; there are {', '.join(story.name for story in stories)}, and all")
        endings = await _play(chosen, data, pause_s=0 if fast or as_json else PAUSE_S, as_json=as_json)
        return 0 if all(ending.as_told for ending in endings) else OTHERWISE

    run(work())


async def _play(stories: "list[Scenario]", data: Path, *, pause_s: float, as_json: bool) -> "list[Ending]":
    from blackboard.cast import Cast
    from blackboard.play import Play

    endings = []
    hush()
    async with Cast(data) as cast:
        for story in stories:
            if not as_json:
                _say(f"\n{story.title}", "bold underline")
                _say(story.about, "italic")
            with progress_bar() as tell:
                play = Play(story, cast, _emit if as_json else _tell, pause_s=pause_s, tell=tell)
                endings.append(ending := await play.run())
            _end_json(ending) if as_json else _end(ending)
    return endings


def _list(stories: "list[Scenario]", *, as_json: bool) -> int:
    if as_json:
        emit([{"name": story.name, "title": story.title, "about": story.about} for story in stories])
    else:
        table("", ("story", "title", "what happens"), [(story.name, story.title, story.about) for story in stories])
    return 0


def _tell(moment: "Moment") -> None:
    """A line, as it happens."""
    if moment.kind == "told":
        _say(f"\n{moment.text}", "bold")
    elif moment.kind == "found":
        _say(f"  ✓ {moment.case}: {moment.text}", "green")
    elif moment.event and moment.event.type not in _QUIET:
        event = moment.event
        told = event.data
        words = [str(told.get(name) or "") for name in ("outcome", "by_outcome", "key", "reason")]
        reasons = ", ".join(told.get("reasons") or [])
        said = "  ".join(dict.fromkeys(filter(None, [*words, reasons])))
        line = f"  {event.time:%H:%M:%S}  {moment.case:10} {event.type:17} {event.stage or '':14} {event.actor:14} {said}"
        _say(line.rstrip(), "dim")


def _end(ending: "Ending") -> None:
    if ending.left_out:
        _say(f"\nleft out: {ending.left_out}", "yellow")
        return
    if ending.problem:
        _say(f"\n✗ {ending.scenario} did not end as told: {ending.problem}", "red")
    else:
        _say(f"\n✓ {ending.scenario} ended as told", "green")
    for name, case_id in ending.cases.items():
        _say(f"  {name:10} blackboard explain {case_id}", "")


def _say(text: str, style: str) -> None:
    """A line, below an empty one where it begins with a break."""
    if text.startswith("\n"):
        say()
    say(text.removeprefix("\n"), style)


def _emit(moment: "Moment") -> None:
    if moment.event:
        emit({"event": moment.event.model_dump(mode="json"), "case": moment.case})
    else:
        emit({moment.kind: moment.text, "case": moment.case})


def _end_json(ending: "Ending") -> None:
    emit({**ending._asdict(), "as_told": ending.as_told, "cases": {name: str(case) for name, case in ending.cases.items()}})
