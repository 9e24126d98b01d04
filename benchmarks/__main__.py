"""The benchmarks' command line: figures on stdout, exit 1 where one misses its limit."""

import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

from benchmarks import BENCHMARKS, Figure


def main(arguments: list[str] | None = None) -> int:
    """Run the named benchmarks, all by default; return 1 where a figure misses its limit."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--data", type=Path, help="folder of other instances of the same format")
    parser.add_argument("--json", action="store_true", help="one JSON line per figure")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    is_fine = True
    for name in options.names or BENCHMARKS:
        figure: Figure
        for figure in import_module(BENCHMARKS[name]).measure(options.data):
            print(figure.as_json() if options.json else figure.as_row(), flush=True)
            is_fine &= figure.ok
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
