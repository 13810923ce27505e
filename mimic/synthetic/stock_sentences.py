"""Sentences that discharge summaries are put together from, by pool (stock_sentences.txt).

In a sentence `#` stands for a digit, {np} for a condition or procedure, {he} and {his} for the
patient (a capital first letter asks for a capital), {date} and {day} for a day of the stay, {mg}
for a dose. `\\n` is a line break.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def stock_sentences() -> dict[str, tuple[str, ...]]:
    """Name of a pool, such as "denials" or "labs" -> its sentences."""
    pools: dict[str, list[str]] = {}
    text = (Path(__file__).parent / "stock_sentences.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]") and line[1:-1].isalpha():
            current = pools.setdefault(line[1:-1], [])
        else:
            current.append(line.replace("\\n", "\n"))
    return {name: tuple(sentences) for name, sentences in pools.items()}
