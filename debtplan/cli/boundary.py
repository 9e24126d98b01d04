"""Where every error ends: one sentence, one fix, one exit code."""

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from debtplan.cli import terminal
from debtplan.errors import DebtplanError

BUG = 70
INTERRUPTED = 130


class Boundary(TyperGroup):
    """The command group that turns errors into sentences and exit codes, once."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as typer has it
        """Run a command; see `debtplan.errors` for the exit codes."""
        terminal.allow_any_character()
        try:
            return super().invoke(ctx)
        except DebtplanError as error:
            terminal.tell(f"debtplan: {error}")
            raise typer.Exit(error.exit_code) from None
        except (KeyboardInterrupt, typer.Abort):
            terminal.tell("debtplan: Interrupted; what was stored before stays.")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of our output has gone; say nothing, and let nothing be flushed to it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except typer.Exit:
            raise
        except Exception as error:
            if os.environ.get("DEBTPLAN_DEBUG") or _is_usage(error):
                raise
            terminal.tell(_bug(error))
            raise typer.Exit(BUG) from None


def _is_usage(error: Exception) -> bool:
    """Tell whether typer itself will say what is wrong with the command line."""
    return hasattr(error, "exit_code") and hasattr(error, "show")


def _bug(error: Exception) -> str:
    """Return what to say of an error that nobody expected: its kind and place, never its values."""
    trace, where = error.__traceback__, ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("debtplan."):
            where = f" in {module}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return (
        f"debtplan: This is a bug in debtplan: {type(error).__name__}{where}.\n"
        "Run it again with DEBTPLAN_DEBUG=1 for the details, and report them."
    )
