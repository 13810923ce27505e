"""Cases that several tests share."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from scipy.sparse import csr_matrix

# Code 2 is absent and never given, 6 absent but given, 5 true everywhere, 4 true but never given.
# Note 5 gets no code and has a probability of exactly .5.
REFERENCE = np.array(
    [
        [1, 0, 0, 1, 0, 1, 0, 1],
        [1, 1, 0, 0, 0, 1, 0, 0],
        [0, 1, 0, 0, 0, 1, 0, 0],
        [1, 0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 1, 0, 1, 0, 1],
        [1, 1, 0, 0, 0, 1, 0, 0],
    ]
)
SCORES = np.array(
    [
        [0.91, 0.12, 0.03, 0.55, 0.21, 0.97, 0.6, 0.48],
        [0.83, 0.77, 0.02, 0.1, 0.31, 0.88, 0.05, 0.07],
        [0.52, 0.41, 0.01, 0.33, 0.11, 0.93, 0.2, 0.09],
        [0.64, 0.18, 0.04, 0.06, 0.45, 0.71, 0.7, 0.13],
        [0.35, 0.22, 0.05, 0.51, 0.02, 0.81, 0.17, 0.86],
        [0.5, 0.49, 0.06, 0.15, 0.08, 0.47, 0.29, 0.16],
    ]
)
# What CAML's evaluation script gives for them.
# It adds 1e-10 to the denominators of its macro figures.
CAML = {
    "macro_jaccard": 0.40833333331933336,
    "macro_precision": 0.5937499999639062,
    "macro_recall": 0.42708333331848963,
    "macro_f1_caml": 0.49681122446711773,
    "micro_jaccard": 0.5714285714285714,
    "micro_precision": 0.8,
    "micro_recall": 0.6666666666666666,
    "micro_f1": 0.7272727272727272,
    "r@1": 0.34722222222222215,
    "p@1": 1.0,
    "r@3": 0.861111111111111,
    "p@3": 0.8333333333333334,
    "r@5": 1.0,
    "p@5": 0.6,
    "auc_macro": 0.975,
    "auc_micro": 0.9555555555555556,
}
CAML_F1_AT = {1: 0.5154639175257731, 3: 0.8469945355191256, 5: 0.7499999999999999}
CAML_NOTE_PRECISION = CAML_NOTE_RECALL = 0.6527777777777778


def codings(matrix: np.ndarray) -> dict[str, list[str]]:
    """A 0/1 matrix as codings: note n0, n1 ..., code c0, c1 ..."""
    return {f"n{i}": [f"c{j}" for j in np.flatnonzero(row)] for i, row in enumerate(matrix)}


def labels(matrix: np.ndarray) -> list[str]:
    return [f"c{j}" for j in range(matrix.shape[1])]


def sparse(matrix: np.ndarray) -> csr_matrix:
    return csr_matrix(matrix.astype(np.int64))


SHAPES = st.tuples(st.integers(1, 8), st.integers(2, 7))


@st.composite
def two_raters(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Reference and rater, 0/1 of one shape, with some rows and columns emptied."""
    shape = draw(SHAPES)
    pair = [draw(st_numpy.arrays(np.int64, shape, elements=st.integers(0, 1))) for _ in range(2)]
    for matrix in pair:
        matrix[draw(st.lists(st.integers(0, shape[0] - 1), max_size=2))] = 0
        matrix[:, draw(st.lists(st.integers(0, shape[1] - 1), max_size=2))] = 0
    return pair[0], pair[1]


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Reference and scores; scores come from a coarse grid, so that many are equal."""
    reference, _ = draw(two_raters())
    grid = draw(st.sampled_from([3, 10, 1000]))
    scores = draw(st_numpy.arrays(np.int64, reference.shape, elements=st.integers(0, grid)))
    return reference, scores / grid
