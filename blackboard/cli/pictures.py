"""Pictures: workflows as flowcharts, printed, or put where a page has a place for them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import REFUSED, run, say

if TYPE_CHECKING:
    from blackboard.workflow import Definition

# The workflows that ship, in a checkout.
WORKFLOWS = Path(__file__).parents[2] / "agents" / "workflows"

What = Annotated[
    list[str], typer.Argument(metavar="WHAT...", help="Workflows, by name or file; or pages (.md) with places for pictures.")
]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; refuse when a page's picture is not of today's workflow.")]


def draw(what: What, check: Check = False) -> None:
    """Draw workflows as Mermaid flowcharts; in pages anew, from `<!-- workflow: NAME -->` to `<!-- /workflow -->`."""
    from blackboard import drawing
    from blackboard.errors import NotFound

    async def work() -> int:
        stale = []
        for each in what:
            if not each.endswith(".md"):
                for line in drawing.draw(_find(each)).splitlines():
                    say(line, whole=True)
                continue
            if not Path(each).is_file():
                raise NotFound(f"There is no page {each}.")
            page = Path(each).read_text(encoding="utf-8")
            fresh = drawing.refresh(page, _find)
            if fresh != page:
                stale.append(each)
            if fresh != page and not check:
                Path(each).write_text(fresh, encoding="utf-8")
        if stale:
            say(f"{'stale' if check else 'drawn anew'}: {', '.join(stale)}", err=True)
        return REFUSED if check and stale else 0

    run(work())


def _find(what: str) -> "Definition":
    """A workflow by its file, or by the name under which it ships."""
    from blackboard import workflow
    from blackboard.errors import NotFound

    path = Path(what) if what.endswith((".yaml", ".yml")) else WORKFLOWS / f"{what}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(shipped.stem for shipped in WORKFLOWS.glob("*.yaml"))) or "none"
        raise NotFound(f"There is no workflow {what}. Give a file, or one of: {known}.")
    return workflow.load(path)
