"""A prompt as a file: a header with name, version and the reasons that may be given, then the text. Its digest says which."""

import hashlib
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field

from blackboard.errors import Invalid
from blackboard.values import Frozen, Name, ReasonCode

FOLDER = Path(__file__).parent / "prompts"


class Prompt(Frozen):
    """What a model is told to be. Nothing of a case is ever put into it."""

    name: Name
    version: Annotated[int, Field(ge=1)]
    reasons: Annotated[list[ReasonCode], Field(min_length=1, max_length=50)]
    text: Annotated[str, Field(min_length=1)]
    digest: str

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read one; `Invalid` says what its header lacks."""
        whole = path.read_text(encoding="utf-8")
        opening, _, rest = whole.partition("---\n")
        header, fence, text = rest.partition("\n---\n")
        if opening or not fence:
            raise Invalid(f"{path}: a prompt begins with a header between two lines of ---: name, version, reasons")
        return cls(text=text.strip(), digest=hashlib.sha256(whole.encode()).hexdigest(), **yaml.safe_load(header))

    @property
    def reference(self) -> str:
        """As it stands in what was written under it."""
        return f"prompt:{self.name}@{self.version}:{self.digest[:16]}"
