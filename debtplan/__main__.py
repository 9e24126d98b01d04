"""`python -m debtplan`, and the console script."""

import sys


def main() -> None:
    """Run the command line."""
    from debtplan.cli.app import app  # noqa: PLC0415 - only when run

    app(prog_name="debtplan")


if __name__ == "__main__":
    sys.exit(main())
