import pytest

from debtplan.core.source import Probe
from debtplan.sources.jira.live import LiveJira
from tests.servers.harness import Reply, Seen, reply
from tests.servers.jira import FakeJira
from tests.sources.live.jira_runs import access, live, omni, table

BOTH = pytest.mark.parametrize("deployment", ["Cloud", "Server"])
PATHS = (
    "/serverInfo",
    "/myself",
    "/field",
    "/issueLinkType",
    "/board",
    "/configuration",
    "/search",
    "/search/jql",
    "/project/OMNI",
)


def said(probes: list[Probe]) -> str:
    return "\n".join(probe.what for probe in probes)


@BOTH
def test_a_healthy_site_is_well_throughout(deployment: str) -> None:
    with omni(deployment, issues=3) as jira:
        probes = list(live(jira).probe())
        assert all(probe.is_well and not probe.fix for probe in probes)
        text = said(probes)
        kind = "Jira Cloud" if deployment == "Cloud" else "Jira Data Center"
        assert f"{kind} answers at 127.0.0.1" in text
        assert "the token works" in text
        assert f"{jira.store.site.points} (Story Points), as the board says" in text
        assert "'is blocked by' / 'blocks'" in text
        assert "OMNI: can be read, 3 issues on the first page" in text
        assert "OMNI: 1 board on the first page" in text
        assert "its field list holds " in text


@BOTH
def test_no_person_is_named(deployment: str) -> None:
    with omni(deployment, issues=1) as jira:
        text = said(list(live(jira).probe()))
        assert "Ada" not in text
        assert jira.options.user not in text


@BOTH
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "answer",
    [
        *(reply({"errorMessages": ["no"]}, status=status) for status in (400, 401, 403, 404, 410)),
        reply({}),
        reply([]),
        reply(None),
        Reply(200, b"<html>Log in</html>", {"Content-Type": "text/html"}),
        Reply(200, b"{", {"Content-Type": "application/json"}),
    ],
    ids=lambda one: f"{one.status} {one.content[:8]!r}",
)
def test_whatever_an_endpoint_answers_is_told_and_never_raised(
    deployment: str, path: str, answer: Reply
) -> None:
    with omni(deployment, issues=1) as jira:

        def odd(seen: Seen) -> Reply | None:
            return answer if seen.path.endswith(path) else None

        jira.faults.append(odd)
        probes = list(live(jira).probe())
        assert probes
        assert all(probe.is_well or probe.fix for probe in probes)


@BOTH
def test_each_project_is_told_by_itself(deployment: str) -> None:
    with omni(deployment, issues=1) as jira:
        jira.store.add_project("SHUT")
        jira.store.hide_project("SHUT")
        probes = list(live(jira, projects=("OMNI", "SHUT")).probe())
        ill = [probe for probe in probes if not probe.is_well]
        assert any("OMNI: can be read" in probe.what for probe in probes if probe.is_well)
        assert any("SHUT" in probe.what for probe in ill)


def test_a_wrong_token_is_one_failure_and_asked_no_further() -> None:
    with omni(issues=1) as jira:
        way = access(jira, DEBTPLAN_JIRA_TOKEN=jira.options.token[::-1])
        source = LiveJira("jira", table(jira), way)
        (probe,) = source.probe()
        assert not probe.is_well
        assert "DEBTPLAN_JIRA_TOKEN" in probe.what + probe.fix
        assert len(jira.log) <= 5


def test_no_token_is_told_with_the_variable_to_set() -> None:
    with omni(issues=1) as jira:
        jira.authorization = lambda: ""  # type: ignore[method-assign]
        source = LiveJira("jira", table(jira), access(jira, DEBTPLAN_JIRA_TOKEN=""))
        ill = [probe for probe in source.probe() if not probe.is_well]
        assert any("DEBTPLAN_JIRA_TOKEN" in probe.fix for probe in ill)


def test_an_unreachable_site_is_one_failure() -> None:
    with FakeJira() as jira:
        closed = jira.url
    source = LiveJira("jira", table(jira, site=closed), access(jira))
    (probe,) = source.probe()
    assert "cannot be reached" in probe.what
    source.close()


def test_settings_that_say_nothing_are_told() -> None:
    with omni() as jira:
        ill = [probe for probe in live(jira, projects=()).probe() if not probe.is_well]
        assert any("which issues" in probe.what for probe in ill)


def test_a_missing_estimate_is_told_with_its_setting() -> None:
    with omni(issues=1) as jira:
        ill = [probe for probe in live(jira, estimate_field="Nope").probe() if not probe.is_well]
        assert ["estimate_field" in probe.fix for probe in ill] == [True]


@BOTH
def test_a_wrong_project_is_told_and_its_boards_are_not_asked_for(deployment: str) -> None:
    with omni(deployment, issues=1) as jira:
        ill = [probe for probe in live(jira, projects=("WRONG",)).probe() if not probe.is_well]
        assert len(ill) == 1
        assert "projects" in ill[0].fix
        assert "scopes" not in ill[0].fix
        assert not any("/board" in path for path in jira.paths())


@BOTH
@pytest.mark.parametrize(("status", "advice"), [(403, "Give the token the scopes"), (404, "Set")])
def test_boards_that_cannot_be_asked_are_told_with_what_helps(
    deployment: str, status: int, advice: str
) -> None:
    with omni(deployment, issues=1) as jira:
        no = reply({"errorMessages": ["no"]}, status=status)
        jira.faults.append(lambda seen: no if seen.path.endswith("/board") else None)
        probes = list(live(jira).probe())
        (found,) = [one for one in probes if "its boards cannot be asked" in one.what if one.fix]
        assert found.fix.startswith(advice)
        assert any("OMNI: can be read, 1 issue on the first page" in one.what for one in probes)
