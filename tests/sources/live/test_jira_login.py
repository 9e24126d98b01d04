import traceback
from typing import Any

import pytest

from debtplan.core.source import Mark
from debtplan.errors import AuthenticationError, DebtplanError, SettingsError, SourceError
from debtplan.sources.jira.live import LiveJira
from tests.servers.harness import Reply, Seen, reply
from tests.servers.jira import CLOUD_ID, FakeJira
from tests.sources.live.jira_runs import Kept, access, kept, live, omni, table

BOTH = pytest.mark.parametrize("deployment", ["Cloud", "Server"])


def with_token(jira: FakeJira, token: str, **settings: Any) -> Kept:
    variables = {"DEBTPLAN_JIRA_TOKEN": token}
    return Kept(LiveJira("jira", table(jira, **settings), access(jira, **variables)))


def test_cloud_gets_the_account_and_the_token() -> None:
    with omni(issues=1) as jira:
        kept(jira).run()
        sent = {seen.headers.get("authorization") for seen in jira.log}
        assert sent == {jira.authorization()}
        assert jira.refused == 0


def test_the_account_may_come_from_the_environment() -> None:
    with omni(issues=1) as jira:
        way = access(jira, DEBTPLAN_JIRA_EMAIL=jira.options.user)
        run = Kept(LiveJira("jira", table(jira, email=""), way)).run()
        assert run.names == ["OMNI-1"]


def test_data_center_gets_the_token_alone() -> None:
    with omni("Server", issues=1) as jira:
        kept(jira).run()
        assert {seen.headers["authorization"] for seen in jira.log} == {"Bearer secret-token"}
        assert not any("/api/3/" in seen.path for seen in jira.log)


def test_a_scoped_token_is_tried_at_the_gateway_once_and_remembered() -> None:
    with omni(issues=120, scoped=True) as jira:
        source = live(jira)
        run = Kept(source).run()
        run.count()
        assert len(run.items) == 120
        assert run.item("OMNI-1").url == f"{jira.url}/browse/OMNI-1"
        at_site = [one for one in jira.paths() if f"/ex/jira/{CLOUD_ID}" not in one]
        assert at_site == [
            "GET /rest/api/2/serverInfo",
            "GET /rest/api/3/myself",
            "GET /_edge/tenant_info",
        ]
        (asked,) = [seen for seen in jira.log if seen.path == "/_edge/tenant_info"]
        assert "authorization" not in asked.headers
        assert any("gateway" in probe.what for probe in source.probe())


def test_a_site_that_refuses_even_server_info_leads_to_the_gateway() -> None:
    with omni(issues=2, scoped=True) as jira:
        refusal = reply({"message": "Unauthorized"}, status=401)
        jira.faults.append(lambda seen: refusal if seen.path == "/rest/api/2/serverInfo" else None)
        assert kept(jira).run().names == ["OMNI-1", "OMNI-2"]


def test_the_gateways_own_address_is_used_without_asking_the_site() -> None:
    with omni(issues=2, scoped=True) as jira:
        assert kept(jira, api=jira.gateway).run().names == ["OMNI-1", "OMNI-2"]
        assert all(seen.path.startswith("/ex/jira/") for seen in jira.log)


def test_a_token_that_may_not_ask_who_it_is_works_at_the_gateway() -> None:
    with omni(issues=2, scoped=True) as jira:
        lacking = reply({"code": 401, "message": "Unauthorized; scope does not match"}, status=401)

        def no_scope(seen: Seen) -> Reply | None:
            is_whoami = seen.path.startswith("/ex/jira/") and seen.path.endswith("/myself")
            return lacking if is_whoami else None

        jira.faults.append(no_scope)
        assert kept(jira).run().names == ["OMNI-1", "OMNI-2"]


@pytest.mark.parametrize("anonymous", [True, False])
def test_a_wrong_token_is_refused_at_both_addresses_and_asked_no_more(*, anonymous: bool) -> None:
    with omni(issues=2, anonymous=anonymous) as jira:
        with pytest.raises(AuthenticationError) as found:
            with_token(jira, "wrong-token-123").run()
        assert "DEBTPLAN_JIRA_TOKEN" in found.value.what
        assert found.value.exit_code == 4
        assert jira.refused <= 2


def test_a_wrong_token_on_data_center_is_asked_once() -> None:
    with omni("Server", issues=2, anonymous=True) as jira:
        jira.fail_once(
            "/search",
            reply({"issues": [], "total": 0}, x_seraph_loginreason="AUTHENTICATED_FAILED"),
        )
        with pytest.raises(AuthenticationError, match="AUTHENTICATED_FAILED"):
            kept(jira, estimate_field="timeestimate").run()


