"""Checks every exchange of the emulators against the OpenAPI files beside this module."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from paydesk.sandbox import Exchange
from paydesk.sandbox.server.http import Request

_HERE = Path(__file__).parent
_FILES = {"anddone": "anddone-secure-api.openapi.yaml", "ams360": "ams360-ems.openapi.yaml"}
_BASES = {"anddone": "", "ams360": "/ems"}
_METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True)
class Operation:
    """One operation of a contract, found by its operationId."""

    server: str
    method: str
    path: str
    spec: dict[str, Any]

    @property
    def pointer(self) -> str:
        return f"/paths/{_escaped(self.path)}/{self.method}"

    def is_at(self, method: str, path: str) -> bool:
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", self.path)
        return method.lower() == self.method and bool(re.fullmatch(_BASES[self.server] + pattern, path))


class Contract:
    """One OpenAPI file, its schemas closed: a field that the contract does not name is an error.

    ``$ref`` with sibling keys is read as OpenAPI 3.1 means it, both apply.
    """

    def __init__(self, server: str) -> None:
        self.document = yaml.safe_load((_HERE / _FILES[server]).read_text(encoding="utf-8"))
        closed = _closed(self.document)
        resource = DRAFT202012.create_resource(closed)
        self._registry: Registry[Any] = Registry().with_resource(f"urn:{server}", resource)
        self._server = server
        self._validators: dict[str, Draft202012Validator] = {}
        self.operations = {
            spec["operationId"]: Operation(server, method, path, spec)
            for path, verbs in self.document["paths"].items()
            for method, spec in verbs.items()
            if method in _METHODS
        }

    def errors(self, pointer: str, value: object) -> Iterator[str]:
        """Return the errors of a value by the schema at this place of the document."""
        if pointer not in self._validators:
            self._validators[pointer] = Draft202012Validator(
                {"$ref": f"urn:{self._server}#{pointer}"},
                registry=self._registry,
                format_checker=Draft202012Validator.FORMAT_CHECKER,
            )
        for error in self._validators[pointer].iter_errors(value):
            yield f"{'/'.join(map(str, error.absolute_path)) or 'body'}: {error.message[:300]}"

    def resolved(self, part: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
        """A part of the document and its place, after following a reference."""
        if "$ref" not in part:
            return part, pointer
        pointer = part["$ref"].removeprefix("#")
        found = self.document
        for step in pointer.strip("/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found, pointer


@cache
def contract(server: str) -> Contract:
    """The contract of ``anddone`` or ``ams360``, read once."""
    return Contract(server)


@dataclass
class ContractChecker:
    """An observer for ``Sandbox(on_exchange=...)`` that collects violations.

    ``forgive_requests`` is for tests that send wrong requests on purpose; replies are always checked.
    """

    forgive_requests: bool = False
    violations: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def __call__(self, exchange: Exchange) -> None:
        found = contract(exchange.server).operations.get(exchange.operation)
        if found is None:
            self.violations.append(f"{exchange.operation} is not in the contract")
            return
        self.seen.add(exchange.operation)
        problems = list(_reply_problems(found, exchange))
        if not self.forgive_requests:
            problems += _request_problems(found, exchange.request)
        self.violations += [f"{exchange.operation}: {problem}" for problem in problems]

    def verify(self) -> None:
        """Fail when anything was sent that the contracts do not allow."""
        assert not self.violations, "\n".join(self.violations)


def _request_problems(operation: Operation, request: Request) -> Iterator[str]:
    if not operation.is_at(request.method, request.path):
        yield f"request at {request.method} {request.path}"
    yield from _parameter_problems(operation, request)
    yield from _key_problems(operation, request)
    body = operation.spec.get("requestBody")
    if body is None:
        if request.body:
            yield "request has a body, the contract has none"
        return
    if "json" not in request.headers.get("content-type", ""):
        yield f"request is {request.headers.get('content-type')}, not JSON"
    pointer = f"{operation.pointer}/requestBody/content/application~1json/schema"
    try:
        value = json.loads(request.body)
    except ValueError:
        yield "request body is not JSON"
        return
    for error in contract(operation.server).errors(pointer, value):
        yield f"request {error}"


def _parameter_problems(operation: Operation, request: Request) -> Iterator[str]:
    """Undeclared, missing or ill-typed query parameters and headers."""
    rules = contract(operation.server)
    declared: dict[str, dict[str, Any]] = {}
    for at, part in enumerate(operation.spec.get("parameters", [])):
        parameter, pointer = rules.resolved(part, f"{operation.pointer}/parameters/{at}")
        name, place = str(parameter["name"]), str(parameter["in"])
        held = request.headers.get(name.lower()) if place == "header" else request.query.get(name)
        declared[name] = parameter
        if held is None:
            if parameter.get("required") and place != "path":
                yield f"request without {place} {name}"
            continue
        schema, schema_pointer = rules.resolved(parameter["schema"], f"{pointer}/schema")
        for error in rules.errors(schema_pointer, _typed(held, schema)):
            yield f"request {place} {name}: {error}"
    for name in set(request.query) - set(declared):
        yield f"request with undeclared query {name}"


def _key_problems(operation: Operation, request: Request) -> Iterator[str]:
    needed = ["x-api-key", "x-app-key"] if operation.server == "anddone" else ["authorization"]
    for name in [] if operation.spec.get("security") == [] else needed:
        if name not in request.headers:
            yield f"request without header {name}"


def _reply_problems(operation: Operation, exchange: Exchange) -> Iterator[str]:
    rules, reply = contract(operation.server), exchange.reply
    declared = operation.spec["responses"]
    if reply.status >= 400 and not reply.body:
        return  # ErrorBody: the body may be empty
    name = str(reply.status) if str(reply.status) in declared else "default"
    if name not in declared:
        yield f"reply {reply.status} is not declared"
        return
    part, pointer = rules.resolved(declared[name], f"{operation.pointer}/responses/{name}")
    content = part.get("content", {})
    kind = reply.content_type.partition(";")[0]
    if kind not in content:
        yield f"reply {reply.status} is {kind}, declared {list(content)}"
        return
    if kind != "application/json":
        return
    for error in rules.errors(f"{pointer}/content/application~1json/schema", json.loads(reply.body)):
        yield f"reply {reply.status} {error}"


def _typed(text: str, schema: dict[str, Any]) -> object:
    """A query value as its schema's type; the text itself when it cannot be one."""
    try:
        match schema.get("type"):
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}.get(text.lower(), text)
            case _:
                return text
    except ValueError:
        return text


