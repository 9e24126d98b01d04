"""Finding, reading and checking debtplan.toml; every problem is reported in one go."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from debtplan.config.settings import Loaded, Settings
from debtplan.core.text import clean_line, clean_text
from debtplan.errors import SettingsError

FILE_NAME = "debtplan.toml"
SECRET = re.compile(
    r"(token|password|passwd|passphrase|secret|credentials?|api[_-]?key|private[_-]?key)$",
    re.IGNORECASE,
)
PASSWORD_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
FREE_KEYS = frozenset(
    {"categories", "columns", "forbidden", "links_columns", "percentiles", "roles", "where"}
)
"""Tables whose keys are the team's own words, such as a ticket category "password"."""

TWICE = re.compile(r"Cannot (declare .* twice|overwrite a value)")
"""What the TOML reader says of a name that stands twice."""

PLAIN = {
    "dict_type": 'should be a table, such as { NAME = "value" }',
    "list_type": 'should be a list, such as ["one", "two"]',
    "tuple_type": 'should be a list, such as ["one", "two"]',
}
"""What is said of a value's shape in the words of TOML, by pydantic's kind of problem."""


def find_settings(asked: Path | None, environment: Mapping[str, str], here: Path) -> Path:
    """Return the settings file: asked for, else `DEBTPLAN_CONFIG`, else the nearest one upward.

    Raises:
        SettingsError: There is none.
    """
    named = asked or (
        Path(environment["DEBTPLAN_CONFIG"]) if environment.get("DEBTPLAN_CONFIG") else None
    )
    if named is not None:
        if named.is_file():
            return named
        what = f"The settings file {named} does not exist."
        raise SettingsError(what, "Check the path, or run `debtplan init` to write one.")
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    what = f"There is no {FILE_NAME} in {here} or above it."
    raise SettingsError(
        what, "Run `debtplan init` to write one, or `debtplan demo` to see it work."
    )


def load_settings(path: Path) -> Loaded:
    """Return the checked settings of a file.

    Raises:
        SettingsError: The file is not TOML, or does not hold; all problems are listed.
    """
    data = _read(path)
    secrets = sorted(_secrets(data, ""))
    if secrets:
        what = f"{path} holds a secret: {', '.join(secrets)}."
        fix = (
            "Take it out, and give it as a DEBTPLAN_* environment variable, "
            "or as a file named by a DEBTPLAN_*_FILE variable."
        )
        raise SettingsError(what, fix)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems = tuple(_sentences(error, data))
        what = f"{path} has {len(problems)} problem{'s' if len(problems) > 1 else ''}:"
        them = "them" if len(problems) > 1 else "it"
        fix = f"Mend {them}; docs/settings.md lists every key."
        raise SettingsError(what, fix, problems) from None
    return Loaded(settings=settings, path=path.resolve(), origin=_origin(data, str(path)))


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = cleaned(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except tomllib.TOMLDecodeError as error:
        what = f"{path} is not TOML: {error}."
        fix = "Mend that line; strings need quotes, and a table starts with [name]."
        if TWICE.search(str(error)):
            fix = "Keep one of the two, or give one another name; a name stands once in a file."
        raise SettingsError(what, fix) from None
    except RecursionError:
        what = f"{path} is nested too deeply to be settings."
        raise SettingsError(what, "Run `debtplan init` to write new ones.") from None
    except UnicodeDecodeError as error:
        what = f"{path} is not UTF-8: byte {error.start + 1} belongs to no character."
        raise SettingsError(what, "Save it as UTF-8 in your editor.") from None
    except OSError as error:
        what = f"{path} cannot be read: {(error.strerror or str(error)).lower()}."
        raise SettingsError(what, "Check the file's rights.") from None
    return found


def cleaned(data: Any) -> Any:  # noqa: ANN401 - TOML is a tree of any values
    """Return a tree whose texts hold no control characters; see `core.text.clean_text`."""
    if isinstance(data, str):
        return clean_text(data)
    if isinstance(data, dict):
        return {clean_line(key): cleaned(value) for key, value in data.items()}
    return [cleaned(value) for value in data] if isinstance(data, list) else data


def _secrets(data: object, place: str) -> Iterator[str]:
    """Yield the places of what looks like a secret, never its value."""
    if isinstance(data, dict):
        for key, value in data.items():
            here = f"{place}.{key}" if place else str(key)
            if isinstance(value, str) and (
                SECRET.search(str(key)) or PASSWORD_IN_URL.match(value.strip())
            ):
                yield here
            elif key not in FREE_KEYS:
                yield from _secrets(value, here)
    elif isinstance(data, list):
        for number, value in enumerate(data, 1):
            yield from _secrets(value, f"{place}[{number}]")


def _sentences(error: ValidationError, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence a problem: the place, what is wrong, and the nearest known key."""
    seen = set()
    for problem in error.errors(include_url=False):
        place = _place(problem["loc"], data)
        if problem["type"] == "extra_forbidden":
            key = str(problem["loc"][-1])
            near = get_close_matches(key, _known_keys(problem["loc"][:-1]), n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            sentence = f"{place} is not a known key{hint}"
        else:
            said = PLAIN.get(problem["type"], problem["msg"])
            message = said.removeprefix("Value error, ").removeprefix("Input ")
            message = message[:1].lower() + message[1:].partition(", unable to parse")[0]
            given = (
                "" if problem["type"] in {"value_error", "missing"} else _given(problem["input"])
            )
            sentence = f"{place}: {message}{given}" if place else message
        for part in sentence.split("; ") if not problem["loc"] else (sentence,):
            if part not in seen:
                seen.add(part)
                yield part


def _given(value: object) -> str:
    if isinstance(value, dict | list):
        return ""
    said = repr(value[:60]) if isinstance(value, str) else str(value)[:60]
    return f", but it is {said}"


def _place(loc: tuple[int | str, ...], data: Mapping[str, Any]) -> str:
    """Return the place as people write it: `metric[2] "login-errors".target`."""
    words, here = "", data
    for part in loc:
        here = _step(here, part)
        if isinstance(part, int):
            words += f"[{part + 1}]"
            if isinstance(here, dict) and isinstance(here.get("id"), str):
                words += f' "{here["id"]}"'
        elif here is not None or not part.startswith(
            ("function-", "constrained-", "literal", "int")
        ):
            words += f".{part}" if words else part
    return words


def _step(here: Any, part: int | str) -> Any:  # noqa: ANN401 - TOML is a tree of any values
    try:
        return here[part]
    except (KeyError, IndexError, TypeError):
        return None


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the model at a place knows."""
    models: list[type[BaseModel]] = [Settings]
    for part in loc:
        found = [
            model
            for one in models
            if part in one.model_fields
            for model in _models(one.model_fields[str(part)].annotation)
        ]
        models = found or models
    return sorted({name for model in models for name in model.model_fields})


def _models(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - a type expression
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for one in get_args(annotation) for model in _models(one)]


def _origin(data: Mapping[str, Any], name: str, place: str = "") -> dict[str, str]:
    """Return the file by the place of every value it sets: `flow[1].id`."""
    found = {}
    for key, value in data.items():
        here = f"{place}.{key}" if place else key
        if isinstance(value, dict):
            found.update(_origin(value, name, here))
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, 1):
                found.update(_origin(one, name, f"{here}[{number}]"))
        else:
            found[here] = name
    return found
