"""A workflow as a picture: the text of a Mermaid flowchart, which many pages that show Markdown draw.

    print(draw(workflow.load(Path("agents/workflows/loan.yaml"))))

Pure, and the same for the same workflow. What a stage is shows in its shape: work is a box, a person's review a hexagon, a
panel a box with double sides, what comes from outside a flag, what time brings a circle, another case a trapezoid,
reconciliation a drum, and an end is round. A thick edge permits an action; a dotted one is the board's own: time ran out, or
attempts did.
"""

import re
from collections.abc import Callable, Iterator

from blackboard.review import TIMED_OUT
from blackboard.stage import Route, Stage
from blackboard.workflow import Definition

RECONCILIATION = "reconciliation"
_BOARDS_OWN = frozenset({"timeout", "exhausted", TIMED_OUT})
# What Mermaid, or the Markdown around it, would read as something else than text.
_ESCAPED = {character: f"#{ord(character)};" for character in '#"&<>`|\\[]{}()%;'}
_PLACE = re.compile(r"(?P<begin><!-- workflow: (?P<name>[a-z][a-z0-9._-]*) -->)\n.*?(?P<end><!-- /workflow -->)", re.DOTALL)


def draw(definition: Definition) -> str:
    """The flowchart."""
    nodes = {name: f"s{n}" for n, name in enumerate(definition.stages)}
    ends = {end: f"e{n}" for n, end in enumerate(_ends(definition))}
    lines = ["flowchart TD", f"  begin(( )) --> {nodes[definition.start]}"]
    lines += [f"  {nodes[name]}{_shaped(name, stage)}" for name, stage in definition.stages.items()]
    lines += [f'  {node}(["{_text(end)}"])' for end, node in ends.items()]
    for name, stage in definition.stages.items():
        lines += [
            f"  {nodes[name]} {arrow} {nodes[route.to] if route.to else ends[str(route.end)]}"
            for arrow, route in _arrows(stage)
        ]
    return "\n".join(lines) + "\n"


def refresh(page: str, find: Callable[[str], Definition]) -> str:
    """A page whose marked places, `<!-- workflow: NAME -->` to `<!-- /workflow -->`, are drawn anew."""

    def drawn(place: re.Match[str]) -> str:
        return f"{place['begin']}\n```mermaid\n{draw(find(place['name']))}```\n{place['end']}"

    return _PLACE.sub(drawn, page)


def _ends(definition: Definition) -> list[str]:
    """How a case may end, in the order of the stages."""
    return list(dict.fromkeys(r.end for stage in definition.stages.values() for r in _routes(stage).values() if r.end))


def _routes(stage: Stage) -> dict[str, Route]:
    """The outcomes of a stage in the order in which they count."""
    return dict(sorted(stage.outcomes.items(), key=lambda entry: (entry[1].rank, entry[0])))


def _arrows(stage: Stage) -> Iterator[tuple[str, Route]]:
    """An arrow for each way out, with the outcomes that take it, in the order in which they count."""
    ways: dict[tuple[bool, str | None, str | None, str | None], list[str]] = {}
    for outcome, route in _routes(stage).items():
        ways.setdefault((outcome in _BOARDS_OWN, route.authorizes, route.to, route.end), []).append(outcome)
    for (is_boards_own, authorizes, to, end), outcomes in ways.items():
        label = ", ".join(_text(outcome.replace("_", " ")) for outcome in outcomes)
        if authorizes:
            arrow = f'==>|"{label}<br/>permits {_text(authorizes)}"|'
        else:
            arrow = f'{"-.->" if is_boards_own else "-->"}|"{label}"|'
        yield arrow, Route(to=to, end=end)


def _shaped(name: str, stage: Stage) -> str:
    """A stage's name, who works there or what is waited for, and the shape of that."""
    opening, closing, told = _look(stage)
    return f'{opening}"<b>{_text(name)}</b><br/>{told}"{closing}'


def _look(stage: Stage) -> tuple[str, str, str]:
    capabilities = ", ".join(dict.fromkeys(_text(work.capability) for work in (stage.tasks or {}).values()))
    look = "[", "]", capabilities
    if stage.signal is not None:
        look = ">", "]", f"waits for {_text(stage.signal)}"
    elif stage.timer_s is not None:
        look = "((", "))", f"waits {stage.timer_s:g} s"
    elif stage.case is not None:
        look = "[/", "\\]", f"a case of {_text(stage.case)}"
    elif stage.panel is not None:
        look = "[[", "]]", f"a panel of {len(stage.tasks or {})}: {capabilities}"
    elif stage.review is not None:
        look = "{{", "}}", f"a person: {capabilities}"
    elif capabilities == RECONCILIATION:
        look = "[(", ")]", capabilities
    return look


def _text(text: str) -> str:
    """Words that are words and nothing else, whatever is in them."""
    told = "".join(_ESCAPED.get(character, character) if character.isprintable() else " " for character in text)
    # A word that Mermaid knows ends the chart when it stands alone.
    return f"{told} " if told.strip().lower() == "end" else told
