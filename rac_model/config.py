"""The switches of a model and of its training, each with its meaning, and how they are changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeVar


class ConfigError(ValueError):
    """A preset, config file or override that cannot be used; the message says how to mend it."""


def option(default: Any, meaning: str, least: float | None = None) -> Any:
    """A field of a config: its meaning, which the command `list` prints, and its least value.

    Where a checkpoint deviates from the published model the meaning stands in its config.json, and
    so in its sha256: a meaning that is worded anew gives the same training another name.
    """
    return field(default=default, metadata={"meaning": meaning, "least": least})


@dataclass(frozen=True)
class Coder:
    """Settings of every system, also of those that are not trained."""

    kind: str = option("", "kind of model")
    row: str = option(
        "", "row of the paper's Table 2 that the model stands for, at its size or small"
    )
    codes: Literal["train", "all"] = option(
        "train", "codes of the model: those in training notes, or all with a title"
    )
    reading: Literal["correct", "caml"] = option(
        "correct",
        "labels as they are, or as published tables read procedure codes (as numbers, zeros lost)",
    )
    seed: int = option(
        0, "seed of initial weights, order of notes, permutations, dropout and word2vec"
    )


@dataclass(frozen=True)
class Training(Coder):
    """What the training loop reads, whatever the model. The defaults are those of RAC."""

    max_tokens: int = option(4096, "tokens of a note that are read", 1)
    epochs: int = option(30, "most passes over the training notes", 1)
    patience: int = option(3, "epochs without a better dev P@8 before training stops", 1)
    batch_size: int = option(16, "notes a step, over all processes", 1)
    at_once: int = option(
        0, "notes a process holds at once, the gradient accumulated; 0 = its whole batch", 0
    )
    optimizer: Literal["adam", "adamw"] = option(
        "adam", "Adam, or Adam with decoupled weight decay"
    )
    learning_rate: float = option(
        8e-5, "the optimizer's step (the peak of a one-cycle schedule)", 0
    )
    weight_decay: float = option(0.0, "the optimizer's weight decay", 0)
    schedule: Literal["constant", "one-cycle", "plateau"] = option(
        "constant",
        "how the step moves; plateau: x .9 after five epochs without a better dev micro-F1",
    )
    clip: float = option(0.0, "largest gradient norm, 0 = not clipped", 0)
    negatives: int = option(
        0, "absent codes sampled a step and re-weighted, 0 = all codes every step", 0
    )
    permutations: int = option(0, "copies of each training note with its sentences permuted", 0)
    fresh_permutations: bool = option(False, "permute anew every epoch instead of once")
    guideline_notes: int = option(
        0, "copies of each training note made of its codes' titles and parents, shuffled", 0
    )
    r_drop: float = option(
        0.0, "weight of the divergence between two passes with different dropout, 0 = one pass", 0
    )
    averaging: Literal["none", "swa", "ema"] = option(
        "none", "weight averaging: equal (SWA) or exponential (EMA)"
    )
    average_every: int = option(
        5, "epochs between two snapshots of the average, from the first epoch on", 1
    )
    ema_decay: float = option(0.999, "decay a step of the exponential average", 0)
    dev_notes: int = option(0, "development notes looked at after an epoch, 0 = all", 0)
    precision: Literal["float32", "bfloat16"] = option(
        "float32", "numbers that training multiplies in"
    )
    stored: Literal["float32", "float16"] = option("float32", "numbers of the weights file")
    min_notes: int = option(
        3, "training notes that must hold a word for it to be part of the vocabulary", 1
    )
    min_count: int = option(
        1, "occurrences in training notes that make a word part of the vocabulary", 1
    )
    max_words: int = option(0, "most frequent words of the vocabulary that are kept, 0 = all", 0)


@dataclass(frozen=True)
class Embedded(Training):
    """What a network that starts from word vectors has, by default as in CAML's line of work."""

    dim: int = option(100, "width of the word vectors", 1)
    dropout: float = option(0.2, "dropout rate", 0)
    word2vec_epochs: int = option(
        5, "passes of word2vec (skip-gram, window 5) over the training notes", 1
    )
    whiten: float = option(
        0.0,
        "each dimension of the word vectors shifted to mean 0 and scaled to this, 0 = raw",
        0,
    )
    title_tokens: int = option(36, "tokens of a code's title that are read", 1)
    title_words: Literal["own", "shared", "unknown"] = option(
        "unknown",
        "title words no note has: a random row for titles, the same row for notes too, "
        "or the unknown word",
    )


C = TypeVar("C", bound=Coder)


def override(text: str) -> tuple[str, Any]:
    """(field, value) of FIELD=VALUE."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set takes FIELD=VALUE, not {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def changed(config: C, values: dict[str, Any]) -> C:
    """`config` with fields replaced, each checked against its type, choices and least value.

    >>> changed(Training(), {"epochs": 2}).epochs
    2
    """
    known = {item.name: item for item in fields(config)}
    for name, value in values.items():
        if name not in known:
            raise ConfigError(
                f"{name!r} is no field of this model; its fields are {', '.join(known)}"
            )
        if not _fits(value, str(known[name].type)) or (name == "kind" and value != config.kind):
            raise ConfigError(f"{name} = {value!r} does not fit; it takes {known[name].type}")
        least = known[name].metadata["least"]
        if least is not None and value < least:
            raise ConfigError(f"{name} = {value} does not fit; it must be {least} or more")
    return replace(config, **values)


def _fits(value: Any, kind: str) -> bool:
    """Whether a value is of a field's type, given as it is written in the class."""
    if kind.startswith("Literal"):
        return isinstance(value, str) and f"'{value}'" in kind.replace('"', "'")
    if kind == "str":
        return isinstance(value, str)
    if value is None:
        return "None" in kind
    if isinstance(value, bool):
        return kind == "bool"
    if kind == "int":
        return isinstance(value, int)
    return kind.startswith("float") and isinstance(value, int | float)
