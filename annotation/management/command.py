"""What every command shares: exit codes, messages on stderr, a progress bar.

Exit codes: 0 it went well, 1 it failed, 2 the input was bad.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotation.label_studio.client import LabelStudioError
from files.output import in_words
from files.problems import FileError
from mimic.table import MimicError


class Command(BaseCommand):
    """A command that ends in a message and an exit code, not a traceback."""

    def execute(self, *args: object, **options: object) -> str | None:
        try:
            return super().execute(*args, **options)
        except FileError as error:
            raise CommandError(self._refusal(error, options.get("errors")), returncode=2) from error
        except ValidationError as error:
            raise CommandError("; ".join(error.messages), returncode=2) from error
        except LabelStudioError as error:
            raise CommandError(str(error)) from error
        except (MimicError, ValueError) as error:
            raise CommandError(str(error), returncode=2) from error
        except (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise CommandError(in_words(error), returncode=2) from error
        except OSError as error:
            raise CommandError(in_words(error)) from error

    def add_errors_option(self, parser: CommandParser) -> None:
        """Add the option --errors, for commands that read a file of rows."""
        parser.add_argument(
            "--errors",
            type=Path,
            metavar="FILE",
            help="write every error here as CSV: row, cause, message",
        )

    def _refusal(self, error: FileError, path: object) -> str:
        """The errors by cause, as a message; all of them are written to `path` if it is one."""
        if error.total == 1:
            mend = error.groups[0].mend
            text = f"nothing was loaded: {error}"
            if mend:
                text += f"; {mend}"
            return text
        groups = "\n".join(f"  {group.count:,} x {group.cause}: {group}" for group in error.groups)
        text = f"nothing was loaded: {error.name} has {error.total:,} errors\n{groups}"
        if not isinstance(path, Path):
            return f"{text}\n  (--errors FILE writes all of them with their rows)"
        return f"{text}\n  {error.write(path)}"

    def say(self, line: str) -> None:
        """A message for the person, kept apart from results."""
        sys.stderr.write(f"{line}\n")


@contextmanager
def progress_bar(total: int | None, label: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr. It gives a function to be called with how many more are done."""
    with tqdm(total=total, desc=label, file=sys.stderr, mininterval=0.5, leave=False) as bar:
        yield bar.update


def to_total(update: Callable[[int], None]) -> Callable[[int], None]:
    """For work that reports how many are done in all: `update` is told how many more."""
    seen = 0

    def report(done: int) -> None:
        nonlocal seen
        update(done - seen)
        seen = done

    return report
