"""Small files beside the codings: a weight or a count for each code, a group for each note."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from files.problems import Problems
from files.source import Source, from_path
from files.table import Columns, read_table

WEIGHTS = Columns(("code", "weight"), ("tier",), example="code,weight or code,weight,tier")
COUNTS = Columns(("code", "count"), example="code,count")
GROUPS = Columns(("note_id", "group"), example="note_id,group")
TIERS = ("0", "1", "2")
LARGEST = 1e12
"""A weight above it is none: sums of such weights are not numbers any more."""
Read = Callable[[int, str, dict[str, str], Problems], None]
"""Takes a row: its line, its key, its cells by column."""


@dataclass(frozen=True)
class WeightsFile:
    """`code,weight[,tier]`: what each code counts for."""

    weights: Mapping[str, float]
    tiers: Mapping[str, int] | None
    """0 none, 1 CC, 2 MCC; None where the file has no such column."""


@dataclass(frozen=True)
class CountsFile:
    """`code,count`: how many of other notes have each code."""

    counts: Mapping[str, int]
    notes: int
    """How many notes were counted: the row without a code."""


def read_weights(path: str) -> WeightsFile:
    """The file at a path: `parse_weights`."""
    return parse_weights(from_path(Path(path)))


def parse_weights(source: Source) -> WeightsFile:
    """FileError for a weight that is no number of 0 or more, a tier but 0, 1, 2, or a code twice.

    An empty tier is 0.
    """
    weights: dict[str, float] = {}
    tiers: dict[str, int] = {}

    def take(line: int, code: str, cells: dict[str, str], problems: Problems) -> None:
        weight = _number(cells["weight"])
        if weight is None:
            problems.add(line, f"{code}: the weight is {_shown(cells['weight'])}; {_MEND_WEIGHT}")
            return
        weights[code] = weight
        if "tier" not in cells:
            return
        tier = cells["tier"] or "0"
        if tier in TIERS:
            tiers[code] = int(tier)
        else:
            problems.add(line, f"{code}: the tier is {tier}; write 0 (none), 1 (CC) or 2 (MCC)")

    columns = _read(source, WEIGHTS, take)
    if "tier" not in columns:
        return WeightsFile(weights, None)
    return WeightsFile(weights, tiers)


def read_counts(path: str) -> CountsFile:
    """The file at a path: `parse_counts`."""
    return parse_counts(from_path(Path(path)))


def parse_counts(source: Source) -> CountsFile:
    """FileError for a count that is no whole number, a code twice, or no row with all notes.

    The row without a code has the number of notes that were counted; no count may be above it.
    """
    counts: dict[str, int] = {}

    def take(line: int, code: str, cells: dict[str, str], problems: Problems) -> None:
        if cells["count"].isascii() and cells["count"].isdigit():
            counts[code] = int(cells["count"])
        else:
            problems.add(line, f"the count is {_shown(cells['count'])}; write a whole number")

    _read(source, COUNTS, take, empty_key=True)
    problems = Problems(source.name)
    if "" not in counts:
        raise problems.fatal(
            0, "no row says how many notes were counted; add it without a code, such as ,47719"
        )
    notes = counts.pop("")
    for code, count in counts.items():
        if count > notes:
            problems.add(0, f"{code} is in {count:,} notes, but only {notes:,} were counted")
    problems.refuse()
    return CountsFile(counts, notes)


def read_groups(path: str) -> dict[str, str]:
    """Note id -> group. FileError for a note without a group, or twice."""
    groups: dict[str, str] = {}

    def take(line: int, note: str, cells: dict[str, str], problems: Problems) -> None:
        if cells["group"]:
            groups[note] = cells["group"]
        else:
            problems.add(line, "no group; write one or remove the row")

    _read(from_path(Path(path)), GROUPS, take)
    return groups


def written_counts(counts: Mapping[str, int], notes: int) -> str:
    """The file that `read_counts` reads, most frequent codes first.

    >>> written_counts({"401.9": 20, "428.0": 30}, 50).splitlines()
    ['code,count', ',50', '428.0,30', '401.9,20']
    """
    in_order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return _csv([("code", "count"), ("", notes), *in_order])


def written_weights(weights: Mapping[str, float], tiers: Mapping[str, int] | None = None) -> str:
    """The file that `read_weights` reads, by code: the same weights, the same text.

    >>> written_weights({"428.0": 2, "401.9": 0.5}, {"428.0": 1}).splitlines()
    ['code,weight,tier', '401.9,0.5,0', '428.0,2.0,1']
    """
    rows: list[Sequence[object]] = []
    for code, weight in sorted(weights.items()):
        if tiers is None:
            rows.append((code, float(weight)))
        else:
            rows.append((code, float(weight), tiers.get(code, 0)))
    header = ("code", "weight") if tiers is None else ("code", "weight", "tier")
    return _csv([header, *rows])


_MEND_WEIGHT = f"write a number of 0 or more, with a point, at most {LARGEST:g}"


def _read(source: Source, columns: Columns, take: Read, empty_key: bool = False) -> list[str]:
    """Hand every row to `take`; which columns the file has.

    The first of the needed columns is the key: each may be there once.
    """
    problems = Problems(source.name)
    table = read_table(source, columns, problems)
    key_column = columns.needed[0]
    seen: dict[str, int] = {}
    for line, row in table.rows(problems):
        cells = {name: row[place].strip() for name, place in table.places.items()}
        key = cells[key_column]
        if not key and not empty_key:
            problems.add(line, f"no {key_column}; write one or remove the row")
        elif key in seen:
            name = key or "the row without a code"
            problems.add(line, f"{name} is in row {seen[key]} already; keep one of them")
        else:
            seen[key] = line
            take(line, key, cells, problems)
    problems.refuse()
    if not seen:
        raise problems.fatal(0, f"no row in it; write {columns.example} and rows below")
    return list(table.places)


def _csv(rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _number(cell: str) -> float | None:
    """A number from 0 to LARGEST; None for anything else."""
    try:
        value = float(cell)
    except ValueError:
        return None
    if not 0 <= value <= LARGEST:
        return None
    return value


def _shown(cell: str) -> str:
    return cell or "empty"
