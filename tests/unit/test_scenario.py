"""Stories as data: what is read, what is refused, and what placeholders become."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from blackboard import placeholders, scenario, workflow
from blackboard.errors import Invalid

CHECKOUT = Path(__file__).parents[2]
TODAY = date(2026, 3, 1)
STORY: dict[str, Any] = {
    "name": "small",
    "title": "A small story",
    "about": "Nothing much.",
    "steps": [
        {"tell": "It begins.", "open": {"workflow": "transfer", "payload": {"memo": "${run}"}}},
        {"expect": {"outcome": "executed"}},
    ],
}


def read(**changes: Any) -> scenario.Scenario:
    """The story with something else in it."""
    return scenario.parse(yaml.safe_dump({**STORY, **changes}))


def test_every_story_that_is_shipped_can_be_read_and_speaks_of_workflows_that_exist() -> None:
    """Those it opens, those it finds, those it puts load on; and each names itself as its file does."""
    workflows = {workflow.load(path).name for path in (CHECKOUT / "agents" / "workflows").glob("*.yaml")}
    stories = scenario.load_all(CHECKOUT / "agents" / "scenarios")
    opened = {step.open.workflow for story in stories for step in story.steps if step.open}
    loaded = {mix.workflow for story in stories for mix in story.load}

    assert {"transfer", "loan"} <= {story.name for story in stories}
    assert (opened | loaded) - workflows == set()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [{"expect": {"outcome": "executed"}}]}, "step 1 speaks of 'case', which no step before it gives"),
        ({"steps": [{}]}, "a step tells something, or does one of open"),
        ({"steps": [STORY["steps"][0]]}, "no step says what is expected"),
        ({"steps": [{**STORY["steps"][0], "clock": {"days": 1}}]}, "a step does one thing, not open and clock"),
        ({"steps": [STORY["steps"][0], {"expect": {}}]}, "expect either an outcome or a stage"),
        ({"steps": [{"tell": "${nobody.name}"}, *STORY["steps"]]}, "step 1 speaks of 'nobody'"),
        ({"steps": [{"tell": "${not a word}"}, *STORY["steps"]]}, "cannot be read"),
        ({"steps": [*STORY["steps"], {"bank": {"path": "no slash"}}]}, "path"),
        ({"needs": ["luck"]}, "needs"),
        ({"cast": {"payer": []}}, "cast.payer"),
        ({"author": "me"}, "author"),
    ],
)
def test_what_is_wrong_with_a_story_is_said_with_the_place(changes: dict[str, Any], says: str) -> None:
    """And nothing of it is played."""
    with pytest.raises(Invalid, match=says):
        read(**changes)


def test_a_file_that_is_no_story_is_refused(tmp_path: Path) -> None:
    """Missing, no YAML, too large, or under another name."""
    for name, text, says in [
        ("broken.yaml", "steps: [", "not YAML"),
        ("list.yaml", "- 1", "the whole"),
        ("large.yaml", "#" * (scenario.MAX_SCENARIO_BYTES + 1), "larger than"),
        ("other.yaml", yaml.safe_dump(STORY), "name the file small.yaml"),
    ]:
        (tmp_path / name).write_text(text)
        with pytest.raises(Invalid, match=says):
            scenario.load(tmp_path / name)
    with pytest.raises(Invalid, match="cannot be read"):
        scenario.load(tmp_path / "missing.yaml")


def test_a_placeholder_alone_keeps_its_type_and_among_words_becomes_text() -> None:
    """Also inside lists and objects; what is no text stays as it is."""
    known = {"run": "ab12", "loan": {"number": 7, "result": {"ids": ["L-1", "L-2"]}}}
    document = {"a": "${loan.number}", "b": ["no ${loan.number} of ${run}", 3], "c": {"d": "${loan.result.ids.1}"}, "e": None}

    assert placeholders.fill(document, known, TODAY) == {"a": 7, "b": ["no 7 of ab12", 3], "c": {"d": "L-2"}, "e": None}


def test_days_are_counted_from_today() -> None:
    """Over ends of months and years."""
    days = ["${today}", "${today+31}", "${today-60}"]

    assert placeholders.fill(days, {}, TODAY) == ["2026-03-01", "2026-04-01", "2025-12-31"]


@pytest.mark.parametrize(
    "word", ["${loan.missing}", "${loan.result.ids.9}", "${loan.number.x}", "${other}", "${loan.result.ids.x}"]
)
def test_a_placeholder_that_stands_for_nothing_is_named(word: str) -> None:
    """With the part that is not there."""
    with pytest.raises(Invalid, match="stands for nothing"):
        placeholders.fill({"x": word}, {"loan": {"number": 7, "result": {"ids": []}}}, TODAY)
