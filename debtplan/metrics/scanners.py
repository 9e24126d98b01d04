"""What scanners write about a user interface, each result as one measure.

| type | what is counted |
|---|---|
| stylelint | warnings of the rules that ask for tokens: raw colours, sizes, fonts |
| axe | failing elements: the nodes of every violation |
| pa11y | issues, by default errors only |
| lighthouse | failing elements of the accessibility audits |
| react-scanner | components that do not come from the design system, of all |

Formats as documented by the tools themselves, read in November 2026: stylelint, "Writing
formatters" (an array of results with `warnings`); axe-core, doc/API.md, "Results Object"; Pa11y,
README, "Command-line interface" and Pa11y CI's JSON reporter; Lighthouse, docs/
understanding-results.md; react-scanner, README, "Processors".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple, NoReturn

from debtplan.core.decode import Json
from debtplan.core.reading import Counts, Findings, Measure
from debtplan.metrics.options import ReadingTable

TOKEN_RULES = (
    "*declaration-strict-value",
    "color-no-hex",
    "color-named",
    "declaration-property-value-allowed-list",
)
"""Rules that teams use to ask for tokens, as patterns: the first one has its plugin in front."""

IMPACTS = ("minor", "moderate", "serious", "critical")
"""Impacts of axe-core, the least first; all count by default."""

PA11Y_TYPES = ("error", "warning", "notice")
"""Types of Pa11y's issues; only errors count by default."""


STYLELINT_SEVERITIES = ("error", "warning")
"""Severities of stylelint; all count by default."""


class Scan(NamedTuple):
    """What one file tells.

    Attributes:
        scanned_at: When, as the scanner wrote it; "" where it does not say.
    """

    measure: Measure
    scanned_at: str = ""


def parse_stylelint(content: Json, table: ReadingTable) -> Scan:
    """Return the warnings of token rules in stylelint's `json` formatter output.

    Raises:
        ValueError: It is none, as a phrase.
    """
    rules = table.rules or TOKEN_RULES
    _known("stylelint", table.severities, STYLELINT_SEVERITIES)
    if content == []:
        raise ValueError("looked at no style sheet, so nothing is known of any")
    found = 0
    for result in _objects(content, "stylelint", "a list of files with warnings"):
        warnings = result.get("warnings")
        if not isinstance(warnings, list):
            _not("stylelint", "a list of files with warnings")
        for one in _objects(warnings, "stylelint", "a list of files with warnings"):
            named = _text(one.get("rule"))
            if named == "CssSyntaxError":
                source = _text(result.get("source")) or "a style sheet"
                raise ValueError(f"could not read {source}, so its raw values are not counted")
            is_severe = not table.severities or one.get("severity") in table.severities
            found += is_severe and _matches(named, rules)
    return Scan(Findings(found=found))


def parse_axe(content: Json, table: ReadingTable) -> Scan:
    """Return the failing elements in axe-core's results: of one page, or a list of pages.

    Raises:
        ValueError: It is none, as a phrase.
    """
    impacts = table.severities or IMPACTS
    _known("axe", impacts, IMPACTS)
    form = "results with violations"
    pages: Json = content if isinstance(content, list) else [content]
    found, stamps = 0, []
    for page in _objects(pages, "axe", form):
        violations = page.get("violations")
        if not isinstance(violations, list):
            _not("axe", form)
        stamps.append(_text(page.get("timestamp")))
        for one in _objects(violations, "axe", form):
            nodes = one.get("nodes")
            if not isinstance(nodes, list):
                _not("axe", "violations with nodes")
            if not table.rules or _matches(_text(one.get("id")), table.rules):
                found += sum(_impact(node, one) in impacts for node in nodes)
    if not stamps:
        _not("axe", form)
    return Scan(Findings(found=found), max(stamps))


def _impact(node: Json, violation: Mapping[str, Json]) -> str:
    """Return how bad a failing element is; what axe does not say is as bad as can be."""
    own = node.get("impact") if isinstance(node, dict) else None
    return _text(own) or _text(violation.get("impact")) or IMPACTS[-1]


def parse_pa11y(content: Json, table: ReadingTable) -> Scan:
    """Return the issues in the JSON of Pa11y, or of Pa11y CI by page.

    Raises:
        ValueError: It is none, or a page of it could not be tested, as a phrase.
    """
    kinds = table.severities or PA11Y_TYPES[:1]
    _known("pa11y", kinds, PA11Y_TYPES)
    found = 0
    for issue in _issues(content):
        if not _text(issue.get("code")):
            _not("pa11y", "a list of issues")
        is_wanted = not table.rules or _matches(_text(issue["code"]), table.rules)
        found += is_wanted and _text(issue.get("type")) in kinds
    return Scan(Findings(found=found))


