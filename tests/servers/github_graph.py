"""The GraphQL half of a fake GitHub: projects, and what leads to them."""

import json
from collections.abc import Mapping
from typing import Any

from debtplan.core.decode import Json
from tests.servers.github_access import Token
from tests.servers.github_boards import Boards
from tests.servers.github_connection import MissingError, Node, WrongQueryError
from tests.servers.github_desk import Desk, Refusal, refuse
from tests.servers.github_limits import Limits
from tests.servers.github_lists import Answer
from tests.servers.github_nodes import ABSTRACT, Nodes
from tests.servers.github_query import (
    Enum,
    Operation,
    QueryError,
    Selected,
    Selection,
    Variable,
    parse_query,
)
from tests.servers.harness import Seen, reply

_TOO_SLOW = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it "
    "could be a GitHub bug. Please include `FAKE:000001` when reporting this issue."
)
_INTROSPECTION = "__typename"


class Graph:
    """Answers queries: errors come with HTTP 200, as GitHub's do."""

    def __init__(self, desk: Desk, boards: Boards, limits: Limits) -> None:
        self._desk = desk
        self._boards = boards
        self._limits = limits

    def answer(self, seen: Seen, token: Token | None) -> Answer:
        """Answer a query.

        Raises:
            Refusal: Nobody asks, it is no query, or it asks for more than is served.
        """
        if token is None:
            raise refuse(401, "This endpoint requires you to be authenticated.")
        try:
            body = seen.json
            operation = parse_query(body["query"])
        except QueryError as error:
            return _errors({"message": str(error)})
        except (ValueError, KeyError, TypeError):
            raise refuse(400, "Problems parsing JSON") from None
        try:
            found = _Run(operation, body.get("variables") or {})
            self._check_size(found)
            nodes = Nodes(self._desk, self._boards, self._limits, token)
            data = found.read(nodes.root(), operation.inner, [])
        except WrongQueryError as error:
            return _errors(error.content)
        content: dict[str, Json] = {"data": data}
        if found.errors:
            content["errors"] = found.errors
        return Answer(json.dumps(content).encode(), is_list=_has_items(data))

    def _check_size(self, run: "_Run") -> None:
        most = self._desk.options.graphql_nodes
        if most is not None and run.count(run.operation.inner) > most:
            raise Refusal(reply({"data": None, "errors": [{"message": _TOO_SLOW}]}, 502))


class _Run:
    """One query with its variables."""

    def __init__(self, operation: Operation, variables: Mapping[str, Any]) -> None:
        self.operation = operation
        self.errors: list[Json] = []
        self._variables: dict[str, Any] = {}
        for name, declared in operation.variables.items():
            value = variables.get(name, declared.default)
            if value is None and declared.is_required:
                raise WrongQueryError(
                    f"Variable ${name} of type {declared.type} was provided invalid value"
                )
            if name in variables or declared.default is not None:
                self._variables[name] = value

    def read(self, node: Node, inner: tuple[Selection, ...], path: list[Json]) -> dict[str, Json]:
        """Return what a selection takes from a node."""
        found: dict[str, Json] = {}
        for one in inner:
            if not isinstance(one, Selected):
                spread = self.operation.fragments[one.name] if one.name else one
                if spread.on in ("", node.type, *ABSTRACT.get(node.type, ())):
                    found |= self.read(node, spread.inner, path)
            elif self._is_wanted(one):
                found[one.key] = self._field(node, one, [*path, one.key])
        return found

    def count(self, inner: tuple[Selection, ...]) -> int:
        """Return how many nodes a query asks for: lists in lists multiply."""
        total = 0
        for one in inner:
            if isinstance(one, Selected):
                size = self._args(one).get("first", 0)
                total += size + max(1, size) * self.count(one.inner)
            else:
                spread = self.operation.fragments[one.name] if one.name else one
                total += self.count(spread.inner)
        return total

    def _field(self, node: Node, one: Selected, path: list[Json]) -> Json:
        if one.name == _INTROSPECTION:
            return node.type
        if one.name not in node.fields:
            raise WrongQueryError(
                f"Field '{one.name}' doesn't exist on type '{node.type}'",
                path=["query", *path],
                extensions={
                    "code": "undefinedField",
                    "typeName": node.type,
                    "fieldName": one.name,
                },
            )
        value = node.fields[one.name]
        try:
            value = value(**self._args(one)) if callable(value) else value
        except MissingError as missing:
            self.errors.append({"path": path, **missing.content})
            return None
        except TypeError as error:
            # The fake's fields take the arguments that GitHub's take: the call shows a wrong one.
            raise WrongQueryError(f"Field '{one.name}' has wrong arguments: {error}") from None
        return self._written(value, one, path)

    def _written(self, value: Any, one: Selected, path: list[Json]) -> Json:
        if isinstance(value, list):
            return [self._written(part, one, [*path, n]) for n, part in enumerate(value)]
        if not isinstance(value, Node):
            if one.inner and value is not None:
                raise WrongQueryError(f"Selections can't be made on scalars (field '{one.name}')")
            found: Json = value
            return found
        if not one.inner:
            raise WrongQueryError(
                f"Field must have selections (field '{one.name}' returns {value.type} but has no "
                f"selections. Did you mean '{one.name} {{ ... }}'?)"
            )
        return self.read(value, one.inner, path)

    def _is_wanted(self, one: Selected) -> bool:
        skip = self._filled(one.directives.get("skip", {}).get("if", False))
        include = self._filled(one.directives.get("include", {}).get("if", True))
        return bool(include) and not skip

    def _args(self, one: Selected) -> dict[str, Any]:
        filled = {name: self._filled(value) for name, value in one.args.items()}
        return {name: value for name, value in filled.items() if value is not None}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, Variable):
            if value.name not in self.operation.variables:
                raise WrongQueryError(f"Variable ${value.name} is used but not declared")
            return self._variables.get(value.name)
        return value.name if isinstance(value, Enum) else value


def _has_items(data: Json) -> bool:
    """Say whether an answer holds a page of items: the test may change data after it."""
    if isinstance(data, dict):
        return "items" in data or any(_has_items(part) for part in data.values())
    return False


def _errors(*contents: Json) -> Answer:
    return Answer(json.dumps({"errors": [*contents]}).encode())
