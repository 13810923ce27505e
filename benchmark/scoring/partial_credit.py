"""Partial credit for a code beside the right one: by category, chapter or with ancestors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from benchmark.metrics.codings import Codings, encode
from benchmark.metrics.label_space import union
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.counts import per_note
from benchmark.metrics.sets.hierarchy import closed, cophe, rolled_up
from icd.groups import GROUPS

WAYS = {
    "category": "category", "chapter": "chapter", "counted": "category, counted", "ancestors": "with ancestors",
}  # fmt: skip
"""Ways of partial credit -> how tables name them."""


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