def _closed(document: dict[str, Any]) -> dict[str, Any]:
    """A copy in which objects take no fields but the named ones, unless the contract opens them."""
    document = copy.deepcopy(document)
    shared = {id(document["components"]["schemas"][name]) for name in _names_in_all_of(document)}
    _close(document, shared, part_of_all=False)
    return document


def _close(node: object, shared: set[int], part_of_all: bool) -> None:
    if isinstance(node, list):
        for item in node:
            _close(item, shared, part_of_all)
    if not isinstance(node, dict):
        return
    is_object = isinstance(node.get("properties"), dict) or isinstance(node.get("allOf"), list)
    if is_object and not part_of_all and id(node) not in shared and "additionalProperties" not in node:
        node["unevaluatedProperties"] = False
    for name, held in node.items():
        _close(held, shared, part_of_all=name == "allOf")


def _names_in_all_of(node: object) -> set[str]:
    """Component schemas that others extend; closing them would close the extension."""
    if isinstance(node, list):
        return {name for item in node for name in _names_in_all_of(item)}
    if not isinstance(node, dict):
        return set()
    names = {name for held in node.values() for name in _names_in_all_of(held)}
    references = [part.get("$ref", "") for part in node.get("allOf", []) if isinstance(part, dict)]
    return names | {reference.rpartition("/")[2] for reference in references if reference}


def _escaped(path: str) -> str:
    return path.replace("~", "~0").replace("/", "~1")
