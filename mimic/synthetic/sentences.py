"""Sentences of discharge summaries that carry no code, by section (phrases.txt).

In a sentence `#` stands for a digit, {np} for a condition or procedure, {he} and {his} for the patient (a capital first
letter asks for a capital), {date} and {day} for a day of the stay, {mg} for a dose. `\\n` is a line break.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    """Sentences by section name."""
    sections: dict[str, list[str]] = {}
    for line in (Path(__file__).parent / "phrases.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and line[1:-1].isalpha():
            current = sections.setdefault(line[1:-1], [])
        else:
            current.append(line.replace("\\n", "\n"))
    return {name: tuple(lines) for name, lines in sections.items()}
