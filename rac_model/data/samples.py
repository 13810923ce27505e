"""What a model is trained on: notes in the ids of a vocabulary, labels in the order of its codes, batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor

from icd.codes import CodeRow, caml_reading, category
from mimic.text import Ids, permute_sentences, tokenise
from rac_model.config import Coder, Training
from rac_model.data.corpus import Corpus
from rac_model.data.ids import PAD, UNKNOWN


class Notes:
    """Notes of a corpus in ids of a model: 0 padding, 1 unknown, 2 the first word of the vocabulary."""

    def __init__(
        self, corpus: Corpus, places: NDArray[np.int64], vocabulary: Sequence[str], limit: int
    ) -> None:
        ids = {word: i for i, word in enumerate(vocabulary, start=2)}
        self.corpus, self.places, self.limit = corpus, places, limit
        self.table = np.array([ids.get(word, UNKNOWN) for word in corpus.words], dtype=np.int32)
        self.lengths = np.minimum(corpus.lengths[places], limit)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, note: int) -> Ids:
        return self.table[self.corpus.numbers(int(self.places[note]), self.limit)]

    def __iter__(self) -> Iterator[Ids]:
        return (self[note] for note in range(len(self)))

    def permuted(self, note: int, generator: np.random.Generator) -> Ids:
        """The note, cut, with its sentences in a new order."""
        return permute_sentences(
            self[note], self.corpus.sentences(int(self.places[note])), generator
        )


@dataclass(frozen=True)
class Samples:
    """What an epoch goes through: N notes, then copies with permuted sentences, then guideline notes.

    A copy's randomness comes from (seed, epoch or 0, its number), so that nothing is kept and any can be made again.
    """

    notes: Notes
    reference: csr_matrix
    config: Training
    guidelines: Sequence[Ids]

    def __len__(self) -> int:
        return len(self.notes) * (1 + self.config.permutations + self.config.guideline_notes)

    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each sample."""
        copies = np.tile(self.notes.lengths, 1 + self.config.permutations)
        sizes = np.array([len(ids) for ids in self.guidelines])
        guided = self.reference @ sizes if len(sizes) else np.zeros(len(self.notes))
        return np.asarray(
            np.concatenate([copies, np.tile(guided, self.config.guideline_notes)]), np.int64
        )

    def labels(self, chosen: NDArray[np.int64]) -> csr_matrix:
        """Reference (B, L) of samples."""
        return self.reference[chosen % len(self.notes)]

    def ids(self, sample: int, epoch: int) -> Ids:
        """Word ids of a sample."""
        config, (copy, note) = self.config, divmod(sample, len(self.notes))
        generator = np.random.default_rng(
            [config.seed, epoch if config.fresh_permutations else 0, sample]
        )
        if copy > config.permutations:
            return self._guideline(note, generator)
        if copy or (config.fresh_permutations and generator.random() < 0.5):
            return self.notes.permuted(note, generator)
        return self.notes[note]

    def _guideline(self, note: int, generator: np.random.Generator) -> Ids:
        """Titles of the note's codes and of their categories, shuffled: the coding manual as a note."""
        titles = [self.guidelines[code] for code in self.reference[note].indices]
        chosen = [titles[i] for i in generator.permutation(len(titles))]
        return np.concatenate(chosen)[: self.config.max_tokens] if chosen else np.zeros(0, np.int32)


def guidelines(codes: Sequence[CodeRow], vocabulary: Sequence[str]) -> list[Ids]:
    """Word ids of each code's title and its category's, for guideline notes."""
    ids = {word: i for i, word in enumerate(vocabulary, start=2)}
    title_of = {row.code: row.long for row in codes}
    texts = [f"{row.long} {title_of.get(category(row.code), '')}" for row in codes]
    return [
        np.array([ids.get(word, UNKNOWN) for word in tokenise(text).words], np.int32)
        for text in texts
    ]


def vocabulary_of(
    corpus: Corpus, places: NDArray[np.int64], config: Training
) -> tuple[list[str], NDArray[np.int64]]:
    """(words by falling count, training notes that hold each) of words frequent enough for `config`."""
    counts, holders = (np.zeros(len(corpus.words), np.int64) for _ in range(2))
    for place in places:
        numbers, times = np.unique(
            corpus.numbers(int(place), config.max_tokens), return_counts=True
        )
        counts[numbers] += times
        holders[numbers] += 1
    enough = np.flatnonzero((counts >= config.min_count) & (holders >= config.min_notes))
    order = enough[np.argsort(-counts[enough], kind="stable")][: config.max_words or None]
    return [corpus.words[number] for number in order], holders[order]


def codes_of(
    corpus: Corpus, places: NDArray[np.int64], config: Coder
) -> tuple[list[CodeRow], csr_matrix]:
    """(codes of the model, reference (N, L) of all notes of the corpus over them), in the config's reading."""
    rows, reference = _read(corpus, config.reading)
    seen = np.asarray(reference[places].sum(axis=0)).ravel() > 0
    kept = np.flatnonzero(seen) if config.codes == "train" else np.arange(len(rows))
    return [rows[i] for i in kept], csr_matrix(reference[:, kept])


def batches(
    lengths: NDArray[np.int64], size: int, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Indices of notes, every note once, in random batches of similar length, so that little is padded.

    Notes are shuffled, sorted by length within pools of 32 batches, and the batches of a pool shuffled.
    """
    order = generator.permutation(len(lengths))
    for pool in np.split(order, range(32 * size, len(order), 32 * size)):
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        chunks = np.split(pool, range(size, len(pool), size))
        for i in generator.permutation(len(chunks)):
            yield chunks[i]


def padded(ids: Sequence[Ids]) -> tuple[Tensor, Tensor | None]:
    """Ids (B, longest) and a mask that is true at words, or None where nothing is padded. An empty note is one UNK."""
    arrays = [
        torch.from_numpy(note.astype(np.int64)) if len(note) else torch.tensor([UNKNOWN])
        for note in ids
    ]
    batch = torch.nn.utils.rnn.pad_sequence(arrays, batch_first=True, padding_value=PAD)
    mask = batch != PAD
    return batch, None if bool(mask.all()) else mask


def _read(corpus: Corpus, reading: str) -> tuple[list[CodeRow], csr_matrix]:
    """Codes and reference, correct or as published tables read them: then several columns may become one."""
    if reading == "correct":
        return corpus.codes, corpus.reference
    by_code = {row.code: row for row in corpus.codes}
    names = [caml_reading(row.code, row.kind) for row in corpus.codes]
    kept = {
        name: replace(by_code.get(name, row), code=name)
        for name, row in zip(names, corpus.codes, strict=True)
    }
    order = {name: i for i, name in enumerate(sorted(kept))}
    ones = np.ones(len(names), np.float32)
    renamed = csr_matrix(
        (ones, (range(len(names)), [order[name] for name in names])), (len(names), len(order))
    )
    reference = csr_matrix((corpus.reference @ renamed) > 0, dtype=np.float32)
    reference.sort_indices()
    return [kept[name] for name in order], reference
