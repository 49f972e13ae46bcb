"""The bank's sanctions list, searched by name: `GET /v2/search` in the shape of Moov Watchman."""

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from fastapi import Query

from agents.bank.door import counter
from agents.bank.models import Frozen
from agents.bank.screening import Entity, EntityType, Found, OtherNames
from agents.names import SANCTIONS, similarity

LIST = "sandbox"

router = counter()


class Listed(Frozen):
    """An entry of the list."""

    id: str
    type: EntityType
    name: str
    aliases: tuple[str, ...] = ()

    def resemblance(self, name: str) -> Entity:
        """The entry as the answer has it, with how much it resembles a name under any of its own."""
        alike = max(similarity(name, spelling) for spelling in (self.name, *self.aliases))
        others = {"person" if self.type == "person" else "business": OtherNames(alt_names=list(self.aliases))}
        return Entity(
            name=self.name,
            entity_type=self.type,
            source_list=LIST,
            source_id=self.id,
            match=round(alike / 100, 4),
            **others,
        )


@router.get("/v2/search", response_model_by_alias=True)
async def search(
    name: Annotated[str, Query(min_length=1, max_length=200)],
    kind: Annotated[EntityType | None, Query(alias="type")] = None,
    min_match: Annotated[float, Query(alias="minMatch", ge=0, le=1)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Found:
    """Who on the list resembles a name, the best match first. Without `type` everybody is looked at."""
    looked_at = [entry.resemblance(name) for entry in _entries() if kind in {None, entry.type}]
    found = sorted((entity for entity in looked_at if entity.match >= min_match), key=lambda entity: -entity.match)
    return Found(entities=found[:limit])


@cache
def _entries(path: Path = SANCTIONS) -> list[Listed]:
    """The list that ships."""
    return [Listed.model_validate(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["names"]]
