"""Who codes which note: a plan from plain values, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Planned:
    """One note for one coder: `role` is primary (counts in Table 1) or overlap (agreement only); `arm` an interface."""

    note: int
    coder: int
    role: str
    position: int
    arm: str


def drawn(notes: Sequence[int], size: int | None, seed: int) -> list[int]:
    """`size` of the notes at random, in their order; all without a size. ValueError where there are fewer."""
    if size is None:
        return list(notes)
    if size > len(notes):
        raise ValueError(f"the sample is {size} notes but the batch has only {len(notes)}")
    chosen = set(random.Random(f"sample {seed}").sample(list(notes), size))
    return [note for note in notes if note in chosen]


def plan(
    notes: Sequence[int],
    coders: Sequence[int],
    *,
    overlap: int,
    seed: int,
    arms: Sequence[str] = ("list",),
) -> list[Planned]:
    """Each note to one primary coder, shares equal to within one; `overlap` notes go to every other coder as well.

    Overlap notes sit among the primary ones in each queue, so that nobody can tell them apart. Each coder works in
    every arm: own and shared notes are each split over the arms at random, equal to within one.
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
    tossed = random.Random(f"arms {seed}")
    return [
        Planned(note, coder, role, position, arm)
        for coder, queue in queues.items()
        for position, ((note, role), arm) in enumerate(
            _armed(rng.sample(queue, len(queue)), arms, tossed), start=1
        )
    ]


def _armed(
    queue: list[tuple[int, str]], arms: Sequence[str], rng: random.Random
) -> Iterator[tuple[tuple[int, str], str]]:
    """Each note of a queue with its arm; the arms come equally often among own notes, and among shared ones."""
    decks: dict[str, list[str]] = {}
    for role in ("primary", "overlap"):
        count = sum(its == role for _, its in queue)
        first = rng.randrange(len(arms))
        deck = [arms[(first + k) % len(arms)] for k in range(count)]
        decks[role] = rng.sample(deck, count)
    for note, role in queue:
        yield (note, role), decks[role].pop()
