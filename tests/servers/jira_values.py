"""What literals of a query name, and by which names an issue's values go."""

from collections.abc import Callable

from tests.servers.jira_query import Clause, JqlError, Value
from tests.servers.jira_site import CATEGORIES, PRIORITIES, Issue
from tests.servers.jira_store import JiraStore

_SPRINT_STATES = {"opensprints": "active", "closedsprints": "closed", "futuresprints": "future"}


def no_value(clause: Clause, text: str) -> JqlError:
    """Return the refusal of a value that the site has not."""
    return JqlError(f"The value '{text}' does not exist for the field '{clause.field}'.")


def no_issue(clause: Clause, value: Value) -> JqlError:
    """Return the refusal of an issue that is not there."""
    text = value.text or ""
    what = "ID" if text.isdigit() else "key"
    return JqlError(f"An issue with {what} '{text}' does not exist for field '{clause.field}'.")


class Values:
    """Names of values, in lower case: ids, keys, English names and the site's own."""

    def __init__(self, store: JiraStore) -> None:
        self._store = store
        self._names: dict[str, Callable[[Issue], set[str]]] = {
            "project": lambda issue: {issue.project.casefold()},
            "key": lambda issue: {str(issue.id)},
            "labels": lambda issue: {one.casefold() for one in issue.labels},
            "components": lambda issue: {one.casefold() for one in issue.components},
            "kind": lambda issue: self._said(issue.kind, store.kinds[issue.kind]),
            "status": lambda issue: self._said(issue.status, store.statuses[issue.status].id),
            "category": lambda issue: {store.statuses[issue.status].category},
            "sprint": lambda issue: {str(one) for one in issue.sprints},
            "versions": lambda issue: {str(one) for one in issue.fix_versions},
            "parent": lambda issue: set() if issue.parent is None else {str(issue.parent)},
            "priority": lambda issue: {issue.priority.casefold()},
            "resolution": lambda issue: set() if issue.resolved is None else {"done"},
            "summary": lambda issue: {issue.summary.casefold()},
            "rank": lambda issue: {str(issue.id)},
        }

    def _said(self, name: str, key: str) -> set[str]:
        return {name.casefold(), self._store.site.say(name).casefold(), key}

    def names(self, field: str, issue: Issue) -> set[str]:
        """Return every name of what an issue has in a field."""
        return self._names[field](issue)

    def wanted(self, clause: Clause, field: str, value: Value) -> set[str]:
        """Return what a literal asks for, in the words of `names`.

        Raises:
            JqlError: The site has no such value.
        """
        text = value.text or ""
        if value.is_function:
            return self._function(field, text)
        match field:
            case "project":
                return {self._project(clause, text)}
            case "category":
                return {self._category(clause, text)}
            case "sprint":
                return self._sprint(text)
            case "versions" if not (text.isdigit() and int(text) in self._store.versions):
                raise no_value(clause, text)
            case "key" | "parent":
                return {self._issue(clause, value)}
            case "status" | "kind" | "priority" | "components":
                if text.casefold() not in self._known(field):
                    raise no_value(clause, text)
        return {text.casefold()}

    def _function(self, field: str, name: str) -> set[str]:
        state = _SPRINT_STATES.get(name.casefold())
        if field != "sprint" or state is None:
            raise JqlError(f"Unable to find JQL function '{name}()'.")
        return {str(one.id) for one in self._store.sprints.values() if one.state == state}

    def _issue(self, clause: Clause, value: Value) -> str:
        found = self._store.find(value.text or "")
        if found is None or not self._store.is_visible(found):
            raise no_issue(clause, value)
        return str(found.id)

    def _known(self, field: str) -> set[str]:
        store = self._store
        if field == "status":
            return {
                name for one in store.statuses.values() for name in self._said(one.name, one.id)
            }
        if field == "kind":
            return {name for kind, key in store.kinds.items() for name in self._said(kind, key)}
        if field == "priority":
            return {one.casefold() for one in PRIORITIES}
        return {one.casefold() for issue in store.issues.values() for one in issue.components}

    def _project(self, clause: Clause, text: str) -> str:
        for one in self._store.projects.values():
            names = {one.key.casefold(), one.name.casefold(), str(one.id)}
            if text.casefold() in names and one.key not in self._store.hidden_projects:
                return one.key.casefold()
        raise no_value(clause, text)

    def _category(self, clause: Clause, text: str) -> str:
        for key, (number, name, _) in CATEGORIES.items():
            if text.casefold() in {key, *self._said(name, str(number))}:
                return key
        raise no_value(clause, text)

    def _sprint(self, text: str) -> set[str]:
        found = {
            str(one.id)
            for one in self._store.sprints.values()
            if text == str(one.id) or text.casefold() == one.name.casefold()
        }
        if not found:
            what = "id" if text.isdigit() else "name"
            raise JqlError(
                f"Sprint with {what} '{text}' does not exist or you do not have permission to view"
                " it."
            )
        return found
