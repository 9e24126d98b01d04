"""Reading a plan back: from plan.json, or from the data inside an HTML report."""

import json
from html.parser import HTMLParser

from pydantic import ValidationError

from debtplan.core.plan import SCHEMA_VERSION, Plan

DATA_ID = "debtplan-data"
"""Id of the `<template>` that holds the plan inside a report."""


def parse_plan(text: str) -> Plan:
    """Return the plan of a plan.json or of a report.

    Raises:
        ValueError: It is neither, or it does not hold what a plan holds; the sentence says why.
    """
    body = text.lstrip("\ufeff \n\r\t")
    if body.startswith("<"):
        body = _embedded(body)
    try:
        data = json.loads(body, parse_constant=_refuse)
    except (json.JSONDecodeError, RecursionError) as error:
        msg = f"it is not JSON ({str(error)[:80]})"
        raise ValueError(msg) from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        msg = f"it is no plan of schema_version {SCHEMA_VERSION}, but {version!r}"
        raise ValueError(msg)
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        msg = f"{place}: {first['msg']}"
        raise ValueError(msg) from None


def _embedded(page: str) -> str:
    reader = _Template()
    reader.feed(page)
    if not reader.parts:
        msg = "the page holds no debtplan data"
        raise ValueError(msg)
    return "".join(reader.parts)


def _refuse(constant: str) -> float:
    msg = f"it holds {constant}, which is no number"
    raise ValueError(msg)


class _Template(HTMLParser):
    """Collects the text of the data template."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "template" and ("id", DATA_ID) in attrs:
            self._is_inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.parts.append(data)