@BOTH
@pytest.mark.parametrize("reason", ["AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"])
def test_an_empty_answer_to_a_stranger_is_a_refusal_whatever_its_status(
    deployment: str, reason: str
) -> None:
    with omni(deployment, issues=2) as jira:
        page: dict[str, Any] = {"issues": [], "total": 0, "isLast": True}
        path = "/search/jql" if deployment == "Cloud" else "/search"
        jira.fail_once(path, reply(page, x_seraph_loginreason=f"OUT, {reason}"))
        with pytest.raises(AuthenticationError, match=reason):
            kept(jira).run()


def test_a_captcha_says_what_to_do_about_it() -> None:
    with omni("Server", issues=1, captcha_after=0) as jira:
        with pytest.raises(AuthenticationError, match="CAPTCHA") as found:
            kept(jira).run()
        assert "browser" in found.value.fix
        assert len(jira.log) <= 3


@BOTH
def test_a_token_that_expires_between_pages_stops_the_walk_and_keeps_what_was_read(
    deployment: str,
) -> None:
    with omni(deployment, issues=250) as jira:
        jira.options.on_page = lambda _: setattr(jira.options, "token", "renewed")
        run = kept(jira)
        with pytest.raises(AuthenticationError):
            run.run()
        assert len(run.items) == 100
        assert jira.refused == 1


@BOTH
@pytest.mark.parametrize("token", ["", "   "])
def test_without_a_token_only_public_issues_are_there_and_that_is_said(
    deployment: str, token: str
) -> None:
    with omni(deployment, issues=2) as jira:
        header = jira.authorization()
        jira.authorization = lambda: ""  # type: ignore[method-assign]
        run = with_token(jira, token).run()
        assert run.names == ["OMNI-1", "OMNI-2"]
        assert any("without a token" in one for one in run.skipped["jira"])
        assert header not in {seen.headers.get("authorization") for seen in jira.log}


@pytest.mark.parametrize(
    "answer",
    [
        reply({}),
        reply([]),
        reply({"deploymentType": 3}),
        Reply(200, b"<!doctype html><title>SSO</title>", {"Content-Type": "text/html"}),
        reply({"errorMessages": ["no"]}, status=404),
        reply({"errorMessages": ["no"]}, status=410),
    ],
    ids=lambda one: f"{one.status} {one.content[:12]!r}",
)
def test_what_is_no_jira_is_an_error(answer: Reply) -> None:
    with omni(issues=1) as jira:
        jira.faults.append(lambda seen: answer if seen.path.endswith("/serverInfo") else None)
        with pytest.raises(SourceError) as found:
            kept(jira).run()
        assert found.value.fix


def test_a_server_too_old_to_say_what_it_is_is_data_center() -> None:
    with omni("Server", issues=2) as jira:
        jira.fail_once("/serverInfo", reply({"version": "7.13.0", "versionNumbers": [7, 13, 0]}))
        assert kept(jira).run().names == ["OMNI-1", "OMNI-2"]


def test_a_site_must_be_named() -> None:
    with omni() as jira, pytest.raises(SettingsError, match="names no site"):
        kept(jira, site=None).run()


@BOTH
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418])
@pytest.mark.parametrize("path", ["/serverInfo", "/field", "/search", "/project/OMNI"])
def test_a_secret_is_in_no_error(deployment: str, status: int, path: str) -> None:
    canary = "canary-5f0c9e"
    with omni(deployment) as jira:
        jira.options.token = canary
        said: dict[str, Any] = {
            "errorMessages": [f"token {canary} and {jira.authorization()} refused"]
        }

        def refuse(seen: Seen) -> Reply | None:
            is_it = seen.path.removesuffix("/jql").endswith(path)
            return reply(said, status=status) if is_it else None

        jira.faults.append(refuse)
        source = live(jira)
        shown = [repr(source), repr(source.__dict__), *(repr(one) for one in source.probe())]
        try:
            Kept(source).run()
        except DebtplanError as error:
            shown += [str(error), *traceback.format_exception(error)]
        text = "\n".join(shown)
        assert jira.authorization().split()[1] not in text
        assert deployment == "Cloud" or canary not in text


def test_nothing_is_asked_before_it_is_needed() -> None:
    with omni() as jira:
        source = live(jira)
        assert source.parts() == ("OMNI",)
        source.close()
        assert jira.log == []


def test_after_closing_the_way_is_found_anew() -> None:
    with omni(issues=1) as jira:
        source = live(jira)
        list(source.walk("OMNI", Mark(source="jira", part="OMNI")))
        source.close()
        list(source.walk("OMNI", Mark(source="jira", part="OMNI")))
        assert sum(one.endswith("/rest/api/2/serverInfo") for one in jira.paths()) == 2
        source.close()
