"""What `doctor` looks at in a live Jira: every endpoint in use, and what was found there."""

from collections.abc import Callable, Iterator
from typing import Protocol

from debtplan.core.source import Probe
from debtplan.errors import DebtplanError
from debtplan.sources.jira.answer import list_of
from debtplan.sources.jira.fields import JiraFields, LinkKinds
from debtplan.sources.jira.site import FORBIDDEN, NOT_FOR_US, OK, SCOPES, UNAUTHORIZED, JiraServer
from debtplan.transport.address import host_of


class Probed(Protocol):
    """What is looked at."""

    name: str

    def parts(self) -> tuple[str, ...]:
        """See `LiveSource.parts`."""

    def scope(self, part: str) -> str:
        """See `LiveSource.scope`."""

    def search_one(self, part: str) -> int:
        """Ask for one page of a part."""

    def links(self) -> LinkKinds:
        """Return the kinds of links."""

    def project_of(self, part: str) -> str:
        """Return the project of a part, "" where it is none."""


def probe_site(source: Probed, server: JiraServer, fields: JiraFields) -> Iterator[Probe]:
    """Yield how a site answers; after a refusal of the token nothing more is asked."""
    look = _Look(source.name)
    if look.failed(lambda: server.client):
        yield from look.probes()
        return
    yield look.well(_way(server))
    if server.has_token:
        yield look.at(server.check_token, "the token works")
    else:
        fix = f"Set {server.access.variable('TOKEN')} to a token that may read the projects."
        yield look.ill("asks without a token: only what everybody may see is there", fix)
    yield look.of(lambda: f"its field list holds {_many(len(fields.definitions), 'field')}")
    yield look.of(lambda: _links(source))
    parts: list[str] = []
    if look.failed(lambda: parts.extend(source.parts())):
        yield from look.probes()
    for part in parts:
        yield from _probe_part(look, source, server, fields, part)


def _probe_part(
    look: "_Look", source: Probed, server: JiraServer, fields: JiraFields, part: str
) -> Iterator[Probe]:
    project = source.project_of(part)
    try:
        found = source.search_one(part)
        shown = f"{_many(found, 'issue')} on the first page" if found else "no issue yet"
        yield look.well(f"{part}: can be read, {shown}")
        if project:  # a project that cannot be read has no boards to ask for
            yield _boards(look, server, project)
        estimate = fields.estimate(project)
    except DebtplanError as error:
        yield look.error(error)
        return
    why = estimate.origin or f"estimates are read from {' and '.join(estimate.fields)}, as set"
    fix = "" if estimate.fields else "Set estimate_field to the field that holds the estimate."
    yield Probe(part=look.part, is_well=bool(estimate.fields), what=f"{part}: {why}", fix=fix)


def _boards(look: "_Look", server: JiraServer, project: str) -> Probe:
    try:
        answer = server.agile("board", allow=NOT_FOR_US, projectKeyOrId=project, maxResults="50")
        if answer.status != OK:
            is_barred = answer.status in {UNAUTHORIZED, FORBIDDEN}
            give = f"Give the token the scopes {SCOPES}, or set" if is_barred else "Set"
            fix = f"{give} estimate_field, and capacity under [team.NAME]."
            return look.ill(f"{project}: its boards cannot be asked (status {answer.status})", fix)
        boards = _many(len(list_of(answer, "values")), "board")
        return look.well(f"{project}: {boards} on the first page")
    except DebtplanError as error:
        return look.error(error)


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _way(server: JiraServer) -> str:
    kind = "Jira Cloud" if server.is_cloud else "Jira Data Center"
    where = f"{kind} answers at {host_of(server.client.base)}"
    return f"{where}, the gateway of tokens with scopes" if server.is_gateway else where


def _links(source: Probed) -> str:
    kinds = source.links()
    if kinds.remark or not kinds.described:
        return kinds.remark or "does not name its kinds of links; they are known by their words"
    return f"links that set an order: {', '.join(kinds.described)}"


class _Look:
    """Turns what happens into probes of one source."""

    def __init__(self, part: str) -> None:
        self.part = part
        self._failures: list[Probe] = []

    def well(self, what: str) -> Probe:
        return Probe(part=self.part, is_well=True, what=what)

    def ill(self, what: str, fix: str) -> Probe:
        return Probe(part=self.part, is_well=False, what=what, fix=fix)

    def error(self, error: DebtplanError) -> Probe:
        return self.ill(error.what, error.fix)

    def at(self, ask: Callable[[], object], what: str) -> Probe:
        return self.of(lambda: (ask(), what)[1])

    def of(self, ask: Callable[[], str]) -> Probe:
        """Return what a question brings, or how it failed."""
        try:
            return self.well(ask())
        except DebtplanError as error:
            return self.error(error)

    def failed(self, ask: Callable[[], object]) -> bool:
        try:
            ask()
        except DebtplanError as error:
            self._failures.append(self.error(error))
            return True
        return False

    def probes(self) -> Iterator[Probe]:
        while self._failures:
            yield self._failures.pop(0)
