"""Everything debtplan raises on purpose, grouped by what the caller can do about it.

    DebtplanError                 exit 1    something failed; `fix` says what to do
    |-- UsageError                exit 2    the command line asks for something impossible
    |   |-- SettingsError         exit 2    debtplan.toml: every problem of it, in one go
    |   `-- InputError            exit 2    a file that the settings name cannot be used
    |-- ProofError                exit 1    a plan or report does not hold what it says
    |-- StoreError                exit 1    the database cannot be used as it is
    |-- AuthenticationError       exit 4    a source refused the credentials
    |   `-- ForbiddenError        exit 4    they are good, and do not allow this
    |-- PartialDataError          exit 5    a source failed; what could be read is kept
    |   |-- SourceError           exit 5    a service gives no answer, or one that cannot be used
    |   |   `-- UnreachedError    exit 5    it surely did not get what was sent
    |   |-- NotSentError          exit 5    a service surely did not take a notice
    |   `-- LostAnswerError       exit 5    a notice was sent; nobody knows whether it arrived
    |-- DeadlineError             exit 1    a run took longer than it may; what was kept stays
    |-- NoPlanError               exit 6    the rules contradict each other
    `-- LockedError               exit 75   another run holds the lock; try again

`str(error)` is safe to paste anywhere: it never holds a token, a header or a body.
"""

from typing import ClassVar


class DebtplanError(Exception):
    """A failure with one sentence that names the thing and one that says what to do.

    Attributes:
        what: One sentence that names what is wrong, and where.
        fix: One imperative sentence that names the setting or the command that mends it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, fix: str) -> None:
        """Keep both sentences; `str()` shows them on two lines."""
        super().__init__(what, fix)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        """Return both sentences, `what` first."""
        return f"{self.what}\n{self.fix}"


class UsageError(DebtplanError):
    """The command line asks for something that cannot be done as asked."""

    exit_code = 2


class SettingsError(UsageError):
    """The settings hold one or more problems, all of them listed.

    Attributes:
        problems: One sentence a problem, in the order of the file.
    """

    def __init__(self, what: str, fix: str, problems: tuple[str, ...] = ()) -> None:
        """Keep the list beside the two sentences."""
        super().__init__(what, fix)
        self.problems = problems

    def __str__(self) -> str:
        """Return the sentence, the problems one a line, and the fix."""
        return "\n".join((self.what, *(f"  - {problem}" for problem in self.problems), self.fix))


class InputError(UsageError):
    """A file that the settings or the command line name cannot be used."""


class ProofError(DebtplanError):
    """A plan or a report does not hold what it says."""


class StoreError(DebtplanError):
    """The database cannot be used as it is; nothing was written."""


class AuthenticationError(DebtplanError):
    """A source refused the credentials; never retried."""

    exit_code = 4


class ForbiddenError(AuthenticationError):
    """The credentials are good and do not allow this: another project may be open to them."""


class PartialDataError(DebtplanError):
    """A source failed; what the others gave is kept and the plan is marked."""

    exit_code = 5


class SourceError(PartialDataError):
    """A service cannot be reached, or answers with what cannot be used; never an empty list."""


class UnreachedError(SourceError):
    """A service surely did not get what was sent: no connection to it came about."""


class NotSentError(PartialDataError):
    """A service surely did not take a notice."""


class LostAnswerError(PartialDataError):
    """A notice was sent, and no answer came: nobody knows whether it arrived."""


class DeadlineError(DebtplanError):
    """A run took longer than it may; what was kept before stays."""


class NoPlanError(DebtplanError):
    """The rules contradict each other; the sentence names the smallest such set."""

    exit_code = 6


class LockedError(DebtplanError):
    """Another run holds the lock; nothing was done."""

    exit_code = 75
