"""What `debtplan doctor` finds out about GitHub: token, limits, repositories, endpoints, fields."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from debtplan.core.decode import Json
from debtplan.core.source import Probe
from debtplan.core.text import clean_line
from debtplan.errors import DebtplanError
from debtplan.files.shape import record, sequence, words
from debtplan.sources.github.census import page_number
from debtplan.sources.github.field import NUMBER
from debtplan.sources.github.issue import is_pull_request
from debtplan.sources.github.login import (
    READ_ISSUES,
    READ_PROJECTS,
    GithubLine,
    api_address,
    needing,
)
from debtplan.sources.github.project import GithubProject
from debtplan.sources.github.ties import issues_of
from debtplan.transport.address import host_of
from debtplan.transport.answer import Answer, Request

_NOT_FOUND = frozenset({404, 410})
_SAMPLE = "30"
"""Issues that are looked at, to find one that is no pull request."""

_FEW_LEFT = 0.1
"""Share of the hourly requests below which the doctor warns."""

_BESIDE = (
    (
        "dependencies/blocked_by",
        "dependencies",
        'only lines such as "Blocked by #7" say what waits',
    ),
    ("sub_issues", "sub-issues", "an umbrella and its parts count as separate work"),
)
"""Endpoint of an issue, what it adds, and what happens without it."""


_CLOSED = frozenset({403, 404})


def _called(field: Mapping[str, Json]) -> set[str]:
    """Return what the settings may call a field: its name, or its number."""
    return {words(field.get("name")).casefold(), words(field.get("id"))}


@dataclass
class GithubProbe:
    """Looks at one GitHub source; nobody is named."""

    line: GithubLine
    project: GithubProject | None

    def probes(self, parts: Callable[[], Iterable[str]]) -> Iterator[Probe]:
        """Yield what was found; failures are probes too."""
        try:
            repos = tuple(parts())
            yield from self._token()
        except DebtplanError as error:
            yield self._failed(error)
            return
        for repo in repos:
            yield from self._guarded(self._repository(repo))
        wanted = (self.line.table.estimate_field or "").strip()
        for owner in dict.fromkeys(repo.partition("/")[0] for repo in repos if wanted):
            yield from self._guarded(self._issue_field(owner, wanted))
        if self.project is not None:
            yield from self._guarded(self._project(self.project))

    def _token(self) -> Iterator[Probe]:
        """Yield who asks, and how much may still be asked.

        Classic tokens name their scopes in `X-OAuth-Scopes`; the others have permissions, which
        GitHub tells nobody. `/rate_limit` costs nothing; Enterprise Servers without limits say 404.
        """
        answer = self.line.ask(Request("rate_limit", allow=frozenset({404})))
        host = host_of(api_address(self.line.table))
        scopes = answer.headers.get("x-oauth-scopes")
        if self.line.is_anonymous:
            variable = self.line.access.variable("TOKEN")
            what = f"{host} is asked without a token: public repositories only, 60 requests an hour"
            yield self._well(f"{what}; set {variable} for more")
        elif self.line.table.app_id is not None:
            yield self._well(f"{host} knows App {self.line.table.app_id} and gave it a token")
        elif scopes is None:
            kind = "a fine-grained or Actions token; its permissions show below"
            yield self._well(f"{host} takes the token, {kind}")
        else:
            named = clean_line(scopes, limit=200) or "none, which is enough for public repositories"
            yield self._well(f"{host} takes the token, a classic one with the scopes: {named}")
        yield from self._limit(answer)

    def _limit(self, answer: Answer) -> Iterator[Probe]:
        if answer.status == 404:  # noqa: PLR2004 - Not Found
            yield self._well("has no limit of requests")
            return
        core = record(record(record(answer.json()).get("resources")).get("core"))
        left, most = core.get("remaining"), core.get("limit")
        if isinstance(left, int) and isinstance(most, int):
            what = f"{left:,} of {most:,} requests are left this hour"
            is_well = left > _FEW_LEFT * most
            fix = "" if is_well else "Wait until the hour is over, or use a token of its own."
            yield Probe(part=self.line.name, is_well=is_well, what=what, fix=fix)

    def _repository(self, part: str) -> Iterator[Probe]:
        with needing(part, READ_ISSUES):
            found = self.line.ask(Request(f"repos/{part}", allow=_NOT_FOUND))
            said = record(found.json())
            name = words(said.get("full_name"))
            if found.status in _NOT_FOUND or not name:
                what = f"{part} does not exist, or is hidden from this token"
                fix = f"Check `repos` of [sources.{self.line.name}], and give the token "
                yield self._ill(what, f"{fix}{READ_ISSUES}.")
                return
            if said.get("has_issues") is False:
                fix = f"Take it out of `repos` of [sources.{self.line.name}]."
                yield self._ill(f"{part} has its issues switched off", fix)
                return
            if name.casefold() != part.casefold():
                what = f"{part} is called {clean_line(name, limit=200)} now, and still found"
                yield self._well(f"{what}; put the new name into `repos`")
            yield from self._issues(part, name)

    def _issues(self, part: str, name: str) -> Iterator[Probe]:
        answer = self.line.get(f"repos/{name}/issues", state="all", per_page=_SAMPLE)
        sample = [record(one) for one in issues_of(answer)]
        total = self._total(name, answer, len(sample))
        count = "many" if total is None else f"{total:,}"
        are = "issue or pull request" if total == 1 else "issues and pull requests"
        yield self._well(f"{part} lists {count} {are}")
        issue = next((one for one in sample if not is_pull_request(one)), None)
        if issue is None:
            yield self._well(f"{part} shows no issue yet; its other endpoints were not tried")
            return
        where = f"repos/{name}/issues/{words(issue.get('number'))}"
        for path, feature, without in _BESIDE:
            request = Request(f"{where}/{path}", (("per_page", "1"),), allow=_NOT_FOUND)
            found = self.line.ask(request)
            if found.status in _NOT_FOUND:
                yield self._well(f"{part}: this server has no {feature}; {without}")
            else:
                issues_of(found)
                yield self._well(f"{part}: {feature} are read")

    def _issue_field(self, owner: str, wanted: str) -> Iterator[Probe]:
        """Yield whether an owner's issues have the field of `estimate_field`.

        Classic tokens need the scope read:org to list the fields, and the values can be read
        without it ("List issue fields for an organization"). People have no such fields.
        """
        named = f"the issue field {clean_line(wanted, limit=60)!r}"
        found = self.line.ask(Request(f"orgs/{owner}/issue-fields", allow=_CLOSED))
        if found.status in _CLOSED:
            what = f"the issue fields of {owner} cannot be listed (status {found.status})"
            yield self._well(f"{what}, so whether there is {named} shows when it is read")
            return
        fields = [record(one) for one in sequence(found.json())]
        numbers = [words(one.get("name")) for one in fields if one.get("data_type") == NUMBER]
        meant = [one for one in fields if wanted.casefold() in _called(one)]
        if any(one.get("data_type") == NUMBER for one in meant):
            yield self._well(f"estimates come from {named} of {owner}")
            return
        shown = ", ".join(clean_line(name, limit=60) for name in sorted(numbers)) or "none"
        has = f"{named} of {owner} holds no numbers" if meant else f"{owner} has not {named}"
        fix = f"Set estimate_field of [sources.{self.line.name}] to a number field: {shown}."
        yield self._ill(has, fix)

    def _total(self, name: str, answer: Answer, found: int) -> int | None:
        if answer.link("next") is None:
            return found
        one = self.line.get(f"repos/{name}/issues", state="all", per_page="1")
        return page_number(one.link("last"))

    def _project(self, project: GithubProject) -> Iterator[Probe]:
        with needing(f"the project {project.address}", READ_PROJECTS):
            board = project.board()
        table = self.line.table
        shown = ", ".join(
            f"{clean_line(name, limit=60)} ({kind.casefold().replace('_', ' ')})"
            for name, kind in sorted(board.types.items())
        )
        yield self._well(f"the project {project.address} has the fields {shown or 'none'}")
        if table.points_field:
            yield self._field(board.points, table.points_field, "points_field", "number")
        if table.iteration_field:
            yield self._field(board.sprint, table.iteration_field, "iteration_field", "iteration")

    def _field(self, found: str, wanted: str, setting: str, kind: str) -> Probe:
        use = "estimates" if kind == "number" else "sprints"
        if found:
            return self._well(f"{use} come from its {kind} field {clean_line(found, limit=60)!r}")
        what = f"the project has no {kind} field {clean_line(wanted, limit=60)!r} for {use}"
        fix = f'Set {setting} of [sources.{self.line.name}] to a {kind} field, or to "" for none.'
        return self._ill(what, fix)

    def _guarded(self, probes: Iterator[Probe]) -> Iterator[Probe]:
        try:
            yield from probes
        except DebtplanError as error:
            yield self._failed(error)

    def _failed(self, error: DebtplanError) -> Probe:
        return self._ill(error.what.rstrip("."), error.fix)

    def _well(self, what: str) -> Probe:
        return Probe(part=self.line.name, is_well=True, what=what)

    def _ill(self, what: str, fix: str) -> Probe:
        return Probe(part=self.line.name, is_well=False, what=what, fix=fix)
