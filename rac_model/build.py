"""Models made: new ones from training notes, trained ones from a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from icd.codes import CodeRow
from mimic.text import tokenise
from rac_model.checkpoint import Checkpoint, CheckpointError
from rac_model.config import Embedded, Training
from rac_model.data.corpus import Corpus
from rac_model.data.ids import UNKNOWN
from rac_model.data.samples import vocabulary_of
from rac_model.data.word2vec import skip_gram, standardised
from rac_model.models.base import Model, Start
from rac_model.models.registry import SYSTEMS


def new(
    config: Training, corpus: Corpus, places: NDArray[np.int64], codes: Sequence[CodeRow]
) -> tuple[list[str], int, Model]:
    """(vocabulary, how many of its words notes have, model) from the notes at `places`.

    The vocabulary has the words of the notes first, then words that only titles have.
    """
    words, holders = vocabulary_of(corpus, places, config)
    rarity = np.concatenate([[0.0, 0.0], np.log((1 + len(places)) / (1 + holders)) + 1]).astype(
        np.float32
    )
    system = SYSTEMS[config.kind]
    assert system.model is not None
    torch.manual_seed(config.seed)
    if not isinstance(config, Embedded):
        start = Start(
            *_no_vectors(len(rarity), 0), _no_titles(codes), torch.from_numpy(rarity), codes
        )
        return words, len(words), system.model(config, start)
    vectors = skip_gram(corpus, places, words, config)
    vectors = standardised(vectors, config.whiten) if config.whiten and len(words) else vectors
    own = [] if config.title_words == "unknown" else _title_words(config, codes, set(words))
    notes, titles = _tables(config, vectors, len(own))
    start = Start(
        notes, titles, title_ids(config, codes, words + own), torch.from_numpy(rarity), codes
    )
    return words + own, len(notes) - 2, system.model(config, start)


def restored(checkpoint: Checkpoint) -> Model:
    """The trained model of a checkpoint, for inference."""
    config, codes = checkpoint.config, checkpoint.codes
    make = SYSTEMS[config.kind].model
    if make is None or not isinstance(config, Training):
        raise CheckpointError(f"{checkpoint.name} has no weights to restore")
    rows, dim = checkpoint.note_words + 2, getattr(config, "dim", 0)
    titles = (
        title_ids(config, codes, checkpoint.vocabulary)
        if isinstance(config, Embedded)
        else _no_titles(codes)
    )
    words, title_words = torch.zeros(rows, dim), torch.zeros(len(checkpoint.vocabulary) + 2, dim)
    model = make(config, Start(words, title_words, titles, torch.zeros(rows), codes))
    _fill(checkpoint.name, model, checkpoint.weights)
    model.eval()
    return model


def title_ids(config: Embedded, rows: Sequence[CodeRow], vocabulary: Sequence[str]) -> Tensor:
    """Word ids (L, longest title) of each code's title, cut at `title_tokens`, 0 after the end.

    With several queries a code, (2, L, longest): long title, short title (the v32 tables have no category titles).
    """
    index = {word: i for i, word in enumerate(vocabulary, start=2)}
    if getattr(config, "title_queries", "joint") == "joint":
        return _id_table(config, [row.title for row in rows], index)
    texts = [row.long for row in rows] + [row.short for row in rows]
    return _id_table(config, texts, index).view(2, len(rows), -1)


def weights_of(model: Model, stored: str) -> dict[str, Tensor]:
    """Parameters and running means by name, an embedding that two share once; floats as float32 or float16."""
    kept = set(model.state_dict())
    found = [
        *model.named_parameters(),
        *((name, value) for name, value in model.named_buffers() if name in kept),
    ]
    kind = getattr(torch, stored)
    return {
        name: (v.to(kind) if v.is_floating_point() else v).detach().cpu().clone()
        for name, v in found
    }


def _fill(name: str, model: Model, weights: Mapping[str, Tensor]) -> None:
    kept = set(model.state_dict())
    places = dict(model.named_parameters()) | {n: v for n, v in model.named_buffers() if n in kept}
    wrong = [
        key
        for key in places.keys() | weights.keys()
        if not _same(places.get(key), weights.get(key))
    ]
    if wrong:
        raise CheckpointError(
            f"{name}: weights do not fit the settings at {', '.join(sorted(wrong))}"
        )
    with torch.no_grad():
        for key, value in weights.items():
            places[key].copy_(value)


def _same(one: Tensor | None, other: Tensor | None) -> bool:
    return one is not None and other is not None and one.shape == other.shape


def _id_table(config: Embedded, texts: Sequence[str], index: Mapping[str, int]) -> Tensor:
    cut = (tokenise(text).words[: config.title_tokens] for text in texts)
    titles = [[index.get(word, UNKNOWN) for word in words] or [UNKNOWN] for words in cut]
    table = np.zeros((len(titles), max(map(len, titles))), np.int64)
    for row, title in zip(table, titles, strict=True):
        row[: len(title)] = title
    return torch.from_numpy(table)


def _title_words(config: Embedded, rows: Sequence[CodeRow], known: set[str]) -> list[str]:
    return sorted(
        {word for row in rows for word in tokenise(row.title).words[: config.title_tokens]} - known
    )


def _tables(config: Embedded, vectors: NDArray[np.float32], extra: int) -> tuple[Tensor, Tensor]:
    """Start of the note and the title embedding: zero padding, then random rows as spread as the word vectors."""
    generator = np.random.default_rng(config.seed)
    scale = float(vectors.std()) if len(vectors) else 0.1
    unknown, own = (
        generator.normal(0, scale, (size, config.dim)).astype(np.float32) for size in (1, extra)
    )
    padding = np.zeros((1, config.dim), np.float32)
    titles = torch.from_numpy(np.concatenate([padding, unknown, vectors, own]))
    whole = config.title_words == "shared" or getattr(config, "tie_embeddings", False)
    return (titles if whole else titles[: len(titles) - extra]), titles


def _no_vectors(rows: int, dim: int) -> tuple[Tensor, Tensor]:
    return torch.zeros(rows, dim), torch.zeros(rows, dim)


def _no_titles(codes: Sequence[CodeRow]) -> Tensor:
    return torch.zeros(len(codes), 0, dtype=torch.long)
