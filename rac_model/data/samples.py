"""What a model is trained on: notes in word ids, labels in the order of its codes, batches."""

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
    """Notes of a corpus in the word ids of a model, cut at `limit` tokens.

    Id 0 is padding, 1 the unknown word, 2 the first word of the vocabulary.
    """

    def __init__(
        self, corpus: Corpus, places: NDArray[np.int64], vocabulary: Sequence[str], limit: int
    ) -> None:
        self.corpus = corpus
        self.places = places
        self.limit = limit
        ids = _ids_of(vocabulary)
        self.table = np.array([ids.get(word, UNKNOWN) for word in corpus.words], dtype=np.int32)
        """The id of each word of the corpus, by its number there."""
        self.lengths = np.minimum(corpus.lengths[places], limit)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, note: int) -> Ids:
        return self.table[self.corpus.numbers(int(self.places[note]), self.limit)]

    def __iter__(self) -> Iterator[Ids]:
        return (self[note] for note in range(len(self)))

    def permuted(self, note: int, generator: np.random.Generator) -> Ids:
        """The note, cut, with its sentences in a new order."""
        borders = self.corpus.sentences(int(self.places[note]))
        return permute_sentences(self[note], borders, generator)


@dataclass(frozen=True)
class Samples:
    """What an epoch goes through: N notes, copies with permuted sentences, then guideline notes.

    A copy's randomness comes from (seed, epoch or 0, its number), so that nothing is kept and any
    can be made again.
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
        guideline_notes = np.tile(guided, self.config.guideline_notes)
        return np.asarray(np.concatenate([copies, guideline_notes]), np.int64)

    def labels(self, chosen: NDArray[np.int64]) -> csr_matrix:
        """Reference (B, L) of samples."""
        return self.reference[chosen % len(self.notes)]

    def ids(self, sample: int, epoch: int) -> Ids:
        """Word ids of a sample."""
        config = self.config
        copy, note = divmod(sample, len(self.notes))
        if not config.fresh_permutations:
            epoch = 0
        generator = np.random.default_rng([config.seed, epoch, sample])
        if copy > config.permutations:
            return self._guideline(note, generator)
        if copy or (config.fresh_permutations and generator.random() < 0.5):
            return self.notes.permuted(note, generator)
        return self.notes[note]

    def _guideline(self, note: int, generator: np.random.Generator) -> Ids:
        """Titles of the note's codes and categories, shuffled: the coding manual as a note."""
        codes = self.reference[note].indices
        if not len(codes):
            return np.zeros(0, np.int32)
        order = generator.permutation(len(codes))
        titles = [self.guidelines[code] for code in codes[order]]
        guideline_note: Ids = np.concatenate(titles)[: self.config.max_tokens]
        return guideline_note


def guidelines(codes: Sequence[CodeRow], vocabulary: Sequence[str]) -> list[Ids]:
    """Word ids of each code's title and its category's, for guideline notes."""
    ids = _ids_of(vocabulary)
    title_of = {row.code: row.long for row in codes}
    found = []
    for row in codes:
        text = f"{row.long} {title_of.get(category(row.code), '')}"
        words = tokenise(text).words
        found.append(np.array([ids.get(word, UNKNOWN) for word in words], np.int32))
    return found


def _ids_of(vocabulary: Sequence[str]) -> dict[str, int]:
    """Word -> its id."""
    return {word: number for number, word in enumerate(vocabulary, start=2)}


def vocabulary_of(
    corpus: Corpus, places: NDArray[np.int64], config: Training
) -> tuple[list[str], NDArray[np.int64]]:
    """(words by falling count, how many training notes hold each), of words frequent enough."""
    counts = np.zeros(len(corpus.words), np.int64)
    holders = np.zeros(len(corpus.words), np.int64)
    for place in places:
        words = corpus.numbers(int(place), config.max_tokens)
        numbers, times = np.unique(words, return_counts=True)
        counts[numbers] += times
        holders[numbers] += 1
    enough = np.flatnonzero((counts >= config.min_count) & (holders >= config.min_notes))
    order = enough[np.argsort(-counts[enough], kind="stable")]
    if config.max_words:
        order = order[: config.max_words]
    return [corpus.words[number] for number in order], holders[order]


def codes_of(
    corpus: Corpus, places: NDArray[np.int64], config: Coder
) -> tuple[list[CodeRow], csr_matrix]:
    """(codes of the model, reference (N, L) of all notes of the corpus over them).

    Both are in the config's reading; with codes=train, codes are those of the notes at `places`.
    """
    rows, reference = _read(corpus, config.reading)
    kept: NDArray[np.int64] = np.arange(len(rows))
    if config.codes == "train":
        kept = np.flatnonzero(np.asarray(reference[places].sum(axis=0)).ravel() > 0)
    return [rows[column] for column in kept], csr_matrix(reference[:, kept])


def batches(
    lengths: NDArray[np.int64], size: int, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Numbers of notes, each once, in random batches of similar length, so that little is padded.

    Notes are shuffled, sorted by length within pools of 32 batches, and the batches of a pool
    shuffled.
    """
    order = generator.permutation(len(lengths))
    for pool in np.split(order, range(32 * size, len(order), 32 * size)):
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        of_pool = np.split(pool, range(size, len(pool), size))
        for number in generator.permutation(len(of_pool)):
            yield of_pool[number]


def padded(ids: Sequence[Ids]) -> tuple[Tensor, Tensor | None]:
    """(ids (B, longest), a mask that is true at words, or None where nothing is padded).

    An empty note is one unknown word.
    """
    arrays = []
    for note in ids:
        if len(note):
            arrays.append(torch.from_numpy(note.astype(np.int64)))
        else:
            arrays.append(torch.tensor([UNKNOWN]))
    batch = torch.nn.utils.rnn.pad_sequence(arrays, batch_first=True, padding_value=PAD)
    mask = batch != PAD
    if bool(mask.all()):
        return batch, None
    return batch, mask


def _read(corpus: Corpus, reading: str) -> tuple[list[CodeRow], csr_matrix]:
    """Codes and reference, correct or as published tables read them: two codes may then be one."""
    if reading == "correct":
        return corpus.codes, corpus.reference
    by_code = {row.code: row for row in corpus.codes}
    read_as = [caml_reading(row.code, row.kind) for row in corpus.codes]
    rows: dict[str, CodeRow] = {}
    for code, row in zip(read_as, corpus.codes, strict=True):
        rows[code] = replace(by_code.get(code, row), code=code)
    column_of = {code: column for column, code in enumerate(sorted(rows))}
    columns = [column_of[code] for code in read_as]
    ones = np.ones(len(columns), np.float32)
    shape = (len(columns), len(column_of))
    # Row i has a one in the column of the code that code i is read as.
    renamed = csr_matrix((ones, (range(len(columns)), columns)), shape)
    reference = csr_matrix((corpus.reference @ renamed) > 0, dtype=np.float32)
    reference.sort_indices()
    return [rows[code] for code in column_of], reference
