"""The README stays true."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic_settings import BaseSettings

from blackboard import policy_check, workflow
from blackboard.cli.commands import PANELS
from blackboard.config import ProvisionSettings, ServiceSettings
from blackboard.whereabouts import Whereabouts

README = (Path(__file__).parents[2] / "README.md").read_text()


@pytest.mark.parametrize("settings", [ServiceSettings, ProvisionSettings, Whereabouts])
def test_every_setting_is_in_the_readme(settings: type[BaseSettings | Whereabouts]) -> None:
    """With its name as the environment has it."""
    fields = settings.model_fields if issubclass(settings, BaseSettings) else Whereabouts._fields
    names = [name if name == "database_url" else f"blackboard_{name}" for name in fields]

    assert [name.upper() for name in names if f"`{name.upper()}`" not in README] == []


def test_every_command_is_in_the_readme_or_the_changelog() -> None:
    """A command that nobody tells of does not exist."""
    told = README + (Path(__file__).parents[2] / "CHANGELOG.md").read_text()
    commands = [name for panel in PANELS.values() for name in panel]

    assert [name for name in commands if not re.search(rf"\b{name}\b", told)] == []


def test_the_workflows_and_policies_shown_are_what_the_board_takes() -> None:
    """As the board reads them, and checks them."""
    shown = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    rules = [yaml.safe_load(text) for text in shown if "\ntables:" in text]
    workflows = [workflow.parse(text) for text in shown if "\ntables:" not in text]

    assert [found.name for found in workflows] == ["loan", "payment"]
    assert [(document["name"], policy_check.check(document)) for document in rules] == [("small_loan", ([], []))]


def test_the_python_shown_is_python() -> None:
    """And names only what the package has."""
    for text in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        for line in text.splitlines():
            if line.startswith("from blackboard"):
                exec(line, {})  # noqa: S102  # the line is ours, and this is what a reader does with it
        compile(text, "README.md", "exec")


def test_every_link_leads_somewhere() -> None:
    """In every page."""
    root = Path(__file__).parents[2]
    pages = [*root.glob("*.md"), *root.glob("[!.]*/*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text())]

    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []
