"""Finds and reads the SQL of `schema/`: inside the wheel as data, beside the package in a checkout.

Standard library only, so that a file can be read from an installed wheel with nothing else around it.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def folder() -> Traversable:
    """The folder that holds the SQL files."""
    packaged = files("blackboard") / "schema"
    if packaged.is_dir():
        return packaged
    return Path(__file__).parent.parent / "schema"


def names() -> list[str]:
    """The names of all SQL files, sorted."""
    return sorted(entry.name for entry in folder().iterdir() if entry.name.endswith(".sql"))


def read(name: str) -> str:
    """The text of one SQL file, e.g. `read("functions_claim.sql")`."""
    return (folder() / name).read_text(encoding="utf-8")
