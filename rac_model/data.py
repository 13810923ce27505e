"""From a MIMIC-shaped folder to word ids, labels and batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor

from rac_model.mimic import read_admissions, read_splits
from rac_model.models.base import PAD, UNKNOWN
from rac_model.text import Ids, permute_sentences, tokenise


@dataclass(frozen=True)
class Note:
    """ids (n,) of words, borders: where sentences begin, codes: the reference, dotted."""

    ids: Ids
    borders: NDArray[np.int32]
    codes: tuple[str, ...]


class Lexicon:
    """Every distinct word met so far gets the next number: notes stay small in memory before a vocabulary is chosen."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def note(self, text: str, codes: tuple[str, ...], limit: int) -> Note:
        """A note cut at `limit` words."""
        tokens = tokenise(text)
        numbers = self.numbers
        ids = np.array([numbers.setdefault(word, len(numbers)) for word in tokens.words[:limit]], dtype=np.int32)
        return Note(ids, np.array(tokens.borders, dtype=np.int32), codes)

    def words(self) -> list[str]:
        """The words by number."""
        return list(self.numbers)


def read_notes(folders: Sequence[Path], split: str, lexicon: Lexicon, limit: int) -> list[Note]:
    """The notes of a split of one or several MIMIC-shaped folders, in the folders' order."""
    return [
        lexicon.note(admission.text, admission.codes, limit)
        for folder in folders
        for admission in read_admissions(folder, read_splits(folder)[split])
    ]


def as_words(notes: Sequence[Note], lexicon: Lexicon) -> list[list[str]]:
    """The notes as lists of words, which share their strings."""
    words = lexicon.words()
    return [[words[i] for i in note.ids] for note in notes]


def words_in_notes(notes: Sequence[Note], lexicon: Lexicon, min_notes: int) -> dict[str, int]:
    """Words that at least `min_notes` notes hold, with that number, sorted by word."""
    counts = Counter(int(number) for note in notes for number in np.unique(note.ids))
    words = lexicon.words()
    return dict(sorted((words[number], count) for number, count in counts.items() if count >= min_notes))


def in_vocabulary(notes: Sequence[Note], lexicon: Lexicon, vocabulary: Sequence[str]) -> list[Note]:
    """The notes with ids of the model: 0 padding, 1 unknown, 2 the first word of the vocabulary."""
    ids = {word: i for i, word in enumerate(vocabulary, start=2)}
    table = np.array([ids.get(word, UNKNOWN) for word in lexicon.words()], dtype=np.int32)
    return [replace(note, ids=table[note.ids]) for note in notes]


def labels(notes: Sequence[Note], codes: Sequence[str]) -> csr_matrix:
    """Reference codes as 0/1 rows (N, L) in the order of `codes`; a code outside the list has no column."""
    column = {code: i for i, code in enumerate(codes)}
    rows = [sorted(column[code] for code in note.codes if code in column) for note in notes]
    indptr = np.cumsum([0] + [len(row) for row in rows])
    indices = np.array([i for row in rows for i in row], dtype=np.int32)
    return csr_matrix((np.ones(len(indices), np.float32), indices, indptr), shape=(len(notes), len(codes)))


def with_permutations(notes: Sequence[Note], copies: int, generator: np.random.Generator) -> list[Note]:
    """The notes followed by `copies` rounds of them, each note with its sentences permuted."""
    rounds = [[permuted(note, generator) for note in notes] for _ in range(copies)]
    return [*notes, *(note for notes_again in rounds for note in notes_again)]


def permuted(note: Note, generator: np.random.Generator) -> Note:
    """The note with its sentences in a new order (its borders are no longer known)."""
    return replace(note, ids=permute_sentences(note.ids, note.borders, generator), borders=np.zeros(1, np.int32))


def batches(lengths: Sequence[int], size: int, generator: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Indices of notes, every note once, in random batches of similar length, so that little is padded.

    Notes are shuffled, sorted by length within pools of 32 batches, and the batches of a pool shuffled.
    """
    order, length = generator.permutation(len(lengths)), np.asarray(lengths)
    for pool in np.split(order, range(32 * size, len(order), 32 * size)):
        pool = pool[np.argsort(length[pool], kind="stable")]
        chunks = np.split(pool, range(size, len(pool), size))
        for i in generator.permutation(len(chunks)):
            yield chunks[i]


def padded(ids: Sequence[Ids]) -> tuple[Tensor, Tensor | None]:
    """Ids (B, longest) and a mask that is true at words, or None where nothing is padded. An empty note is one UNK."""
    arrays = [torch.from_numpy(note.astype(np.int64)) if len(note) else torch.tensor([UNKNOWN]) for note in ids]
    batch = torch.nn.utils.rnn.pad_sequence(arrays, batch_first=True, padding_value=PAD)
    mask = batch != PAD
    return batch, None if bool(mask.all()) else mask
