"""Partial credit: the same counts over groups of codes, so that a neighbour of the right code is not all wrong.

A `Group` names the group of a code at one level of a code system, such as its 3-character category or its chapter;
the caller knows the system, these functions do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from benchmark.metrics.codings import Codings
from benchmark.metrics.sets.averages import Micro, micro
from benchmark.metrics.sets.counts import Counts

Group = Callable[[str], str]


def rolled_up(codings: Codings, group: Group) -> dict[str, set[str]]:
    """Each code replaced by its group; codes of one group become one. Score them as any codings.

    >>> from icd.codes import category
    >>> rolled_up({"n1": ["250.01", "250.02"]}, category)
    {'n1': {'250'}}
    """
    return {note: {group(code) for code in codes} for note, codes in codings.items()}


def closed(codings: Codings, groups: Sequence[Group]) -> dict[str, set[str]]:
    """Each set with its groups of all levels added: what hierarchical precision, recall and F1 are scored on
    (Kosmopoulos et al. 2015). Groups must not be named like codes of another level.

    >>> from icd.codes import category
    >>> sorted(closed({"n1": ["250.01"]}, [category])["n1"])
    ['250', '250.01']
    """
    return {note: {each for c in codes for each in (c, *(g(c) for g in groups))} for note, codes in codings.items()}


def cophe(reference: Codings, rater: Codings, notes: Sequence[str], group: Group) -> Micro:
    """Micro figures over groups that keep how many codes lie in each, so that over-coding in a group is not forgiven.

    Per note and group with g reference codes and p given: TP = min(p, g), FP = max(p - g, 0), FN = max(g - p, 0)
    (Falis et al. 2021, CoPHE).

    >>> from icd.codes import category
    >>> cophe({"n1": ["250.01", "250.02"]}, {"n1": ["250.03"]}, ["n1"], category)
    Micro(jaccard=0.5, precision=1.0, recall=0.5, f1=0.6666666666666666)
    """
    rows = []
    for note in notes:
        true, given = (Counter(map(group, set(codings.get(note, ())))) for codings in (reference, rater))
        rows.append(((true & given).total(), given.total(), true.total()))
    tp, p, t = np.array(rows, np.int64).reshape(-1, 3).T
    return micro(Counts(tp, p, t))
