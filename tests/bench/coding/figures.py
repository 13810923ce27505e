"""What was measured, and what it should be. No browser here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

OPEN, RESULTS, TICK, NEXT = 0.3, 0.1, 0.05, 0.3
"""Seconds that our own page may take."""
TIMES_STOCK = 15
"""How many times faster than stock Label Studio our own page opens."""


@dataclass
class Effort:
    """What it took to give the codes that were asked for."""

    keys: int = 0
    clicks: int = 0
    screens: float = 0
    """How many screens were scrolled."""
    by_words: int = 0
    """Codes found by what a coder would say."""
    by_number: int = 0
    """Codes found by their number alone."""
    scrolled_to: int = 0
    not_found: int = 0


@dataclass
class Row:
    """An interface: seconds of each repetition, and what its page weighs."""

    interface: str
    load: float = 0
    """Load average of the machine before the row."""
    first_visit: float = 0
    """Opening a note with nothing in the browser's cache."""
    opening: list[float] = field(default_factory=list)
    results: list[float] = field(default_factory=list)
    first_ticks: list[float] = field(default_factory=list)
    later_ticks: list[float] = field(default_factory=list)
    following: list[float] = field(default_factory=list)
    """From Submit until the next note is ready."""
    heap_mb: float = 0
    nodes: int = 0
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True)
class Target:
    """A figure and what it may be at most."""

    what: str
    seconds: float
    at_most: float

    @property
    def is_met(self) -> bool:
        return self.seconds <= self.at_most

    def __str__(self) -> str:
        verdict = "met" if self.is_met else "MISSED"
        found, limit = in_seconds(self.seconds), in_seconds(self.at_most)
        return f"{self.what}: {found}, at most {limit}: {verdict}"


def targets(rows: Sequence[Row]) -> list[Target]:
    """What our own page has to hold; nothing where it was not measured."""
    by_name = {row.interface: row for row in rows}
    page, stock = by_name.get("page"), by_name.get("stock")
    if page is None:
        return []
    found = [Target("page opens", median(page.opening), OPEN)]
    if stock:
        limit = median(stock.opening) / TIMES_STOCK
        words = f"page opens {TIMES_STOCK} times faster than stock"
        found.append(Target(words, median(page.opening), limit))
    return [
        *found,
        Target("results", median(page.results), RESULTS),
        Target("first tick", median(page.first_ticks), TICK),
        Target("later ticks", median(page.later_ticks), TICK),
        Target("next note", median(page.following), NEXT),
    ]


def is_busy(rows: Sequence[Row], cores: int) -> bool:
    """Whether more programs than the machine has cores wanted to run before some row."""
    return any(row.load > cores for row in rows)


COLUMNS = (
    "",
    "first visit",
    "open",
    "results",
    "first tick",
    "later ticks",
    "next note",
    "heap",
    "nodes",
    "keys",
    "clicks",
    "codes found by",
    "load",
)


def table(rows: Sequence[Row]) -> str:
    """The figures, an interface a line: medians of the repetitions."""
    lines = [list(COLUMNS), *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = []
    for cell, width in zip(cells, widths, strict=True):
        padded.append(cell.rjust(width))
    return "  ".join(padded)


def _cells(row: Row) -> list[str]:
    effort = row.effort
    return [
        row.interface,
        in_seconds(row.first_visit),
        in_seconds(median(row.opening)),
        in_seconds(median(row.results)) if row.results else "no search",
        in_seconds(median(row.first_ticks)),
        in_seconds(median(row.later_ticks)),
        in_seconds(median(row.following)),
        f"{row.heap_mb:,.1f} MB",
        f"{row.nodes:,}",
        str(effort.keys),
        str(effort.clicks),
        _how_found(effort),
        f"{row.load:.1f}",
    ]


def _how_found(effort: Effort) -> str:
    """Codes by the way they were found: by words, by number, by scrolling, or not."""
    ways = (
        (effort.by_words, "words"),
        (effort.by_number, "number"),
        (effort.scrolled_to, f"scrolling {effort.screens:,.0f} screens"),
        (effort.not_found, "neither"),
    )
    return ", ".join(f"{number} {way}" for number, way in ways if number)


def in_seconds(seconds: float) -> str:
    """A time with three decimals below a second, else with two.

    >>> in_seconds(0.0341), in_seconds(6.9)
    ('0.034 s', '6.90 s')
    """
    if seconds < 1:
        return f"{seconds:.3f} s"
    return f"{seconds:.2f} s"
