"""What is wrong with a file: all of it counted, grouped by cause, with the rows and how to mend
them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from files.spreadsheet_csv import spreadsheet_csv

KEPT = 100_000
"""Problems that are kept with their rows; more are counted alone."""
HEADER = "row,cause,message"
MOST = 100_000
"""Problems after which a file is read no further: it is not what it was taken for."""
SHOWN_ROWS = 5
SHOWN_MESSAGES = 5


@dataclass(frozen=True)
class Problem:
    """What is wrong on a line of the file (0: the file as a whole), and how to mend it. Never
    holds note text."""

    row: int
    message: str
    cause: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}" if self.row else self.message


@dataclass
class Group:
    """All problems of one cause: how many, the first rows, the most frequent messages with their
    counts."""

    cause: str
    mend: str = ""
    """What to do about all of them, where their messages do not say so."""
    count: int = 0
    rows: list[int] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)

    def add(self, problem: Problem) -> None:
        """Count a problem; only the first few are kept as examples."""
        self.count += 1
        if problem.row and len(self.rows) < SHOWN_ROWS and problem.row not in self.rows:
            self.rows.append(problem.row)
        if problem.message in self.messages or len(self.messages) < KEPT:
            self.messages[problem.message] += 1

    @property
    def examples(self) -> list[tuple[str, int]]:
        """(message, how many times) of the most frequent ones."""
        return self.messages.most_common(SHOWN_MESSAGES)

    @property
    def other_messages(self) -> int:
        """How many distinct messages are not among the examples."""
        return len(self.messages) - len(self.examples)

    @property
    def where(self) -> str:
        """For example "rows 3, 7, 9 and 134 more"."""
        if not self.rows:
            return "the file as a whole"
        word = "row" if self.count == 1 else "rows"
        more = self.count - len(self.rows)
        listed = ", ".join(map(str, self.rows))
        return f"{word} {listed} and {more:,} more" if more > 0 else f"{word} {listed}"

    def __str__(self) -> str:
        said = "; ".join(
            message if n == 1 else f"{message} ({n:,} times)" for message, n in self.examples
        )
        more = f"; and {self.other_messages:,} others" if self.other_messages else ""
        mend = f"; {self.mend}" if self.mend else ""
        return f"{self.where}: {said}{more}{mend}"


class FileError(ValueError):
    """A file is refused. `total` counts everything wrong with it, `groups` by cause; `errors`
    are the rows."""

    def __init__(self, problems: Problems) -> None:
        self.name = problems.name
        self.errors = problems.kept
        self.total = problems.total
        self.groups = sorted(problems.groups.values(), key=lambda group: -group.count)
        super().__init__(self._words())

    def _words(self) -> str:
        first = self.errors[0]
        place = f"{self.name} row {first.row}" if first.row else self.name
        more = f" (and {self.total - 1:,} more)" if self.total > 1 else ""
        return f"{place}: {first.message}{more}" if place else f"{first.message}{more}"

    def write(self, path: Path) -> str:
        """Write every problem kept into a CSV file; says what became of it.

        An older report may be replaced, nothing else.
        """
        try:
            if path.exists() and not path.read_bytes().startswith(HEADER.encode()):
                return f"{path} is not a report of errors and stays as it is; name another file"
            path.write_text(self.to_csv(), encoding="utf-8")
        except OSError as error:
            return f"{path} cannot be written ({error.strerror})"
        return f"{len(self.errors):,} errors are in {path}"

    def to_csv(self) -> str:
        """Every problem kept, a row each: row, cause, message."""
        rows: list[Sequence[object]] = [HEADER.split(",")]
        for problem in self.errors:
            rows.append((problem.row, problem.cause, problem.message))
        return spreadsheet_csv(rows)


@dataclass
class Problems:
    """The problems of the file `name` as they are found. With `at_once` the first one ends the
    reading."""

    name: str = ""
    at_once: bool = False
    kept: list[Problem] = field(default_factory=list)
    total: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    """The rows on which something is wrong."""
    ended: bool = False
    """Whether the file could not be read to its end."""

    def add(self, row: int, message: str, cause: str = "", mend: str = "") -> None:
        """Note one; problems of one cause are shown together, with what to do about all of them."""
        problem = Problem(row, message, cause or message)
        self.total += 1
        if row:
            self.rows.add(row)
        if len(self.kept) < KEPT:
            self.kept.append(problem)
        self.groups.setdefault(problem.cause, Group(problem.cause, mend)).add(problem)
        if self.at_once:
            raise FileError(self)
        if self.total == MOST:
            raise self.fatal(row, f"{MOST:,} errors up to here; the rest was not read")

    def fatal(self, row: int, message: str, cause: str = "") -> FileError:
        """Note one after which the rest of the file cannot be read; raise what is returned."""
        self.at_once = False
        self.ended = True
        self.add(row, message, cause)
        self.kept.insert(0, Problem(row, message, cause or message))
        del self.kept[-1]
        return FileError(self)

    def refuse(self) -> None:
        """FileError where there was a problem."""
        if self.total:
            raise FileError(self)


def refused(message: str, name: str = "") -> FileError:
    """The error of a file that is refused as a whole."""
    return Problems(name).fatal(0, message)
