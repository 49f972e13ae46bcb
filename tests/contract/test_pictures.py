"""The pages show the workflows as they are."""

import re
from pathlib import Path

from blackboard import drawing, workflow

CHECKOUT = Path(__file__).parents[2]
WORKFLOWS = CHECKOUT / "agents" / "workflows"
PAGES = sorted((CHECKOUT / "docs").glob("*.md"))


def test_every_picture_is_of_todays_workflow() -> None:
    """`make pictures` draws them anew."""
    fresh = {page: drawing.refresh(page.read_text(), lambda name: workflow.load(WORKFLOWS / f"{name}.yaml")) for page in PAGES}

    assert [page.name for page in PAGES if fresh[page] != page.read_text()] == []


def test_every_mark_on_a_page_is_closed_and_names_a_workflow() -> None:
    """A place that is marked wrongly would show an old picture for ever."""
    opened = {page: re.findall(r"<!-- workflow: ?(.*?) ?-->", page.read_text()) for page in PAGES}
    closed = {page: page.read_text().count("<!-- /workflow -->") for page in PAGES}

    assert {page: len(names) for page, names in opened.items()} == closed
    assert [name for names in opened.values() for name in names if not (WORKFLOWS / f"{name}.yaml").exists()] == []
