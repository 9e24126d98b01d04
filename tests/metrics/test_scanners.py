"""What each scanner writes, as one number."""

from collections.abc import Callable
from typing import Any

import pytest

from debtplan.core.decode import Json
from debtplan.core.flow import MetricKind
from debtplan.core.reading import Counts, Findings
from debtplan.metrics.options import TOLD_BY, ReadingTable
from debtplan.metrics.scanners import (
    PARSERS,
    Scan,
    parse_axe,
    parse_lighthouse,
    parse_pa11y,
    parse_react_scanner,
    parse_stylelint,
)

Parser = Callable[[Json, ReadingTable], Scan]

STYLES: Json = [
    {
        "source": "src/checkout/shipping.css",
        "errored": True,
        "warnings": [
            {"line": 3, "rule": "scale-unlimited/declaration-strict-value", "severity": "error"},
            {"line": 7, "rule": "color-no-hex", "severity": "warning"},
            {"line": 9, "rule": "block-no-empty", "severity": "error"},
        ],
        "deprecations": [],
        "invalidOptionWarnings": [],
    },
    {"source": "src/checkout/done.css", "errored": False, "warnings": []},
]

PAGE: Json = {
    "testEngine": {"name": "axe-core", "version": "4.10.2"},
    "timestamp": "2026-11-20T04:00:12.345Z",
    "url": "https://shop.example/checkout/shipping",
    "violations": [
        {
            "id": "color-contrast",
            "impact": "serious",
            "nodes": [{"impact": "serious", "target": [".a"]}, {"impact": "serious"}],
        },
        {"id": "region", "impact": "moderate", "nodes": [{"target": ["div"]}]},
        {"id": "label", "impact": None, "nodes": [{"impact": None}]},
    ],
    "passes": [{"id": "html-has-lang", "impact": None, "nodes": [{}, {}]}],
    "incomplete": [{"id": "color-contrast", "impact": "serious", "nodes": [{}]}],
    "inapplicable": [],
}

ISSUES: Json = [
    {"code": "WCAG2AA.Principle1.Guideline1_4.1_4_3.G18.Fail", "type": "error", "typeCode": 1},
    {"code": "WCAG2AA.Principle3.Guideline3_2.3_2_2.H32.2", "type": "error", "typeCode": 1},
    {"code": "WCAG2AA.Principle1.Guideline1_3.1_3_1.H48", "type": "warning", "typeCode": 2},
    {"code": "WCAG2AA.Principle2.Guideline2_4.2_4_4", "type": "notice", "typeCode": 3},
]

HOUSE: Json = {
    "lighthouseVersion": "12.8.1",
    "fetchTime": "2026-11-20T04:10:00.000Z",
    "audits": {
        "color-contrast": {"score": 0, "details": {"type": "table", "items": [{}, {}, {}]}},
        "document-title": {"score": 0, "details": {"type": "table", "items": []}},
        "html-has-lang": {"score": 1},
        "label": {"score": None, "scoreDisplayMode": "notApplicable"},
        "managed-focus": {"score": 0},
        "first-contentful-paint": {"score": 0},
    },
    "categories": {
        "accessibility": {
            "score": 0.86,
            "auditRefs": [
                {"id": "color-contrast", "weight": 7},
                {"id": "document-title", "weight": 7},
                {"id": "html-has-lang", "weight": 7},
                {"id": "label", "weight": 7},
                {"id": "managed-focus", "weight": 0},
            ],
        },
        "performance": {"score": 0.5, "auditRefs": [{"id": "first-contentful-paint"}]},
    },
}


def instance(module: str | None) -> dict[str, Json]:
    info: Json = None if module is None else {"imported": "x", "moduleName": module}
    return {"props": {}, "location": {"file": "a.tsx"}, **({"importInfo": info} if info else {})}


REPORT: Json = {
    "Button": {"instances": [instance("@omni/ui"), instance("@omni/ui"), instance("./button")]},
    "Card": {
        "instances": [instance("@omni/ui/card")],
        "components": {"Title": {"instances": [instance("@omni/ui/card")]}},
    },
    "Homemade": {"instances": [instance(None)]},
    "Menu": {"components": {"Entry": {"instances": [instance("antd")]}}},
}


def table(**more: Any) -> ReadingTable:
    return ReadingTable.model_validate(more)


def found(parse: Parser, content: Json, **more: Any) -> float:
    measure = parse(content, table(**more)).measure
    assert isinstance(measure, Findings)
    return measure.found


def test_every_scanner_has_a_parser_and_one_kind_of_metric() -> None:
    assert set(PARSERS) == set(TOLD_BY)
    assert set(TOLD_BY.values()) == {
        MetricKind.ADOPTION,
        MetricKind.OFF_TOKEN,
        MetricKind.ACCESSIBILITY,
    }


def test_stylelint_s_warnings_of_token_rules_are_counted_and_no_others() -> None:
    assert found(parse_stylelint, STYLES) == 2
    assert found(parse_stylelint, STYLES, rules=["block-no-*"]) == 1
    assert found(parse_stylelint, STYLES, severities=["error"]) == 1


def test_a_style_sheet_that_stylelint_could_not_read_is_no_clean_one() -> None:
    broken: Json = [{"source": "a.scss", "warnings": [{"rule": "CssSyntaxError"}]}]
    with pytest.raises(ValueError, match=r"could not read a\.scss"):
        parse_stylelint(broken, table())


