"""What `python -m tests.bench.coding` is told."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

ROWS = ("page", "list", "search", "stock")
FEWEST_NOTES = 12
REPETITIONS = 5


@dataclass(frozen=True)
class Options:
    """Which interfaces, and how often."""

    rows: tuple[str, ...]
    repetitions: int

    @property
    def notes(self) -> int:
        """Notes of a study: one a repetition, and the ones before and after them."""
        return max(FEWEST_NOTES, self.repetitions + 2)


def options(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; argparse ends the program where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.coding",
        description=(
            "How long a coder waits in each interface: our own page, the two interfaces in Label "
            "Studio, and a stock Label Studio project. Exit status 1 where our page misses one of "
            "its targets."
        ),
    )
    parser.add_argument(
        "--rows",
        type=_rows,
        default=ROWS,
        help=f"which, separated by commas; default: {','.join(ROWS)}",
    )
    parser.add_argument(
        "--repetitions",
        type=_count,
        default=REPETITIONS,
        help="of which the median is printed; default: %(default)s, fewer for trying",
    )
    read = parser.parse_args(arguments)
    return Options(read.rows, read.repetitions)


def _rows(words: str) -> tuple[str, ...]:
    """Names of rows, in the order of ROWS, each once."""
    asked = words.split(",")
    unknown = [name for name in asked if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no row {', '.join(unknown)}; there is: {', '.join(ROWS)}"
        )
    return tuple(name for name in ROWS if name in asked)


def _count(words: str) -> int:
    if not words.isdecimal() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"{words} is no number of repetitions: give 1 or more")
    return int(words)
