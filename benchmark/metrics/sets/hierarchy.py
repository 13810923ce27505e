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
    return micro(_counted(reference, rater, codes, group))


def cophe_over_layers(
    reference: csr_matrix, rater: csr_matrix, codes: Sequence[str], groups: Sequence[Group]
) -> Micro:
    """CoPHE over all layers at once: the counts of the codes and of each layer of groups, added.

    TP = sum of min(p, g), P = sum of p, T = sum of g over notes, layers and groups; then micro
    figures of the sums. `groups`: a group of each layer, such as category and chapter; a code that
    a layer has no group for stays itself there (Falis et al. 2021).

    >>> from icd.codes import category
    >>> codes = ["250.01", "250.02", "250.03"]
    >>> given = csr_matrix([[0, 0, 1]])
    >>> cophe_over_layers(csr_matrix([[1, 1, 0]]), given, codes, [category])
    Micro(jaccard=0.2, precision=0.5, recall=0.25, f1=0.3333333333333333)
    """
    counts = _counted(reference, rater, codes, str)
    for group in groups:
        counts = counts + _counted(reference, rater, codes, group)
    return micro(counts)


def _counted(
    reference: csr_matrix, rater: csr_matrix, codes: Sequence[str], group: Group
) -> Counts:
    """tp, p and t (1,) over the groups of one layer."""
    of_group = _membership(codes, [group])
    true = reference @ of_group
    given = rater @ of_group
    return Counts(*[np.array([int(each.sum())]) for each in (true.minimum(given), given, true)])


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
