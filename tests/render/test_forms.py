"""Every form: the golden files, the names of the chosen, the same bytes each time.

`WRITE_GOLDEN=1 pytest tests/render/test_forms.py` writes the golden files and
the schema anew.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from debtplan.core.plan import Plan
from debtplan.render import RENDERERS
from debtplan.render.facts import Facts
from debtplan.render.json import plan_schema
from debtplan.render.number import about
from debtplan.render.table import TableRenderer
from tests import plans
from tests.conftest import REPOSITORY

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = REPOSITORY / "docs" / "plan.schema.json"
IS_WRITING = "WRITE_GOLDEN" in os.environ
MAKERS: dict[str, Callable[[], Plan]] = {
    "omniretail": plans.omniretail,
    "empty": plans.empty,
    "unlinked": plans.unlinked,
    "unread": plans.unread,
    "unsimulated": plans.unsimulated,
    "weighted": plans.weighted,
}


def compare(path: Path, text: str) -> None:
    if IS_WRITING:
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes(), f"{path.name} differs; see the top of this file"


@pytest.mark.parametrize("form", ["table", "markdown", "csv"])
@pytest.mark.parametrize("name", ["omniretail", "unlinked"])
def test_the_form_is_as_agreed(name: str, form: str) -> None:
    renderer = RENDERERS[form]()

    compare(GOLDEN / f"{name}{renderer.suffix}", renderer.render(MAKERS[name]()))


@pytest.mark.parametrize("form", RENDERERS)
def test_a_form_has_its_name_and_a_suffix(form: str) -> None:
    renderer = RENDERERS[form]()

    assert renderer.name == form
    assert renderer.suffix.startswith(".")


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("name", MAKERS)
def test_every_form_names_every_chosen_item_and_ends_its_last_line(name: str, form: str) -> None:
    plan = MAKERS[name]()
    text = RENDERERS[form]().render(plan)
    facts = Facts(plan)

    assert text.endswith("\n")
    for one in plan.chosen:
        assert facts.name(one.key).replace("#", "#\u200b") in text.replace("#7", "#\u200b7")
        assert one.title in text or form == "table"


@pytest.mark.parametrize("form", ["table", "markdown", "html"])
def test_every_form_holds_the_number_that_matters(form: str) -> None:
    plan = plans.omniretail()

    assert f"about {about(plan.sessions)} sessions" in RENDERERS[form]().render(plan)


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.slow
def test_the_same_plan_gives_the_same_bytes(form: str) -> None:
    plan = plans.omniretail()
    again = Plan.model_validate_json(plan.model_dump_json())

    assert RENDERERS[form]().render(plan) == RENDERERS[form]().render(again)


@pytest.mark.slow
def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "from hashlib import sha256; from tests import plans;"
        "from debtplan.render import RENDERERS;"
        "print(*(sha256(RENDERERS[f]().render(plans.omniretail()).encode()).hexdigest()"
        " for f in sorted(RENDERERS)))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=REPOSITORY,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
            capture_output=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Kiritimati"))
    }

    assert len(seen) == 1


def test_a_narrow_terminal_gets_narrow_lines() -> None:
    text = TableRenderer(width=60).render(plans.omniretail())

    assert max(map(len, text.splitlines())) <= 60


@pytest.mark.slow
def test_a_long_backlog_is_counted_by_reason() -> None:
    plan = plans.large()

    assert "2,892 more. All 2,907: " in TableRenderer().render(plan)
    assert "2,892 more are passed over." in RENDERERS["markdown"]().render(plan)
    assert RENDERERS["csv"]().render(plan).count("\r\n") == 1 + 3 + 2_907


def test_the_published_schema_is_the_plans() -> None:
    compare(SCHEMA, plan_schema())


@pytest.mark.parametrize("name", MAKERS)
def test_a_plan_holds_to_the_published_schema(name: str) -> None:
    schema = json.loads(plan_schema())
    jsonschema.Draft202012Validator.check_schema(schema)

    jsonschema.validate(json.loads(RENDERERS["json"]().render(MAKERS[name]())), schema)


@pytest.mark.slow
def test_the_schema_refuses_what_is_no_plan() -> None:
    content = json.loads(RENDERERS["json"]().render(plans.empty()))
    del content["digest"]

    with pytest.raises(jsonschema.ValidationError, match="digest"):
        jsonschema.validate(content, json.loads(plan_schema()))


@pytest.mark.slow
def test_looking_at_the_forms_loads_no_charts() -> None:
    code = (
        "import sys; from debtplan.render import RENDERERS; RENDERERS['table']();"
        "print(sorted({'altair', 'jinja2', 'vl_convert'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == "[]"
