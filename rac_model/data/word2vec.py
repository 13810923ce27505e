"""Word vectors of the training notes: gensim's skip-gram, the same for the same notes and seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rac_model.config import Embedded
from rac_model.data.corpus import Corpus

Vectors = NDArray[np.float32]


@dataclass
class Sentences:
    """Notes as lists of words for gensim, which goes through them several times.

    The words are the corpus's own strings, so that a note costs no memory for its text.
    """

    corpus: Corpus
    places: NDArray[np.int64]
    limit: int

    def __iter__(self) -> Iterator[list[str]]:
        words = self.corpus.words
        for place in self.places:
            yield [words[number] for number in self.corpus.numbers(int(place), self.limit)]


def skip_gram(
    corpus: Corpus, places: NDArray[np.int64], words: Sequence[str], config: Embedded
) -> Vectors:
    """(words, dim) vectors of the words, learned from the notes at `places`.

    They are kept in the corpus folder. One worker thread, because gensim's result depends on the
    order in which threads get their share.
    """
    kept = corpus.folder / f"word2vec-{_fingerprint(places, words, config)}.npy"
    if kept.is_file():
        return np.asarray(np.load(kept), np.float32)
    from gensim.models import Word2Vec  # only here: loading it takes longer than coding a note

    model = Word2Vec(
        Sentences(corpus, places, config.max_tokens),
        vector_size=config.dim,
        sg=1,
        window=5,
        min_count=config.min_count,
        epochs=config.word2vec_epochs,
        seed=config.seed,
        workers=1,
    )
    vectors = np.array([model.wv[word] for word in words], np.float32)
    vectors = vectors.reshape(len(words), config.dim)
    scratch = kept.with_suffix(".part.npy")
    np.save(scratch, vectors)
    scratch.replace(kept)
    return vectors


def _fingerprint(places: NDArray[np.int64], words: Sequence[str], config: Embedded) -> str:
    """What tells vectors from those of other notes, words or settings."""
    facts = [
        len(places),
        list(words),
        config.dim,
        config.word2vec_epochs,
        config.seed,
        config.max_tokens,
        config.min_count,
        hashlib.sha256(places.tobytes()).hexdigest(),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def standardised(vectors: Vectors, scale: float) -> Vectors:
    """Each dimension shifted to mean 0 and scaled to standard deviation `scale`."""
    centred = vectors - vectors.mean(axis=0, keepdims=True)
    spread = np.maximum(vectors.std(axis=0, keepdims=True), 1e-8)
    return np.asarray(centred / spread * scale, np.float32)
