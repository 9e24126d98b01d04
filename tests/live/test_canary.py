"""No token shows in anything that a run leaves behind, whatever its services do."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from urllib.parse import quote

import pytest

from tests.live import omniretail
from tests.live.canary import Canary, command_lines, files, make, search
from tests.live.faults import FAULTS, Trouble
from tests.live.program import Ended, Program
from tests.notify.smtp import FakeMail
from tests.servers.harness import FakeServer, Reply, Seen, reply

BUG = 70

SERVICES = (
    *("JIRA", "CENTER", "GITHUB", "PROMETHEUS", "GRAFANA", "NEWRELIC"),
    *("MIXPANEL", "SENTRY", "ZENDESK"),
)
HOOKS = ("SLACK", "TEAMS", "HOOK")
MAIL_USER = "bot"

SETTINGS = """\
[transport]
attempts = 2
max_wait_s = 0
request_s = 20

[plan]
explain_limit = 0

[team.checkout]
board = "jira:42"
capacity = 40

[sources.jira]
site = "{jira}"
api = "{jira}"
email = "ada@example.com"
projects = ["OMNI"]

[sources.center]
type = "jira"
site = "{center}"
projects = ["OMNI"]

[sources.github]
api = "{github}"
repos = ["omniretail/storefront"]

[metrics.prometheus]
url = "{telemetry}/prometheus"
history_days = 30

[metrics.grafana]
url = "{telemetry}/grafana"
datasource = "abc"

[metrics.newrelic]
url = "{telemetry}/newrelic"
account = 7

[metrics.mixpanel]
url = "{telemetry}/mixpanel"
project = 7
user = "shop.mp-service-account"

[metrics.sentry]
url = "{telemetry}/sentry"
organization = "shop"

[metrics.zendesk]
url = "{telemetry}/zendesk"
user = "agent@example.com"
sessions_per_day = 1000

[notify.slack]
[notify.teams]
[notify.hook]
type = "webhook"
[notify.email]
host = "127.0.0.1"
port = {mail}
security = "none"
sender = "debtplan@example.com"
recipients = ["em@example.com"]

