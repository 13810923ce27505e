"""Who codes which note: a plan from plain values, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Planned:
    """One note for one coder: `role` is primary (counts in Table 1) or overlap (agreement only)."""

    note: int
    coder: int
    role: str
    position: int


def plan(notes: Sequence[int], coders: Sequence[int], *, overlap: int, seed: int) -> list[Planned]:
    """Each note to one primary coder, shares equal to within one; `overlap` notes go to every other coder as well.

    Overlap notes sit among the primary ones in each queue, so that nobody can tell them apart.
    Raises ValueError when there is no coder, or fewer notes than the overlap asks for.
    """
    if not coders:
        raise ValueError("a study needs at least one coder")
    if overlap > len(notes):
        raise ValueError(f"the overlap is {overlap} notes but the study has only {len(notes)}")
    rng = random.Random(f"assign {seed}")
    shuffled = rng.sample(list(notes), len(notes))
    queues: dict[int, list[tuple[int, str]]] = {coder: [] for coder in coders}
    for index, note in enumerate(shuffled):
        queues[coders[index % len(coders)]].append((note, "primary"))
    for index in range(overlap):
        owner = index % len(coders)
        for coder in (c for k, c in enumerate(coders) if k != owner):
            queues[coder].append((shuffled[index], "overlap"))
    return [
        Planned(note, coder, role, position)
        for coder, queue in queues.items()
        for position, (note, role) in enumerate(rng.sample(queue, len(queue)), start=1)
    ]
