"""What members of many events are."""

from typing import Any

from pydantic import Field


def fence() -> Any:
    """The fence of a claim."""
    return Field(description="Counts the claims on the task; a write under an older one is refused.")


def said() -> Any:
    """A reason in somebody's words."""
    return Field(description="Why, as the caller said.")


def version() -> Any:
    """The version of a case."""
    return Field(description="Of the case; rises with every change of it.")
