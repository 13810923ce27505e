"""Worlds spread over processes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK = 10
"""Worlds that a process takes at once."""
World = Callable[[np.random.Generator, Any], dict[str, float]]
"""What was seen in one world of a setting, by name; all worlds of a setting have the same names."""


class Runner:
    """Draws worlds in the processes of a pool, or in this one without a pool."""

    def __init__(self, pool: Executor | None, seed: int, share: float = 1.0) -> None:
        self.pool = pool
        self.seed = seed
        self.share = share

    def worlds(self, full: int) -> int:
        """How many worlds to draw of a full run's number; at least 10."""
        return max(10, round(full * self.share))

    def draw(self, world: World, setting: Any, worlds: int) -> dict[str, NDArray[np.float64]]:
        """By name, what was seen in each world (worlds,)."""
        rows = self.map(partial(_one, world, setting, self.seed), range(worlds))
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def map(self, work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        """What the work gives for each item, in order."""
        if self.pool is None:
            return [work(item) for item in items]
        return list(self.pool.map(work, items, chunksize=CHUNK))


def generator(seed: int, *names: object) -> np.random.Generator:
    """A random generator of its own for these names."""
    words = [zlib.crc32(repr(name).encode()) for name in names]
    return np.random.default_rng([seed, *words])


def per_cent(seen: NDArray[np.float64]) -> str:
    """A level in per cent, with its standard error."""
    level = float(np.mean(seen))
    error = (level * (1 - level) / len(seen)) ** 0.5
    return f"{100 * level:.1f} +- {100 * error:.1f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of text, the first to the left and the others to the right."""
    widths = []
    for place, name in enumerate(head):
        widths.append(max(len(name), *(len(row[place]) for row in rows)))
    lines = []
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _one(world: World, setting: Any, seed: int, number: int) -> dict[str, float]:
    """What was seen in one world."""
    return world(generator(seed, world.__module__, world.__name__, setting, number), setting)
