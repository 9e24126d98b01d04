"""Telling people, at most once: what is kept before and after a notice is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from debtplan.core.notice import Delivery, Failure, Notice, failure_of
from debtplan.core.plan import Plan
from debtplan.errors import DebtplanError, LostAnswerError, PartialDataError
from debtplan.ports import Notifier, Store

WritePlan = Callable[[Plan, Plan | None, bool], Notice]
"""Puts a plan into words, against the plan told last; the flag says that it is late."""

WriteFailures = Callable[[Sequence[Failure]], Notice]
"""Puts failures into words."""

Fail = Callable[[Failure], None]
"""Is told of what failed."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who is told.

    Attributes:
        teams: Only of these teams; empty takes all.
    """

    notify: Notifier
    teams: tuple[str, ...] = ()

    def cares(self, team: str) -> bool:
        """Tell whether a team's news go here; what is of no team goes everywhere."""
        return not team or not self.teams or team in self.teams


@dataclass(frozen=True, slots=True)
class Herald:
    """Tells readers of plans and failures.

    A notice is on record before it is sent, as not known to have arrived, and again when the
    service took it. Whatever ends a run in between, nobody is told twice.
    """

    store: Store
    readers: Mapping[str, Reader]
    write_plan: WritePlan
    write_failures: WriteFailures

    def tell_plan(
        self, plan: Plan, last: Plan | None, fail: Fail, *, is_late: bool
    ) -> dict[str, Delivery]:
        """Return, by reader, what became of the news of a plan.

        A reader hears what changed since `last` only if that plan had been told here; else all.
        """
        before = self.store.notices(last.digest) if last else {}
        told = self.store.notices(plan.digest)
        done = {}
        for name, reader in self.readers.items():
            if not reader.cares(plan.team):
                continue
            if name in told:
                done[name] = Delivery.SKIPPED if told[name] else Delivery.UNKNOWN
                continue
            notice = self.write_plan(plan, last if before.get(name) else None, is_late)
            if notice.change is not None and not notice.change.is_news:
                self.store.save_notice(plan.digest, name, is_sent=True)
                done[name] = Delivery.SKIPPED
                continue
            done[name] = self._deliver([(plan.digest, name)], name, notice, fail)
        return done

    def tell_failures(self, failures: Sequence[Failure], fail: Fail) -> dict[str, Delivery]:
        """Return, by reader, what became of the news of failures; each is told once until it ends.

        A reader is not told that it could not be reached itself.
        """
        done = {}
        for name, reader in self.readers.items():
            mine = [
                one
                for one in failures
                if reader.cares(one.team) and one.scope != f"notifier {name}"
            ]
            new = [
                one
                for one in mine
                if f"{name} {one.mark}" not in self.store.notices(_key(one.scope))
            ]
            if new:
                slots = [(_key(one.scope), f"{name} {one.mark}") for one in new]
                done[name] = self._deliver(slots, name, self.write_failures(new), fail)
            elif mine:
                done[name] = Delivery.SKIPPED
        return done

    def forget_failures(self, scope: str) -> None:
        """Take it that a scope is well, so that its next failure is told again."""
        for slot in self.store.notices(_key(scope)):
            self.store.forget_notice(_key(scope), slot)

    def _deliver(
        self, slots: Sequence[tuple[str, str]], name: str, notice: Notice, fail: Fail
    ) -> Delivery:
        scope = f"notifier {name}"
        for slot in slots:
            self.store.save_notice(*slot, is_sent=False)
        try:
            self.readers[name].notify(notice)
        except LostAnswerError as error:
            fail(_of_notifier(scope, error))
            return Delivery.UNKNOWN
        except DebtplanError as error:
            for slot in slots:
                self.store.forget_notice(*slot)
            fail(_of_notifier(scope, error))
            return Delivery.FAILED
        for slot in slots:
            self.store.save_notice(*slot, is_sent=True)
        self.forget_failures(scope)
        return Delivery.SENT


def _key(scope: str) -> str:
    """Return what failures of a scope are kept under; no digest of a plan looks like it."""
    return f"failure {scope}"


def _of_notifier(scope: str, error: DebtplanError) -> Failure:
    """Return a failure to tell: whatever its cause, the plan stands."""
    return failure_of(scope, error).model_copy(update={"exit_code": PartialDataError.exit_code})