[[flow]]
id = "checkout"
sessions_per_sprint = 10000
"""

METRIC = """
[[metric]]
id = "{id}"
flow = "checkout"
step = "{id}"
source = "{source}"
{rest}
"""

RATE = 'kind = "error_rate"\ntarget = 0.01\n'
METRICS = {
    "checkout-errors": ("prometheus", f'{RATE}queries = {{ bad = "5..", total = "all" }}'),
    "grafana-errors": ("grafana", f'{RATE}queries = {{ bad = "5..", total = "all" }}'),
    "newrelic-errors": ("newrelic", f'{RATE}queries.rate = "SELECT percentage(count(*))"'),
    "mixpanel-errors": ("mixpanel", f'{RATE}queries.rate = "insights:1:Rate"'),
    "sentry-errors": ("sentry", f'{RATE}query = "all"'),
    "zendesk-tickets": (
        "zendesk",
        'kind = "ticket_rate"\ntarget = 0.01\nreporting_rate = 0.1\nquery = "tag:ship"',
    ),
}


@dataclass
class Stage:
    """All services of a team, what they do next, and where the team's runs leave things.

    Attributes:
        trouble: What every service does instead of answering; None answers.
        after: Requests that are answered all the same.
        met: Requests that met the trouble.
        lines: Command lines while the last run was asking.
    """

    program: Program
    canaries: tuple[Canary, ...]
    foreign: FakeServer
    trouble: Trouble | None = None
    after: int = 0
    met: int = 0
    lines: dict[str, bytes] = field(default_factory=dict)
    servers: dict[str, str] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)

    def disturb(self, seen: Seen) -> Reply | None:
        """Stand in front of every server."""
        if not self.lines:
            self.lines = command_lines()
        if self.trouble is None:
            return None
        self.after -= 1
        if self.after >= 0:
            return None
        self.met += 1
        return self.trouble(seen, self.foreign.url)

    def run(
        self,
        *words: str,
        trouble: Trouble | None = None,
        after: int = 0,
        python: tuple[str, ...] = ("-m", "debtplan"),
    ) -> Ended:
        """Run a command in trouble."""
        self.trouble, self.after, self.met, self.lines = trouble, after, 0, {}
        try:
            return self.program.run(*words, python=python)
        finally:
            self.trouble = None

    def leaks(self, ended: Ended) -> list[str]:
        """Return where secrets are: in what was said, in any file, in any command line."""
        places = {"stdout": ended.out, "stderr": ended.err, **self.lines}
        return search(self.canaries, {**places, **files(self.program.folder)})


def answer_telemetry(seen: Seen) -> Reply:
    """Answer as a Prometheus, and as nothing that the others would know."""
    _, service, path = seen.path.split("/", 2)
    if service == "prometheus":
        whole = Seen(seen.method, f"/{path}", seen.query, seen.headers, seen.content)
        return omniretail.answer_query(whole)
    return reply({})


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A team with a secret for every service, after one good sync."""
    folder = tmp_path_factory.mktemp("canary")
    canaries = {
        name: make(name, number) for number, name in enumerate((*SERVICES, *HOOKS, "KEY", "EMAIL"))
    }
    value = {name: one.value for name, one in canaries.items()}
    now = datetime.now(UTC)
    with ExitStack() as stack:
        enter = stack.enter_context
        jira = enter(omniretail.jira(now, token=value["JIRA"]))
        center = enter(omniretail.jira(now, "Server", token=value["CENTER"]))
        github = enter(omniretail.github(now))
        github.add_token(value["GITHUB"])
        telemetry = enter(FakeServer(answer_telemetry))
        hook = enter(FakeServer(lambda _: Reply(204)))
        mail = enter(FakeMail(users={MAIL_USER: value["EMAIL"]}))
        foreign = enter(FakeServer(lambda _: reply({})))
        addresses = {
            "jira": jira.url,
            "center": center.url,
            "github": github.api,
            "telemetry": telemetry.url,
        }
        text = SETTINGS.format(mail=mail.port, **addresses)
        for name, (source, rest) in METRICS.items():
            text += METRIC.format(id=name, source=source, rest=rest)
        (folder / "team").mkdir()
        (folder / "team" / "debtplan.toml").write_text(text, encoding="utf-8")
        kept = folder / "github-token"
        kept.write_text(value["GITHUB"], encoding="utf-8")
        variables = {f"DEBTPLAN_{name}_TOKEN": value[name] for name in SERVICES}
        del variables["DEBTPLAN_GITHUB_TOKEN"]
        variables |= {
            f"DEBTPLAN_{name}_URL": f"{hook.url}/in/{quote(value[name], safe='')}" for name in HOOKS
        }
        variables |= {
            "DEBTPLAN_GITHUB_TOKEN_FILE": str(kept),
            "DEBTPLAN_HOOK_KEY": value["KEY"],
            "DEBTPLAN_EMAIL_USER": MAIL_USER,
            "DEBTPLAN_EMAIL_PASSWORD": value["EMAIL"],
        }
        made = Stage(Program(folder / "team", variables), tuple(canaries.values()), foreign)
        made.servers = addresses
        for server in (jira, center, github, telemetry, hook):
            server.faults.append(made.disturb)
        first = made.run("sync")
        assert made.leaks(first) == []
        assert b"omniretail/storefront" in files(made.program.folder)["debtplan.db"], first.said
        made.kept = {
            name: (made.program.folder / name).read_bytes()
            for name in ("debtplan.toml", "debtplan.db")
        }
        yield made


COMMANDS = ("sync", "doctor", "sync", "run")
CASES = list(zip(FAULTS, cycle(COMMANDS), strict=False))


def check(stage: Stage, *words: str, trouble: Trouble, after: int = 0) -> Ended:
    """Run a command in trouble, and look for what it has let slip."""
    ended = stage.run(*words, trouble=trouble, after=after)
    assert stage.met, ended.said
    assert stage.lines
    assert ended.code not in {0, BUG}, ended.said
    found = stage.leaks(ended)
    assert found == [], "\n".join(found) + ended.said
    assert stage.foreign.log == []
    return ended


@pytest.fixture
def fresh(stage: Stage) -> Iterator[Stage]:
    """The team as it was after its good sync, so that each leak is found where it is made."""
    folder = stage.program.folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    for name, content in stage.kept.items():
        (folder / name).write_bytes(content)
    variables = stage.program.variables
    yield stage
    stage.program.variables = variables


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "command"), CASES, ids=[" ".join(case) for case in CASES])
def test_no_secret_shows_whatever_the_services_do(fresh: Stage, fault: str, command: str) -> None:
    check(fresh, command, trouble=FAULTS[fault])


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "after"), [("401", 9), ("page with 200", 14), ("cut", 20)])
def test_no_secret_shows_when_it_goes_wrong_on_the_way(
    fresh: Stage, fault: str, after: int
) -> None:
    check(fresh, "run", trouble=FAULTS[fault], after=after)


