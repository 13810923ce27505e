"""Word vectors of the training notes: gensim's skip-gram, the same for the same notes and seed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from gensim.models import Word2Vec
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def skip_gram(
    notes: Iterable[list[str]], *, dim: int, min_count: int, epochs: int, seed: int
) -> tuple[list[str], Vectors]:
    """(words by falling frequency, vectors (words, dim)); window 5. `notes` is iterated several times.

    One worker thread, because gensim's result depends on the order in which threads get their share.
    """
    model = Word2Vec(notes, vector_size=dim, sg=1, window=5, min_count=min_count, epochs=epochs, seed=seed, workers=1)
    return list(model.wv.index_to_key), np.asarray(model.wv.vectors, dtype=np.float32)


def standardised(vectors: Vectors, scale: float) -> Vectors:
    """Each dimension shifted to mean 0 and scaled to standard deviation `scale`."""
    spread = vectors.std(axis=0, keepdims=True)
    return np.asarray((vectors - vectors.mean(axis=0, keepdims=True)) / np.maximum(spread, 1e-8) * scale, np.float32)
