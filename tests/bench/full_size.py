"""Systems of full size with random weights, and notes for them.

8,921 codes with the titles of ICD-9-CM.
"""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import torch
from torch import Tensor

from icd.codes import CodeRow
from icd.tables import read_icd9_tables
from mimic.text import tokenise
from rac_model.build import title_ids
from rac_model.config import Embedded, Training
from rac_model.models.base import Model, Start
from rac_model.models.registry import SYSTEMS

CODES, WORDS, PLANTED = 8921, 51_917, 15


@cache
def code_rows() -> list[CodeRow]:
    """Codes of ICD-9-CM, drawn with a seed."""
    rows = random.Random(0).sample(read_icd9_tables(), CODES)
    return sorted(rows, key=lambda row: row.code)


@cache
def vocabulary() -> list[str]:
    """The words of the titles, then words that are in no title."""
    titles = {word for row in code_rows() for word in tokenise(row.title).words}
    return [*sorted(titles), *(f"word{i}" for i in range(WORDS))][:WORDS]


def made(config: Training) -> Model:
    """A system of random weights, for inference."""
    torch.manual_seed(0)
    words = (config.max_words or WORDS) + 2
    vectors = torch.randn(words, getattr(config, "dim", 0)) * 0.8
    vectors[0] = 0
    none = torch.zeros(CODES, 0, dtype=torch.long)
    titles = title_ids(config, code_rows(), vocabulary()) if isinstance(config, Embedded) else none
    make = SYSTEMS[config.kind].model
    assert make is not None
    model = make(config, Start(vectors, vectors, titles, torch.ones(words), code_rows()))
    met = getattr(model, "met", None)
    if met is not None:
        met.fill_(True)  # as after training: codes that were never met cost DR-CAML more
    return model.eval()


def note(words: int, known: int = WORDS) -> Tensor:
    """Ids (1, n) of a note: titles of 15 codes among words at random."""
    draw = np.random.default_rng(words)
    ids = draw.integers(2, known, words)
    index = {word: i for i, word in enumerate(vocabulary(), start=2)}
    places = np.arange(PLANTED) * (words // PLANTED)
    for place, code in zip(places, draw.choice(CODES, PLANTED, replace=False), strict=True):
        title = [
            index[word] for word in tokenise(code_rows()[code].title).words if index[word] < known
        ]
        ids[place : place + len(title)] = title[: words - place]
    return torch.from_numpy(ids)[None]
