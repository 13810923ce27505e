"""Models made: new ones from training notes, trained ones from a checkpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from rac_model.checkpoint import Checkpoint, CheckpointError
from rac_model.codes import CodeRow
from rac_model.config import LinearConfig, RacConfig
from rac_model.data import Lexicon, Note, as_words, words_in_notes
from rac_model.models.linear import Linear
from rac_model.models.rac import UNKNOWN, Rac
from rac_model.text import tokenise
from rac_model.word2vec import Vectors, skip_gram, standardised

Model = Rac | Linear


def new_rac(
    config: RacConfig, notes: Sequence[Note], lexicon: Lexicon, rows: Sequence[CodeRow]
) -> tuple[list[str], Rac]:
    """(vocabulary, model): words of the notes first, then words that only titles have."""
    words, vectors = skip_gram(
        as_words(notes, lexicon),
        dim=config.dim,
        min_count=config.min_count,
        epochs=config.word2vec_epochs,
        seed=config.seed,
    )
    vectors = standardised(vectors, config.whiten) if config.whiten else vectors
    only_titles = [] if config.title_words == "unknown" else _title_words(config, rows, set(words))
    note_table, title_table = _tables(config, vectors, len(only_titles))
    vocabulary = words + only_titles
    return vocabulary, Rac(config, note_table, title_table, title_ids(config, rows, vocabulary))


def new_linear(config: LinearConfig, notes: Sequence[Note], lexicon: Lexicon, codes: int) -> tuple[list[str], Linear]:
    """(vocabulary, model); the rarity of a word is log(N / notes that hold it) + 1, as scikit-learn smooths it."""
    counts = words_in_notes(notes, lexicon, config.min_notes)
    rarity = [0.0, 0.0] + [math.log((1 + len(notes)) / (1 + count)) + 1 for count in counts.values()]
    return list(counts), Linear(config, torch.tensor(rarity), codes)


def title_ids(config: RacConfig, rows: Sequence[CodeRow], vocabulary: Sequence[str]) -> Tensor:
    """Word ids (L, longest title) of each code's long and short title, cut at `title_tokens`, 0 after the end."""
    index = {word: i for i, word in enumerate(vocabulary, start=2)}
    titles = [[index.get(word, UNKNOWN) for word in _title(config, row)] or [UNKNOWN] for row in rows]
    table = torch.zeros(len(titles), max(map(len, titles)), dtype=torch.long)
    for i, title in enumerate(titles):
        table[i, : len(title)] = torch.tensor(title)
    return table


def restored(checkpoint: Checkpoint) -> Model:
    """The trained model of a checkpoint, for inference."""
    weights = {name: tensor.float() for name, tensor in checkpoint.weights.items()}
    config = checkpoint.config
    if isinstance(config, LinearConfig):
        model: Model = Linear(config, weights["rarity"], len(checkpoint.codes))
    elif isinstance(config, RacConfig):
        notes = weights["note_words.weight"]
        titles = weights.get("title_words.weight", notes)
        model = Rac(config, notes, titles, title_ids(config, checkpoint.codes, checkpoint.vocabulary))
    else:
        raise CheckpointError(f"{checkpoint.name} has no weights to restore")
    _fill(checkpoint.name, model, weights)
    model.eval()
    return model


def weights_of(model: Model, stored: str) -> dict[str, Tensor]:
    """Parameters by name, an embedding that notes and titles share once, as float32 or float16."""
    return {name: value.detach().cpu().to(getattr(torch, stored)) for name, value in model.named_parameters()}


def _fill(name: str, model: Model, weights: Mapping[str, Tensor]) -> None:
    parameters = dict(model.named_parameters())
    wrong = [key for key in parameters.keys() | weights.keys() if not _same(parameters.get(key), weights.get(key))]
    if wrong:
        raise CheckpointError(f"{name}: weights do not fit the settings at {', '.join(sorted(wrong))}")
    with torch.no_grad():
        for key, value in weights.items():
            parameters[key].copy_(value)


def _same(one: Tensor | None, other: Tensor | None) -> bool:
    return one is not None and other is not None and one.shape == other.shape


def _title(config: RacConfig, row: CodeRow) -> list[str]:
    return tokenise(row.title).words[: config.title_tokens]


def _title_words(config: RacConfig, rows: Sequence[CodeRow], known: set[str]) -> list[str]:
    return sorted({word for row in rows for word in _title(config, row)} - known)


def _tables(config: RacConfig, vectors: Vectors, extra: int) -> tuple[Tensor, Tensor]:
    """Start of the note and the title embedding: zero padding, then random rows as spread as the word vectors."""
    generator = np.random.default_rng(config.seed)
    scale = float(vectors.std()) if len(vectors) else 0.1
    unknown, own = (generator.normal(0, scale, (size, config.dim)).astype(np.float32) for size in (1, extra))
    padding = np.zeros((1, config.dim), np.float32)
    titles = torch.from_numpy(np.concatenate([padding, unknown, vectors, own]))
    whole = config.title_words == "shared" or config.tie_embeddings
    return (titles if whole else titles[: len(titles) - extra]), titles
