"""Planning who codes which note. Plain values in and out; the same seed gives the same plan."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Planned:
    """One note for one coder."""

    note: int
    coder: int
    role: str
    """primary: the answer counts in Table 1; overlap: it counts for agreement alone."""
    position: int
    """Place in the coder's queue, from 1 on."""
    arm: str
    """The interface that the note is coded with."""


@dataclass(frozen=True)
class _InQueue:
    """A note in a coder's queue, before it has its place and its arm."""

    note: int
    role: str


def drawn(notes: Sequence[int], size: int | None, seed: int) -> list[int]:
    """`size` of the notes at random, in their old order; without a size all of them.

    Raises ValueError where there are fewer notes than `size`.
    """
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
    """Give each note to one primary coder, and `overlap` of them to every other coder as well.

    The coders' shares differ by one note at most. Overlap notes are spread among the primary ones
    in each queue, so that nobody can tell them apart. Each coder works in every arm: own notes are
    split over the arms at random, and so are shared ones, the parts differing by one at most.
    Raises ValueError where there is no coder, or there are fewer notes than `overlap`.
    """
    if not coders:
        raise ValueError("a study needs at least one coder")
    if overlap > len(notes):
        raise ValueError(f"the overlap is {overlap} notes but the study has only {len(notes)}")
    rng = random.Random(f"assign {seed}")
    shuffled = rng.sample(list(notes), len(notes))
    queues: dict[int, list[_InQueue]] = {coder: [] for coder in coders}
    for index, note in enumerate(shuffled):
        queues[coders[index % len(coders)]].append(_InQueue(note, "primary"))
    for index, note in enumerate(shuffled[:overlap]):
        for place, coder in enumerate(coders):
            if place != index % len(coders):  # the owner has the note as a primary one
                queues[coder].append(_InQueue(note, "overlap"))
    rng_of_arms = random.Random(f"arms {seed}")
    planned = []
    for coder, queue in queues.items():
        mixed = rng.sample(queue, len(queue))
        arm_of_each = _arms_of(mixed, arms, rng_of_arms)
        for index, (entry, arm) in enumerate(zip(mixed, arm_of_each, strict=True)):
            planned.append(Planned(entry.note, coder, entry.role, index + 1, arm))
    return planned


def _arms_of(queue: Sequence[_InQueue], arms: Sequence[str], rng: random.Random) -> list[str]:
    """The arm of each note of a queue, at random.

    The arms come equally often (to within one) among own notes, and among shared ones. The arm
    that may come once more is drawn too.
    """
    decks: dict[str, list[str]] = {}
    for role in ("primary", "overlap"):
        count = sum(entry.role == role for entry in queue)
        first = rng.randrange(len(arms))
        deck = [arms[(first + turn) % len(arms)] for turn in range(count)]
        decks[role] = rng.sample(deck, count)
    return [decks[entry.role].pop() for entry in queue]
