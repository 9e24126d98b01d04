"""`python -m debtplan`, and the console script."""


def main() -> None:
    """Run the command line."""
    from debtplan.cli.app import app

    app(prog_name="debtplan")


if __name__ == "__main__":
    main()