def test_axe_s_failing_elements_are_counted_by_impact() -> None:
    assert found(parse_axe, PAGE) == 4
    assert found(parse_axe, PAGE, severities=["serious"]) == 2
    assert found(parse_axe, PAGE, severities=["critical"]) == 1
    assert found(parse_axe, PAGE, rules=["region", "label"]) == 2
    assert parse_axe(PAGE, table()).scanned_at == "2026-11-20T04:00:12.345Z"


def test_pages_of_one_axe_file_add_up() -> None:
    later: Json = {"timestamp": "2026-11-20T04:01:00Z", "violations": [{"nodes": [{}]}]}
    assert found(parse_axe, [PAGE, later]) == 5
    assert parse_axe([PAGE, later], table()).scanned_at == "2026-11-20T04:01:00Z"


def test_pa11y_s_errors_are_counted_and_more_where_asked() -> None:
    assert found(parse_pa11y, ISSUES) == 2
    assert found(parse_pa11y, ISSUES, severities=["error", "warning", "notice"]) == 4
    assert found(parse_pa11y, ISSUES, rules=["*Guideline1_4*"]) == 1
    assert found(parse_pa11y, {"documentTitle": "x", "issues": ISSUES}) == 2
    assert found(parse_pa11y, []) == 0


@pytest.mark.parametrize(
    "parse", [parse_stylelint, parse_axe, parse_pa11y, parse_lighthouse, parse_react_scanner]
)
def test_a_severity_that_the_scanner_never_says_is_refused(parse: Parser) -> None:
    with pytest.raises(ValueError, match="cannot be filtered by severity 'grave'"):
        parse([], table(severities=["grave"], system=["@shop/ui"]))


@pytest.mark.parametrize(
    ("parse", "content"),
    [(parse_stylelint, []), (parse_pa11y, {"total": 0, "errors": 0, "results": {}})],
)
def test_a_scan_that_looked_at_nothing_found_nobody_knows_what(
    parse: Parser, content: Json
) -> None:
    with pytest.raises(ValueError, match=r"^looked at no "):
        parse(content, table())


def test_pa11y_ci_s_pages_add_up_and_one_that_failed_to_load_is_told() -> None:
    pages: Json = {"total": 2, "passes": 0, "errors": 4, "results": {"/a": ISSUES, "/b": ISSUES}}
    assert found(parse_pa11y, pages) == 4
    failed: Json = {"results": {"/a": ISSUES, "/b": [{"message": "net::ERR_FAILED"}]}}
    with pytest.raises(ValueError, match=r"could not test /b"):
        parse_pa11y(failed, table())


def test_lighthouse_s_accessibility_audits_that_fail_count_their_elements() -> None:
    assert found(parse_lighthouse, HOUSE) == 4
    assert found(parse_lighthouse, HOUSE, rules=["managed-focus"]) == 1
    assert parse_lighthouse(HOUSE, table()).scanned_at == "2026-11-20T04:10:00.000Z"


def test_a_lighthouse_run_without_a_score_is_no_clean_page() -> None:
    failed: Json = {
        "audits": {},
        "categories": {"accessibility": {"score": None, "auditRefs": []}},
    }
    with pytest.raises(ValueError, match="no accessibility score"):
        parse_lighthouse(failed, table())


def test_components_are_the_design_system_s_by_their_module() -> None:
    scan = parse_react_scanner(REPORT, table(system=["@omni/ui*"]))
    assert scan.measure == Counts(bad=3, total=7)


def test_counts_of_components_are_told_apart_by_name() -> None:
    counts: Json = {"Button": 10, "Card": {"instances": 4, "props": {"x": 2}}, "Homemade": 6}
    scan = parse_react_scanner(counts, table(system=["Button", "Card"]))
    assert scan.measure == Counts(bad=6, total=20)


@pytest.mark.parametrize(
    ("parse", "content", "more", "said"),
    [
        (parse_stylelint, PAGE, {}, "is no result of stylelint"),
        (parse_stylelint, ISSUES, {}, "is no result of stylelint"),
        (parse_stylelint, [3], {}, "is no result of stylelint"),
        (parse_axe, STYLES, {}, "is no result of axe"),
        (parse_axe, [], {}, "is no result of axe"),
        (parse_axe, "text", {}, "is no result of axe"),
        (parse_axe, {"violations": [{"id": "x"}]}, {}, "violations with nodes"),
        (parse_axe, PAGE, {"severities": ["error"]}, "axe says minor, moderate, serious"),
        (parse_pa11y, STYLES, {}, "is no result of pa11y"),
        (parse_pa11y, HOUSE, {}, "is no result of pa11y"),
        (parse_pa11y, {"results": {"/a": 3}}, {}, "is no result of pa11y"),
        (parse_pa11y, ISSUES, {"severities": ["serious"]}, "pa11y says error, warning"),
        (parse_lighthouse, PAGE, {}, "is no result of lighthouse"),
        (parse_lighthouse, STYLES, {}, "is no result of lighthouse"),
        (parse_react_scanner, REPORT, {}, "set system"),
        (parse_react_scanner, STYLES, {"system": ["x"]}, "is no result of react-scanner"),
        (parse_react_scanner, PAGE, {"system": ["x"]}, "is no result of react-scanner"),
        (parse_react_scanner, {"Button": -1}, {"system": ["x"]}, "is no result of"),
        (parse_react_scanner, {"Button": True}, {"system": ["x"]}, "is no result of"),
        (parse_react_scanner, {}, {"system": ["x"]}, "counts no component"),
    ],
)
def test_a_wrong_file_is_refused_with_a_phrase(
    parse: Parser, content: Json, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        parse(content, table(**more))
