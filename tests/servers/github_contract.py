"""The official descriptions of GitHub's interfaces, to hold the fake's answers against."""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.servers.github_query import (
    Operation,
    QueryError,
    Selected,
    Selection,
    parse_query,
)

_NAMED = re.compile(r"^(type|interface|union|enum|scalar|input) (\w+)([^{=\n]*)", re.MULTILINE)
_TEXT = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*')
_FIELD = re.compile(r"(\w+)\s*(\([^)]*\))?\s*:\s*([\[\]!\w]+)")
_ARGUMENT = re.compile(r"(\w+)\s*:\s*([\[\]!\w]+)(\s*=)?")


class RestContract:
    """GitHub's OpenAPI description."""

    def __init__(self, folder: Path) -> None:
        with gzip.open(folder / "api/contracts/github-rest.openapi.json.gz") as file:
            self.document: dict[str, Any] = json.load(file, object_hook=_allow_null)
        whole = DRAFT4.create_resource(self.document)
        self._registry: Registry[Any] = Registry().with_resource("urn:github", whole)

    def schema(self, name: str) -> dict[str, Any]:
        """Return a schema of the description."""
        found: dict[str, Any] = self.document["components"]["schemas"][name]
        return found

    def problems(self, method: str, path: str, status: int, content: Any) -> list[str]:
        """Return what is wrong with an answer; the path is the description's, with its braces."""
        validators = pytest.importorskip(
            "openapi_schema_validator", reason="the group `contract` is not installed"
        )
        responses = self.document["paths"][path][method]["responses"]
        if str(status) not in responses:
            return [f"{status} is no answer of {path}"]
        place = ["paths", path, method, "responses", str(status)]
        if "$ref" in responses[str(status)]:
            place = responses[str(status)]["$ref"].removeprefix("#/").split("/")
        place += ["content", "application/json", "schema"]
        steps = [step.replace("~", "~0").replace("/", "~1") for step in place]
        pointer = "/".join(step.replace("{", "%7B").replace("}", "%7D") for step in steps)
        schema = {"$ref": f"urn:github#/{pointer}"}
        validator = validators.OAS30Validator(schema, registry=self._registry)
        return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(content)]


@dataclass
class Kind:
    """A type of the GraphQL schema.

    Attributes:
        fields: Name of the type by name of the field, with its marks: `[Issue!]!`.
        args: Types by name, by name of the field; those with a default are not required.
        members: Of a union, and what implements an interface.
    """

    kind: str
    fields: dict[str, str] = field(default_factory=dict)
    args: dict[str, dict[str, str]] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)


class GraphContract:
    """GitHub's public GraphQL schema: enough of it to say what is wrong with a query."""

    def __init__(self, folder: Path) -> None:
        with gzip.open(folder / "api/contracts/github-graphql.schema.graphql.gz", "rt") as file:
            # The descriptions hold braces and colons: they go first.
            text = _TEXT.sub("", file.read())
        self.types: dict[str, Kind] = {}
        heads = list(_NAMED.finditer(text))
        ends = [head.start() for head in heads[1:]] + [len(text)]
        for head, end in zip(heads, ends, strict=True):
            self._add(head, text[head.end() : end])
        for head in heads:
            for parent in re.findall(r"\w+", head[3].partition("implements")[2]):
                self.types[parent].members.add(head[2])

    def problems(self, query: str) -> list[str]:
        """Return what is wrong with a query: syntax, fields, arguments, variables, fragments."""
        try:
            operation = parse_query(query)
        except QueryError as error:
            return [str(error)]
        return [
            *self._check(operation, operation.inner, operation.kind.title(), ""),
            *_unused(operation, query),
        ]

    def _add(self, head: re.Match[str], body: str) -> None:
        made = self.types[head[2]] = Kind(head[1])
        if head[1] == "union":
            made.members |= set(re.findall(r"\w+", body.partition("=")[2]))
        if head[1] not in ("type", "interface"):
            return
        for found in _FIELD.finditer(body.partition("{")[2]):
            made.fields[found[1]] = found[3]
            args = _ARGUMENT.finditer(found[2] or "")
            made.args[found[1]] = {arg[1]: arg[2].rstrip("!") if arg[3] else arg[2] for arg in args}

    def _check(
        self, operation: Operation, inner: tuple[Selection, ...], name: str, path: str
    ) -> Iterator[str]:
        kind = self.types[name]
        for one in inner:
            if isinstance(one, Selected):
                yield from self._check_field(operation, one, (name, kind), f"{path}/{one.key}")
                continue
            spread = operation.fragments.get(one.name) if one.name else one
            if spread is None:
                yield f"{path}: no fragment {one.name}"
            elif spread.on and spread.on not in self.types:
                yield f"{path}: no type {spread.on}"
            elif spread.on and not self._possible(name) & self._possible(spread.on):
                yield f"{path}: {spread.on} is never a {name}"
            else:
                yield from self._check(operation, spread.inner, spread.on or name, path)

    def _check_field(
        self, operation: Operation, one: Selected, owner: tuple[str, Kind], path: str
    ) -> Iterator[str]:
        name, kind = owner
        if one.name == "__typename":
            return
        if one.name not in kind.fields:
            yield f"{path}: {name} has no field {one.name}"
            return
        yield from _check_args(one.args, kind.args[one.name], path)
        result = kind.fields[one.name].strip("[]!")
        is_object = self.types.get(result, Kind("scalar")).kind in ("type", "interface", "union")
        if is_object != bool(one.inner):
            yield f"{path}: {result} {'needs' if is_object else 'takes no'} selection"
        elif is_object:
            yield from self._check(operation, one.inner, result, path)

    def _possible(self, name: str) -> set[str]:
        return self.types[name].members | {name}


def _allow_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Let a nullable value be null though its enumeration does not name it: GitHub sends that."""
    if schema.get("nullable") is True and "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _check_args(args: Mapping[str, Any], taken: Mapping[str, str], path: str) -> Iterator[str]:
    for name in args:
        if name not in taken:
            yield f"{path}: takes no argument {name}"
    for name, kind in taken.items():
        if kind.endswith("!") and name not in args:
            yield f"{path}: needs the argument {name}"


def _unused(operation: Operation, query: str) -> Iterator[str]:
    used = set(re.findall(r"\$(\w+)", query.partition("{")[2]))
    for name in sorted(used ^ set(operation.variables)):
        yield f"${name} is declared or used, not both"
