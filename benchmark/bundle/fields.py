"""Single fields of a bundle's files: read, checked, and what is wrong with them in words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils.dateparse import parse_datetime

from annotation.models import Rater
from benchmark.bundle.zip_format import BundleError, reading

SHA256 = re.compile("[0-9a-f]{64}")
Files = Mapping[str, bytes]
"""The bundle's files by their names in it."""
Row = Mapping[str, str]
"""A row of one of its CSV files."""
Raters = Mapping[tuple[str, str], Rater]
"""(kind, name in the bundle) -> the rater here."""


@contextmanager
def member(name: str) -> Iterator[None]:
    """Turn whatever is wrong with a file of the bundle into a BundleError that names it.

    Also what the database or a model will not take.
    """
    try:
        with reading(name):
            yield
    except ValidationError as error:
        raise BundleError(f"{name}: {'; '.join(error.messages)}"[:300]) from error
    except DatabaseError as error:
        raise BundleError(f"{name} has a value that does not fit, or one twice") from error


def time_or_none(text: str | None) -> datetime | None:
    """A time with its zone; None for none. ValueError for what is no time."""
    if not text:
        return None
    return time(text)


def time(text: str) -> datetime:
    """A time with its zone. ValueError for what is no time."""
    found = parse_datetime(text)
    if found is None or found.tzinfo is None:
        raise ValueError("no time with its zone")
    return found


def number_or_none(text: str) -> float | None:
    """A finite number; None for no text. ValueError for what is no such number."""
    if not text:
        return None
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number


def short(text: str, longest: int, what: str) -> str:
    """A text that a column holds. BundleError for a longer one."""
    if len(text) > longest:
        raise BundleError(f"{what} {text[:40]}... is over {longest} characters")
    return text


def count(text: str) -> int:
    """A whole number that a column holds. ValueError for another."""
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError("no count")
    return number


def count_or_none(text: str) -> int | None:
    """The same; None for no text."""
    if not text:
        return None
    return count(text)
