"""The corpus, and the places of every route of the board into which its inputs go."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

KINDS = ("texts", "values", "bodies", "headers", "addresses")
CORPUS = Path(__file__).parent / "corpus"
# Nobody is asked to wait: a number in the corpus may be a minute.
PATIENT = frozenset({"wait_s"})
# Answered by a stream that does not end.
ENDLESS = frozenset({"/v1/claims/stream"})


class Input(NamedTuple):
    """A hostile input, and what is hostile about it."""

    kind: str
    what: str
    text: str


class Place(NamedTuple):
    """Where an input goes: a header, the whole body, or a parameter or member by its name."""

    kind: str
    where: str
    name: str = ""


class Route(NamedTuple):
    """A way to ask the board something."""

    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    body: Any
    schemas: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As people say it."""
        return f"{self.method} {self.path}"


@cache
def corpus() -> tuple[Input, ...]:
    """All inputs, the kinds mixed, always in the same order."""
    found = [_read(kind, line) for kind in KINDS for line in (CORPUS / f"{kind}.jsonl").read_text().splitlines()]
    # A step that shares no factor with their number meets each once.
    return tuple(found[n * 1_009 % len(found)] for n in range(len(found)))


def _read(kind: str, line: str) -> Input:
    what, text, *times = json.loads(line)
    return Input(kind, what, text * times[0] if times else text)


def routes(schema: Mapping[str, Any]) -> list[Route]:
    """Every route of an OpenAPI document that answers and ends."""
    return [
        Route(method.upper(), path, tuple(told.get("parameters", ())), _body(told), schema["components"]["schemas"])
        for path, methods in schema["paths"].items()
        for method, told in methods.items()
        if path not in ENDLESS
    ]


def _body(told: Mapping[str, Any]) -> Any:
    content = told.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema")


def places(route: Route, kind: str) -> list[Place]:
    """Where an input of this kind may go on a route; nowhere, if it has no such place."""
    named = [Place(kind, each["in"], each["name"]) for each in route.parameters if each["name"] not in PATIENT]
    members = [Place(kind, "member", name) for name in _members(route)]
    return {
        "texts": [each for each in named if each.where in ("path", "query")] + members,
        "values": members,
        "bodies": [Place(kind, "body")] if route.body else [],
        "headers": [Place(kind, "header")],
        "addresses": [each for each in named if each.where in ("path", "query")] or [Place(kind, "query", "surprise")],
    }[kind]


def _members(route: Route) -> list[str]:
    shape = _shape(route, route.body) if route.body else {}
    return [*shape.get("properties", {}), "surprise"] if shape else []


def _shape(route: Route, shape: Any) -> Any:
    while "$ref" in shape or "anyOf" in shape:
        shape = route.schemas[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape["anyOf"][0]
    return shape


def asked(route: Route, place: Place, text: str, known: Mapping[str, Any]) -> tuple[str, list[str], bytes | None]:
    """The address, the headers and the body that carry an input; all else is as it should be."""
    spot = (place.where, place.name)
    written = text if place.kind == "addresses" else quote(text.encode("utf-8", "surrogatepass"), safe="")
    path, query = route.path, ""
    for each in route.parameters:
        name = each["name"]
        if each["in"] == "path":
            path = path.replace(f"{{{name}}}", written if spot == ("path", name) else quote(str(known.get(name, "small"))))
        elif each["in"] == "query" and each.get("required") and spot != ("query", name):
            query += "&" + urlencode({name: known.get(name, "small")})
    if place.where == "query":
        query += f"&{place.name}={written}"
    headers = [text] if place.where == "header" else []
    return f"{path}?wait_s=0{query}" if _waits(route) else f"{path}?{query[1:]}", headers, _written(route, place, text, known)


def _waits(route: Route) -> bool:
    return any(each["name"] == "wait_s" for each in route.parameters)


def _written(route: Route, place: Place, text: str, known: Mapping[str, Any]) -> bytes | None:
    if not route.body:
        return None
    if place.where == "body":
        return text.encode("latin-1")
    whole = _sample(route, route.body, known)
    if place.where != "member" or not isinstance(whole, dict):
        return json.dumps(whole).encode()
    value = json.dumps(text) if place.kind == "texts" else text
    members = [f"{json.dumps(name)}:{json.dumps(each)}" for name, each in whole.items() if name != place.name]
    return f"{{{','.join([*members, f'{json.dumps(place.name)}:{value}'])}}}".encode("utf-8", "surrogatepass")


def _sample(route: Route, shape: Any, known: Mapping[str, Any], name: str = "") -> Any:
    """Something that fits a schema, as far as one can see."""
    shape = _shape(route, shape)
    if name in known:
        return known[name]
    if "enum" in shape or "const" in shape:
        return shape.get("const", shape.get("enum", [None])[0])
    if shape.get("type") == "object":
        told = [each for each in shape.get("properties", {}) if each in shape.get("required", ()) or each in known]
        return {each: _sample(route, shape["properties"][each], known, each) for each in told}
    plain = {"array": [], "integer": 1, "number": 1, "boolean": True, "null": None}
    if shape.get("type") == "array" and shape.get("minItems"):
        return [_sample(route, shape["items"], known, name)]
    return plain.get(str(shape.get("type")), "small")


def turns(found: list[Route], many: int) -> Iterator[tuple[Route, Place, Input]]:
    """So many inputs for every route, by turns: each route goes on in the corpus where the one before it stopped."""
    lots = [list(_lot(route, range(number * many, (number + 1) * many))) for number, route in enumerate(found)]
    yield from chain.from_iterable(zip(*lots, strict=True))


def _lot(route: Route, numbers: range) -> Iterator[tuple[Route, Place, Input]]:
    spots = {kind: places(route, kind) for kind in KINDS}
    fit = [each for each in corpus() if spots[each.kind]]
    for number in numbers:
        each = fit[number % len(fit)]
        yield route, spots[each.kind][number % len(spots[each.kind])], each
