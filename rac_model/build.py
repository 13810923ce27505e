"""Make a model: a new one from training notes, or a trained one from a checkpoint."""

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
    of_words = np.log((1 + len(places)) / (1 + holders)) + 1
    rarity = torch.from_numpy(np.concatenate([[0.0, 0.0], of_words]).astype(np.float32))
    make = SYSTEMS[config.kind].model
    assert make is not None
    torch.manual_seed(config.seed)
    if not isinstance(config, Embedded):
        no_vectors = torch.zeros(len(rarity), 0)
        start = Start(no_vectors, no_vectors.clone(), _no_titles(codes), rarity, codes)
        return words, len(words), make(config, start)
    vectors = skip_gram(corpus, places, words, config)
    if config.whiten and len(words):
        vectors = standardised(vectors, config.whiten)
    title_words: list[str] = []
    if config.title_words != "unknown":
        title_words = _title_words(config, codes, set(words))
    notes, titles = _tables(config, vectors, len(title_words))
    vocabulary = words + title_words
    start = Start(notes, titles, title_ids(config, codes, vocabulary), rarity, codes)
    return vocabulary, len(notes) - 2, make(config, start)


def restored(checkpoint: Checkpoint) -> Model:
    """The trained model of a checkpoint, for inference."""
    config = checkpoint.config
    codes = checkpoint.codes
    make = SYSTEMS[config.kind].model
    if make is None or not isinstance(config, Training):
        raise CheckpointError(f"{checkpoint.name} has no weights to restore")
    dim = 0
    titles = _no_titles(codes)
    if isinstance(config, Embedded):
        dim = config.dim
        titles = title_ids(config, codes, checkpoint.vocabulary)
    rows = checkpoint.note_words + 2
    words = torch.zeros(rows, dim)
    title_words = torch.zeros(len(checkpoint.vocabulary) + 2, dim)
    model = make(config, Start(words, title_words, titles, torch.zeros(rows), codes))
    _fill(checkpoint.name, model, checkpoint.weights)
    model.eval()
    return model


def title_ids(config: Embedded, rows: Sequence[CodeRow], vocabulary: Sequence[str]) -> Tensor:
    """Word ids (L, longest title) of each code's title, cut at `title_tokens`, 0 after the end.

    With several queries a code, (2, L, longest): long titles, then short ones (the v32 tables have
    no category titles).
    """
    index = {word: number for number, word in enumerate(vocabulary, start=2)}
    if getattr(config, "title_queries", "joint") == "joint":
        return _id_table(config, [row.title for row in rows], index)
    texts = [row.long for row in rows] + [row.short for row in rows]
    return _id_table(config, texts, index).view(2, len(rows), -1)


def weights_of(model: Model, stored: str) -> dict[str, Tensor]:
    """What a checkpoint keeps of a model, by name; floats as `stored`, float32 or float16."""
    kind = getattr(torch, stored)
    weights = {}
    for name, value in _kept(model).items():
        if value.is_floating_point():
            value = value.to(kind)
        weights[name] = value.detach().cpu().clone()
    return weights


def _kept(model: Model) -> dict[str, Tensor]:
    """Parameters and running means by name; an embedding that two layers share is there once."""
    kept = dict(model.named_parameters())
    in_state = model.state_dict().keys()
    for name, value in model.named_buffers():
        if name in in_state:
            kept[name] = value
    return kept


def _fill(name: str, model: Model, weights: Mapping[str, Tensor]) -> None:
    """Copy the weights of the checkpoint `name` into the model."""
    places = _kept(model)
    wrong = sorted(places.keys() ^ weights.keys())
    for key in places.keys() & weights.keys():
        if places[key].shape != weights[key].shape:
            wrong.append(key)
    if wrong:
        raise CheckpointError(
            f"{name}: weights do not fit the settings at {', '.join(sorted(wrong))}"
        )
    with torch.no_grad():
        for key, value in weights.items():
            places[key].copy_(value)


def _id_table(config: Embedded, texts: Sequence[str], index: Mapping[str, int]) -> Tensor:
    """Word ids (texts, longest); a text without words is one unknown word."""
    titles = []
    for text in texts:
        words = tokenise(text).words[: config.title_tokens]
        titles.append([index.get(word, UNKNOWN) for word in words] or [UNKNOWN])
    table = np.zeros((len(titles), max(map(len, titles))), np.int64)
    for row, title in zip(table, titles, strict=True):
        row[: len(title)] = title
    return torch.from_numpy(table)


def _title_words(config: Embedded, rows: Sequence[CodeRow], known: set[str]) -> list[str]:
    """Words of the codes' titles that are not `known`, sorted."""
    words: set[str] = set()
    for row in rows:
        words.update(tokenise(row.title).words[: config.title_tokens])
    return sorted(words - known)


def _tables(config: Embedded, vectors: NDArray[np.float32], extra: int) -> tuple[Tensor, Tensor]:
    """(start of the note embedding, start of the title embedding).

    Rows: padding, which is zero; the unknown word; the words of notes; `extra` words of titles. The
    unknown word and the title words are random, as spread as the word vectors.
    """
    generator = np.random.default_rng(config.seed)
    scale = float(vectors.std()) if len(vectors) else 0.1
    padding = np.zeros((1, config.dim), np.float32)
    unknown = generator.normal(0, scale, (1, config.dim)).astype(np.float32)
    title_words = generator.normal(0, scale, (extra, config.dim)).astype(np.float32)
    titles = torch.from_numpy(np.concatenate([padding, unknown, vectors, title_words]))
    if config.title_words == "shared" or getattr(config, "tie_embeddings", False):
        return titles, titles
    return titles[: len(titles) - extra], titles


def _no_titles(codes: Sequence[CodeRow]) -> Tensor:
    """For a model that reads none."""
    return torch.zeros(len(codes), 0, dtype=torch.long)
