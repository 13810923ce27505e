"""What every command shares: exit codes (0 ok, 1 failed, 2 bad input), messages on stderr, a progress bar."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from annotation.label_studio import LabelStudioError
from annotation.upload import UploadError
from rac_model.mimic import MimicError


class Command(BaseCommand):
    """A command whose bad input ends in one line and exit code 2, and whose other failures end in exit code 1."""

    def execute(self, *args: object, **options: object) -> str | None:
        try:
            return super().execute(*args, **options)
        except UploadError as error:
            lines = "\n".join(f"  {row}" for row in error.errors)
            raise CommandError(f"nothing was loaded:\n{lines}", returncode=2) from error
        except ValidationError as error:
            raise CommandError("; ".join(error.messages), returncode=2) from error
        except LabelStudioError as error:
            raise CommandError(str(error)) from error
        except (MimicError, ValueError) as error:
            raise CommandError(str(error), returncode=2) from error
        except (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise CommandError(words_of(error), returncode=2) from error
        except OSError as error:
            raise CommandError(words_of(error)) from error

    def say(self, line: str) -> None:
        """A message for the person, kept apart from results."""
        sys.stderr.write(f"{line}\n")


MENDS = {
    errno.ENOSPC: "the disk is full; make room and run it again",
    errno.EDQUOT: "the disk quota is used up; make room and run it again",
    errno.EFBIG: "the file is larger than may be; make room or choose another place",
    errno.EROFS: "the folder is read-only; choose another",
    errno.EACCES: "there is no permission; choose another place, or change whose it is",
    errno.EPERM: "there is no permission; choose another place, or change whose it is",
    errno.ENOENT: "there is no such file or folder",
    errno.EEXIST: "it is there already",
    errno.EISDIR: "it is a folder, and a file is wanted",
    errno.ENOTDIR: "a part of the path is no folder",
}


def words_of(error: OSError) -> str:
    """What went wrong with a file, in words that name it and what to do.

    >>> words_of(OSError(errno.ENOSPC, "No space left on device", "out.zip"))
    'out.zip: the disk is full; make room and run it again'
    >>> words_of(FileNotFoundError("no NOTEEVENTS.csv in the folder"))
    'no NOTEEVENTS.csv in the folder'
    """
    if error.errno is None:
        return str(error) or type(error).__name__
    words = MENDS.get(error.errno, (error.strerror or type(error).__name__).lower())
    return f"{error.filename}: {words}" if error.filename else words


def write_file(path: Path, content: bytes) -> None:
    """Write a result in one piece: beside its place first, so that a full disk leaves no half of it there."""
    making = path.with_name(f"{path.name}.new")
    try:
        making.write_bytes(content)
        making.replace(path)
    except OSError as error:
        making.unlink(missing_ok=True)
        error.filename = str(path)
        raise


@contextmanager
def progress_bar(total: int | None, label: str) -> Iterator[Callable[[int], None]]:
    """A bar on stderr; the value given to the yielded function is how many more are done."""
    with tqdm(total=total, desc=label, file=sys.stderr, mininterval=0.5, leave=False) as bar:
        yield bar.update


def to_total(update: Callable[[int], None]) -> Callable[[int], None]:
    """For workers that report how many are done in all, rather than how many more."""
    seen = 0

    def report(done: int) -> None:
        nonlocal seen
        update(done - seen)
        seen = done

    return report
