"""Who is on a sanctions list, as the bank's search answers it: in the shape of Moov Watchman's `GET /v2/search`.

Only what is used of that shape is here; its names are kept, so that a real Watchman may stand in the bank's place.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

EntityType = Literal["person", "business", "organization", "aircraft", "vessel"]
A = TypeVar("A")


class Shaped(BaseModel):
    """What the search says; more fields than these are none of ours."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class OtherNames(Shaped):
    """Under which other names somebody is listed."""

    alt_names: Annotated[list[str], Field(alias="altNames")] = []


class Entity(Shaped):
    """Somebody on a list; `match` says how much the name asked for resembles theirs, from 0 to 1."""

    name: str
    entity_type: Annotated[EntityType, Field(alias="entityType")]
    source_list: Annotated[str, Field(alias="sourceList")]
    source_id: Annotated[str, Field(alias="sourceID")]
    person: OtherNames | None = None
    business: OtherNames | None = None
    match: Annotated[float, Field(ge=0, le=1)]


class Found(Shaped):
    """The answer of a search, the best match first."""

    entities: list[Entity]


class Screening:
    """The part of the bank client for whoever must know with whom no business is done."""

    @abstractmethod
    async def _ask(self, path: str, model: type[A], params: Mapping[str, Any] | None = None) -> A:
        """The answer to a question."""

    async def search_sanctions(self, name: str, kind: EntityType, *, least: float = 0.8, limit: int = 10) -> list[Entity]:
        """Who on the lists resembles a name, the best match first; nobody below `least`."""
        params = {"name": name, "type": kind, "minMatch": least, "limit": limit}
        return (await self._ask("/v2/search", Found, params)).entities