@pytest.mark.slow
def test_no_secret_shows_in_what_is_made_of_a_failed_sync(fresh: Stage) -> None:
    check(fresh, "sync", trouble=FAULTS["failed with 200"])
    for words in (
        "plan -o plan.json -o report.html -o report.md -o items.csv",
        "items --format json",
        "config show --origin",
    ):
        ended = fresh.run(*words.split())
        assert ended.code in {0, 5}, ended.said
        assert fresh.leaks(ended) == [], ended.said


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["401", "page with 200", "redirect to a foreign host"])
def test_no_secret_shows_in_the_settings_that_init_writes(fresh: Stage, fault: str) -> None:
    words = ("init", "new/debtplan.toml", "--team", "checkout", "--capacity", "40")
    tracker = ("--tracker", fresh.servers["center"], "--project", "OMNI", "--email", "")
    (fresh.program.folder / "new").mkdir()
    ended = fresh.run(*words, *tracker, trouble=FAULTS[fault])
    assert fresh.met
    assert ended.code == 0, ended.said
    assert fresh.leaks(ended) == [], ended.said


@pytest.mark.slow
def test_no_secret_shows_in_what_a_killed_run_leaves(fresh: Stage) -> None:
    with fresh.program.running("sync") as process:

        def kill(_seen: Seen, _foreign: str) -> Reply:
            process.kill()
            process.wait()
            return Reply(500)

        fresh.trouble, fresh.after, fresh.lines = kill, 20, {}
        out, err = process.communicate(timeout=60)
    fresh.trouble = None
    ended = Ended(process.returncode, out, err)
    assert ended.is_killed
    assert "debtplan.db-wal" in files(fresh.program.folder)
    assert fresh.leaks(ended) == [], ended.said


CRASH = """
import sys
from debtplan.transport import answer
def crash(self):
    raise ZeroDivisionError("odd data")
answer.Answer.json = crash
from debtplan.__main__ import main
sys.argv = ["debtplan", "sync"]
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("debug", ["", "1"])
def test_no_secret_shows_when_the_program_crashes(fresh: Stage, debug: str) -> None:
    fresh.program.variables = {**fresh.program.variables, "DEBTPLAN_DEBUG": debug}
    ended = fresh.run(python=("-c", CRASH))
    assert ended.code == (1 if debug else BUG), ended.said
    assert ("Traceback" in ended.said) == bool(debug)
    assert fresh.lines
    assert fresh.leaks(ended) == [], ended.said


LEAKS = {
    "stderr": "print(value, file=sys.stderr)",
    "stdout": "print(base64.b64encode(f'ada@example.com:{value}'.encode()).decode())",
    "file": "open('leak', 'w').write(urllib.parse.quote(value, safe=''))",
    "temporary file": "open(os.environ['TMPDIR'] + '/leak', 'w').write(value[5:20])",
    "database": (
        "c = sqlite3.connect('debtplan.db'); c.execute('pragma journal_mode = wal'); "
        "c.execute('update source set detail = ?', (value,)); c.commit(); os._exit(0)"
    ),
    "command line": (
        "subprocess.run([sys.executable, '-c', ASK, value], stdout=subprocess.DEVNULL)"
    ),
}
LEAK = """
import base64, os, sqlite3, subprocess, sys, urllib.parse, urllib.request
ASK = "import urllib.request; urllib.request.urlopen('{url}/rest/api/2/serverInfo')"
value = os.environ["DEBTPLAN_JIRA_TOKEN"]
{leak}
"""


@pytest.mark.slow
@pytest.mark.parametrize("place", LEAKS)
def test_the_search_finds_a_secret_that_is_let_slip(fresh: Stage, place: str) -> None:
    text = LEAK.replace("{url}", fresh.servers["jira"]).replace("{leak}", LEAKS[place])
    ended = fresh.run(python=("-c", text))
    assert ended.code == 0, ended.said
    assert any("the secret of JIRA" in one for one in fresh.leaks(ended))
