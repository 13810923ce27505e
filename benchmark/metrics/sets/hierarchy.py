"""Partial credit: counts over groups of codes, so that a neighbour of the right code is not all
wrong.

A `Group` names the group of a code at one level of a code system, such as its 3-character category
or its chapter; the caller knows the system, these functions do not. They take matrices
(notes, codes) of ones, with the codes of their columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.sets.averages import Micro, micro
from benchmark.metrics.sets.counts import Counts

Group = Callable[[str], str]


def rolled_up(matrix: csr_matrix, codes: Sequence[str], group: Group) -> csr_matrix:
    """(notes, groups): each code replaced by its group; codes of one group become one.

    Groups are sorted.

    >>> from icd.codes import category
    >>> rolled_up(csr_matrix([[1, 1, 0]]), ["250.01", "250.02", "401.9"], category).toarray()
    array([[1, 0]])
    """
    return _ones(matrix @ _membership(codes, [group]))


def closed(matrix: csr_matrix, codes: Sequence[str], groups: Sequence[Group]) -> csr_matrix:
    """(notes, codes and groups): each set with its groups of all levels added.

    What hierarchical precision, recall and F1 are scored on (Kosmopoulos et al. 2015). Groups must
    not be named like codes of another level.

    >>> from icd.codes import category
    >>> closed(csr_matrix([[1, 0]]), ["250.01", "401.9"], [category]).toarray()
    array([[1, 1, 0, 0]])
    """
    return _ones(matrix @ _membership(codes, [str, *groups]))


def cophe(reference: csr_matrix, rater: csr_matrix, codes: Sequence[str], group: Group) -> Micro:
    """Micro figures over groups that keep how many codes lie in each.

    So over-coding in a group is not forgiven. Per note and group with g reference codes and p
    given: TP = min(p, g), FP = max(p - g, 0), FN = max(g - p, 0) (Falis et al. 2021, CoPHE).

    >>> from icd.codes import category
    >>> codes = ["250.01", "250.02", "250.03"]
    >>> cophe(csr_matrix([[1, 1, 0]]), csr_matrix([[0, 0, 1]]), codes, category)
    Micro(jaccard=0.5, precision=1.0, recall=0.5, f1=0.6666666666666666)
    """
    of_group = _membership(codes, [group])
    true = reference @ of_group
    given = rater @ of_group
    sums = [np.array([int(each.sum())]) for each in (true.minimum(given), given, true)]
    return micro(Counts(*sums))


def _membership(codes: Sequence[str], groups: Sequence[Group]) -> csr_matrix:
    """(codes, names): a one where the name is that of a group of the code; the names sorted."""
    of_code = [{group(code) for group in groups} for code in codes]
    names = sorted(set().union(*of_code))
    column = {name: index for index, name in enumerate(names)}
    rows = []
    columns = []
    for row, groups_of_code in enumerate(of_code):
        for name in groups_of_code:
            rows.append(row)
            columns.append(column[name])
    ones = np.ones(len(rows), dtype=np.int64)
    return csr_matrix((ones, (rows, columns)), shape=(len(codes), len(names)))


def _ones(matrix: csr_matrix) -> csr_matrix:
    """The same matrix with every count of one or more as 1."""
    found = matrix.tocsr()
    found.data = np.ones_like(found.data)
    return found
