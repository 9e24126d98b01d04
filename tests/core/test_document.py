"""Reading a plan back."""

import json
from functools import cache

import pytest

from debtplan.core.decision import Extras, write_plan
from debtplan.core.document import DATA_ID, parse_plan
from debtplan.core.plan import Plan
from tests.builders import NOW, claim, inputs, item, picked, program_of


@cache
def plan() -> Plan:
    """A small plan whose titles are unkind to HTML."""
    made_from = inputs([item("a", title="</template><b>&amp; \u2028 ünï")], [claim("a", "m")])
    appraisal, program = program_of(made_from)
    chosen = picked(program, "jira:a")
    return write_plan(made_from, appraisal, program, (chosen, chosen), Extras(), (NOW, "1"))


def page(body: str) -> str:
    """A report that holds this text as its data."""
    safe = body.replace("&", "&amp;").replace("<", "&lt;")
    return f'<!doctype html><p>x</p><template id="{DATA_ID}">{safe}</template><p>y</p>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not JSON"),
        ("nonsense", "it is not JSON"),
        ("[]", "no plan of schema_version 1"),
        ('"1"', "no plan of schema_version 1"),
        ("{}", "no plan of schema_version 1, but None"),
        ('{"schema_version": 2}', "no plan of schema_version 1, but 2"),
        ('{"schema_version": 1}', "Field required"),
        ('{"schema_version": NaN}', "NaN"),
        ("[" * 100_000, "it is not JSON"),
        ("<p>a page</p>", "the page holds no debtplan data"),
        (page("nonsense"), "it is not JSON"),
        ('<template id="other">{}</template>', "the page holds no debtplan data"),
    ],
)
def test_what_is_no_plan_is_said_to_be_none(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_plan(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", '"many"', "null"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    text = plan().model_dump_json().replace('"ux_value":', f'"ux_value":{number},"x":', 1)
    with pytest.raises(ValueError, match=r"it holds|ux_value"):
        parse_plan(text)


def test_an_unknown_field_is_refused_with_its_place() -> None:
    data = json.loads(plan().model_dump_json())
    data["chosen"][0]["colour"] = "red"
    with pytest.raises(ValueError, match=r"chosen\.0\.colour"):
        parse_plan(json.dumps(data))


@pytest.mark.parametrize("before", ["", "\ufeff", "\n  "])
def test_a_plan_comes_back_from_json_and_from_a_page(before: str) -> None:
    text = plan().model_dump_json()
    assert parse_plan(before + text) == plan()
    assert parse_plan(before + page(text)) == plan()
