"""Lines by groups of codes, and the ways to give partial credit by them. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from benchmark.metrics.averages import micro
from benchmark.metrics.codings import Codings, encode
from benchmark.metrics.counts import per_note
from benchmark.metrics.hierarchy import closed, cophe, rolled_up
from benchmark.metrics.label_space import union
from benchmark.metrics.tally import Tally
from icd.groups import GROUPS

BANDS = (
    (0, "in no note"), (1, "in 1 note"), (5, "in 2 to 5 notes"), (20, "in 6 to 20 notes"), (100, "in 21 to 100 notes"),
    (math.inf, "in over 100 notes"),
)  # fmt: skip
GROUPINGS = (*GROUPS, "frequency")
"""What lines may be by: a group that the code itself tells, or how many of the notes have it in the reference."""
WAYS = {
    "category": "category", "chapter": "chapter", "counted": "category, counted", "ancestors": "with ancestors",
}  # fmt: skip
"""Ways of partial credit -> how tables name them."""


def grouping(by: str, tally: Tally) -> Callable[[str], str]:
    """Code -> its group; `by` is one of GROUPINGS."""
    if by != "frequency":
        return GROUPS[by]
    true = next(iter(tally.by_code.values())).t.tolist()
    bands = {code: band(notes) for code, notes in zip(tally.codes, true, strict=True)}
    return lambda code: bands.get(code, band(0))


def band(notes: int) -> str:
    """How frequent a code is that so many notes have in the reference.

    >>> band(0), band(3), band(101)
    ('in no note', 'in 2 to 5 notes', 'in over 100 notes')
    """
    return next(name for most, name in BANDS if notes <= most)


def place(name: str) -> str:
    """What a group's name sorts by: bands by how frequent, others as they are.

    >>> sorted(["in over 100 notes", "in 21 to 100 notes", "in 6 to 20 notes"], key=place)
    ['in 6 to 20 notes', 'in 21 to 100 notes', 'in over 100 notes']
    """
    return next((str(place) for place, (_, each) in enumerate(BANDS) if each == name), name)


def partial_credit(notes: Sequence[str], reference: Codings, raters: Mapping[str, Codings]) -> dict[str, dict]:
    """Rater -> way -> micro figures, over all codes as they were given.

    >>> found = partial_credit(["n1"], {"n1": ["250.01"]}, {"Ada": {"n1": ["250.02"]}})["Ada"]
    >>> found["category"]["f1"], found["ancestors"]["f1"]
    (1.0, 0.6666666666666666)
    """
    category, chapters = GROUPS["category"], GROUPS["chapter"]
    ways: dict[str, Callable[[Codings], Codings]] = {
        "category": lambda codings: rolled_up(codings, category),
        "chapter": lambda codings: rolled_up(codings, chapters),
        "ancestors": lambda codings: closed(codings, [category, chapters]),
    }
    true = {way: change(reference) for way, change in ways.items()}
    return {
        name: {way: _micro(notes, true[way], change(codings)) for way, change in ways.items()}
        | {"counted": asdict(cophe(reference, codings, notes, category))}
        for name, codings in raters.items()
    }


def _micro(notes: Sequence[str], reference: Codings, rater: Codings) -> dict[str, float]:
    space = union(reference, [rater], notes)
    return asdict(micro(per_note(encode(reference, notes, space).matrix, encode(rater, notes, space).matrix)))
