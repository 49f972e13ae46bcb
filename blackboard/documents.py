"""YAML that somebody hands in: read safely, and refused where it would grow, loop or say a thing twice.

A safe loader runs nothing; it still follows aliases, by which a page becomes gigabytes or contains itself, recurses as deep as
the text does, and lets the last of two members win.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from blackboard.errors import Invalid

MAX_DEPTH = 40
# With every alias written out.
MAX_NODES = 50_000
_SCANNER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str, where: str) -> Any:
    """What the text says. `Invalid` names what is wrong with it, and the line."""
    try:
        _Scan().demand_plain(text)
        return yaml.safe_load(text)
    except Invalid as error:
        raise Invalid(f"{where}: {error.detail}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise Invalid(f"{where}: not YAML: {error}") from error


@dataclass
class _Open:
    """A mapping or list that has begun: how many nodes it has by now, and what names stand in it."""

    anchor: str | None
    names: set[str] | None
    nodes: int = 1
    is_name_next: bool = True


@dataclass
class _Scan:
    """Looks through a text without building anything of it."""

    opened: list[_Open] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def demand_plain(self, text: str) -> None:
        """`Invalid` where it is not."""
        for event in yaml.parse(text, Loader=_SCANNER):
            try:
                self._take(event)
            except Invalid as error:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise Invalid(f"{error.detail}, at line {line}.") from error

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self.opened.append(_Open(event.anchor, set() if isinstance(event, yaml.MappingStartEvent) else None))
                if len(self.opened) > MAX_DEPTH:
                    raise Invalid(f"more than {MAX_DEPTH} levels")
            case yaml.CollectionEndEvent():
                done = self.opened.pop()
                self._add(done.anchor, done.nodes)
            case yaml.ScalarEvent():
                self._name(event.value)
                self._add(event.anchor, 1)
            case yaml.AliasEvent():
                if any(each.anchor == event.anchor for each in self.opened):
                    raise Invalid(f"*{event.anchor} stands within itself")
                self._add(None, self.sizes.get(event.anchor or "", 1))

    def _name(self, word: str) -> None:
        """A scalar where the name of a member stands."""
        inside = self.opened[-1] if self.opened else None
        if inside is None or inside.names is None or not inside.is_name_next:
            return
        if word in inside.names:
            raise Invalid(f"{word} is said twice")
        inside.names.add(word)

    def _add(self, anchor: str | None, nodes: int) -> None:
        """A node is complete."""
        if anchor:
            self.sizes[anchor] = nodes
        if nodes > MAX_NODES:
            raise Invalid(f"more than {MAX_NODES} values, with each alias written out")
        if self.opened:
            self.opened[-1].nodes += nodes
            self.opened[-1].is_name_next = not self.opened[-1].is_name_next