def _issues(content: Json) -> Iterator[Mapping[str, Json]]:
    form = "a list of issues, or results by page"
    if isinstance(content, dict):
        results = content.get("results", content.get("issues"))
        if isinstance(results, dict):
            if not results:
                raise ValueError("looked at no page, so nothing is known of any")
            for page, issues in results.items():
                for one in _objects(issues, "pa11y", form):
                    if not _text(one.get("code")) and _text(one.get("message")):
                        raise ValueError(f"could not test {page}, so its issues are not counted")
                    yield one
            return
        content = results
    yield from _objects(content, "pa11y", form)


def parse_lighthouse(content: Json, table: ReadingTable) -> Scan:
    """Return the failing elements in the accessibility audits of a Lighthouse result.

    An audit that fails and lists no element counts as one. Audits without a weight are hints.

    Raises:
        ValueError: It is none, or holds no accessibility audit, as a phrase.
    """
    _known("lighthouse", table.severities, ())
    form = "a result with audits and categories.accessibility"
    if not isinstance(content, dict):
        _not("lighthouse", form)
    audits, categories = content.get("audits"), content.get("categories")
    category = categories.get("accessibility") if isinstance(categories, dict) else None
    if not isinstance(audits, dict) or not isinstance(category, dict):
        _not("lighthouse", form)
    if category.get("score") is None:
        raise ValueError("has no accessibility score: an audit could not be run")
    found = 0
    for ref in _objects(category.get("auditRefs"), "lighthouse", form):
        named, audit = _text(ref.get("id")), audits.get(_text(ref.get("id")))
        is_wanted = _matches(named, table.rules) if table.rules else bool(ref.get("weight"))
        if is_wanted and isinstance(audit, dict) and audit.get("score") == 0:
            details = audit.get("details")
            items = details.get("items") if isinstance(details, dict) else None
            found += max(1, len(items)) if isinstance(items, list) else 1
    return Scan(Findings(found=found), _text(content.get("fetchTime")))


def parse_react_scanner(content: Json, table: ReadingTable) -> Scan:
    """Return how many components come from elsewhere than the design system, of all.

    The processors `raw-report`, `count-components` and `count-components-and-props` are known.

    Raises:
        ValueError: It is none of them, or holds no component, as a phrase.
    """
    _known("react-scanner", table.severities, ())
    if not table.system:
        raise ValueError("cannot be told apart: set system = [MODULES] of the design system")
    if not isinstance(content, dict):
        _not("react-scanner", "components with their instances or counts")
    others = total = 0
    for module, count in _components(content):
        total += count
        others += 0 if _matches(module, table.system) else count
    if not total:
        raise ValueError("counts no component")
    return Scan(Counts(bad=others, total=total))


def _components(report: Mapping[str, Json], outer: str = "") -> Iterator[tuple[str, int]]:
    """Yield the module of each component, or its name where modules are not told, and its count."""
    for name, one in sorted(report.items()):
        whole = f"{outer}.{name}" if outer else name
        told = one.get("instances") if isinstance(one, dict) else one
        if isinstance(told, list):
            for instance in _objects(told, "react-scanner", "components with their instances"):
                info = instance.get("importInfo")
                module = info.get("moduleName") if isinstance(info, dict) else None
                yield _text(module) or whole, 1
        elif isinstance(told, int) and not isinstance(told, bool) and told >= 0:
            yield whole, told
        elif not (isinstance(one, dict) and isinstance(one.get("components"), dict)):
            _not("react-scanner", "components with their instances or counts")
        inner = one.get("components") if isinstance(one, dict) else None
        if isinstance(inner, dict):
            yield from _components(inner, whole)


PARSERS: Mapping[str, Callable[[Json, ReadingTable], Scan]] = {
    "axe": parse_axe,
    "lighthouse": parse_lighthouse,
    "pa11y": parse_pa11y,
    "react-scanner": parse_react_scanner,
    "stylelint": parse_stylelint,
}
"""By `type` of a `[metrics.NAME]` table."""


def _objects(found: Json, tool: str, form: str) -> Iterator[Mapping[str, Json]]:
    """Yield the objects of a list."""
    if not isinstance(found, list):
        _not(tool, form)
    for one in found:
        if not isinstance(one, dict):
            _not(tool, form)
        yield one


def _not(tool: str, form: str) -> NoReturn:
    raise ValueError(f"is no result of {tool}, which is {form}")


def _known(tool: str, wanted: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a severity that the tool never says, which would count nothing."""
    for one in wanted:
        if one not in known:
            names = ", ".join(known) or "none"
            raise ValueError(f"cannot be filtered by severity {one!r}; {tool} says {names}")


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _matches(named: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(named, one) for one in patterns)
