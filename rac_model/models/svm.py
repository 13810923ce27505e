"""A support vector machine a code on tf-idf, one against the rest, by liblinear.

scikit-learn's LinearSVC (squared hinge, C = 1). The margin stands in the logit's place: above 0 is
given, and it ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from scipy.sparse import csr_matrix
from tqdm import tqdm

from mimic.text import Ids
from rac_model.config import option
from rac_model.models.base import Preset, System
from rac_model.models.linear import Linear, LinearConfig, feature_matrix


@dataclass(frozen=True)
class SvmConfig(LinearConfig):
    """The defaults are the published baseline's; what belongs to the training loop is not read."""

    kind: str = option("svm", "kind of model")
    row: str = option(
        "SVM", "row of the paper's Table 2 that the model stands for, at its size or small"
    )
    max_words: int = option(
        10_000, "most frequent words of the vocabulary that are kept, 0 = all", 0
    )
    features: Literal["counts", "tf-idf"] = option(
        "tf-idf", "word counts, or log counts by rarity, length 1"
    )
    cost: float = option(1.0, "C: the price of a note on the wrong side of its margin", 0)


def solve(model: Any, notes: Sequence[Ids], labels: csr_matrix, progress: bool) -> None:
    """Fit every code's machine; a code that all or no notes have gets the margin 1 or -1."""
    from sklearn.svm import LinearSVC  # only here: loading it takes longer than coding a note

    features = feature_matrix(model, notes)
    columns = labels.tocsc()
    with torch.no_grad():
        for code in tqdm(range(columns.shape[1]), desc="codes", disable=not progress):
            wanted = np.zeros(columns.shape[0], np.int8)
            wanted[columns.indices[columns.indptr[code] : columns.indptr[code + 1]]] = 1
            if wanted.min() == wanted.max():
                model.bias[code] = 1.0 if wanted[0] else -1.0
                continue
            machine = LinearSVC(C=model.config.cost, random_state=model.config.seed).fit(
                features, wanted
            )
            model.weight[:, code] = torch.from_numpy(machine.coef_[0]).float()
            model.bias[code] = float(machine.intercept_[0])


SYSTEM = System(
    "svm",
    SvmConfig,
    Linear,
    {
        "svm": Preset(SvmConfig(), "tf-idf of 10,000 words, one linear machine a code"),
        "svm-small": Preset(
            replace(SvmConfig(), dev_notes=300, stored="float16"),
            "the same, stored as 16-bit floats",
        ),
    },
    solve=solve,
)
