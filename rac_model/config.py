"""Every switch of a model and its training, the presets, and how a preset differs from the published RAC."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal


class ConfigError(ValueError):
    """A preset, a config file or an override that cannot be used; the message says how to mend it."""


def option(default: Any, meaning: str) -> Any:
    """A field that carries its meaning, for `list`, for the deviations and for the docs."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Training:
    """What the training loop reads, whatever the model."""

    codes: Literal["train", "all"] = option("train", "codes of the model: those in training notes, or all with a title")
    max_tokens: int = option(4096, "tokens of a note that are read")
    epochs: int = option(30, "most passes over the training notes")
    patience: int = option(3, "epochs without a better dev P@8 before training stops")
    batch_size: int = option(16, "notes a step")
    learning_rate: float = option(8e-5, "Adam's learning rate (the peak of a one-cycle schedule)")
    schedule: Literal["constant", "one-cycle"] = option("constant", "how the learning rate moves")
    clip: float = option(0.0, "largest gradient norm, 0 = not clipped")
    negatives: int = option(0, "absent codes sampled a step and re-weighted, 0 = all codes every step")
    permutations: int = option(2, "copies of each training note with its sentences permuted")
    fresh_permutations: bool = option(False, "permute anew every epoch instead of once")
    averaging: Literal["none", "swa", "ema"] = option("swa", "weight averaging: equal (SWA) or exponential (EMA)")
    average_every: int = option(5, "epochs between two snapshots of the average, from the first epoch on")
    ema_decay: float = option(0.999, "decay a step of the exponential average")
    dev_notes: int = option(0, "development notes looked at after an epoch, 0 = all")
    seed: int = option(0, "seed of initial weights, order of notes, permutations, dropout and word2vec")
    precision: Literal["float32", "bfloat16"] = option("float32", "numbers that training multiplies in")
    stored: Literal["float32", "float16"] = option("float32", "numbers of the weights file")


@dataclass(frozen=True)
class RacConfig(Training):
    """Read, Attend, and Code (Kim & Ganapathi 2021). The defaults are the published hyper-parameters."""

    kind: Literal["rac"] = option("rac", "kind of model")
    dim: int = option(300, "width of embeddings, convolutions and attention")
    kernel: int = option(10, "words a convolution sees")
    convolutions: int = option(2, "convolutions over the note")
    modules: int = option(4, "self-attention modules")
    feed_forward: int = option(1024, "width of a module's feed-forward layer")
    dropout: float = option(0.1, "dropout rate")
    title_tokens: int = option(36, "tokens of a code's title that are read")
    queries: Literal["titles", "free", "both"] = option(
        "titles", "what a code attends with: its encoded title, a free vector, or the sum of both"
    )
    readout: Literal["shared", "per-label"] = option("shared", "one readout vector for all codes, or one a code")
    readout_bias: float | None = option(None, "start of the readout's bias; without, no bias")
    mask_padding: bool = option(True, "padding is left out of convolutions, attention and pooling")
    min_count: int = option(10, "occurrences in training notes that make a word part of the vocabulary")
    word2vec_epochs: int = option(5, "passes of word2vec (skip-gram, window 5) over the training notes")
    whiten: float = option(0.0, "each dimension of the word vectors shifted to mean 0 and scaled to this, 0 = raw")
    title_words: Literal["own", "shared", "unknown"] = option(
        "own", "title words no note has: a random row for titles, the same row for notes too, or the unknown word"
    )
    tie_embeddings: bool = option(False, "notes and titles share one embedding")
    near_identity: float = option(0.0, "centre tap that convolutions start from, 0 = Xavier")
    branch_scale: float = option(1.0, "start of a module's value and narrowing layer, 1 = Xavier")
    last_gain: float = option(1.0, "start of the last layer norm's gain: how sharply titles attend")


@dataclass(frozen=True)
class LinearConfig(Training):
    """Bag-of-words logistic regression, one a code."""

    kind: Literal["lr"] = option("lr", "kind of model")
    features: Literal["counts", "tf-idf"] = option("counts", "word counts, or log counts by rarity, length 1")
    min_notes: int = option(3, "training notes that must hold a word for it to be part of the vocabulary")
    weight_decay: float = option(0.0, "Adam's weight decay")


@dataclass(frozen=True)
class TitleMatchConfig:
    """Code titles looked up in the note; nothing is learned."""

    kind: Literal["title-match"] = option("title-match", "kind of model")
    codes: Literal["train", "all"] = option("all", "codes of the model: those in training notes, or all with a title")
    seed: int = option(0, "unused: nothing is drawn")


Config = RacConfig | LinearConfig | TitleMatchConfig
KINDS: dict[str, type[Config]] = {"rac": RacConfig, "lr": LinearConfig, "title-match": TitleMatchConfig}
PUBLISHED = RacConfig()
AT_LEAST_ONE = ("max_tokens", "epochs", "batch_size", "average_every", "dim", "kernel", "title_tokens", "min_count")

PRESETS: dict[str, tuple[Config, str]] = {
    "rac": (PUBLISHED, "RAC with the published hyper-parameters, for MIMIC's size and a GPU"),
    "rac-small": (
        RacConfig(
            dim=64,
            feed_forward=128,
            modules=2,
            min_count=3,
            whiten=0.8,
            near_identity=1.5,
            branch_scale=0.1,
            last_gain=2.0,
            readout_bias=-4.0,
            title_words="shared",
            max_tokens=2500,
            batch_size=16,
            learning_rate=2e-3,
            schedule="one-cycle",
            clip=1.0,
            negatives=256,
            epochs=7,
            permutations=0,
            averaging="none",
            precision="bfloat16",
            dev_notes=100,
            stored="float16",
        ),
        "a small RAC that learns on one CPU core, for the demo and for thousands of notes",
    ),
    "lr-small": (
        LinearConfig(
            features="tf-idf",
            weight_decay=1e-5,
            learning_rate=5e-2,
            schedule="one-cycle",
            batch_size=256,
            epochs=10,
            patience=10,
            permutations=0,
            averaging="none",
        ),
        "tf-idf logistic regression, the baseline on the same notes",
    ),
    "title-match": (TitleMatchConfig(), "code titles found in the note, the baseline that learns nothing"),
}


def load_config(source: str, overrides: list[str] | None = None) -> tuple[str, Config]:
    """(name, config) of a preset or of a TOML/JSON file (a table of fields, `preset` names its base)."""
    if source in PRESETS:
        name, config = source, PRESETS[source][0]
    else:
        name, config = _read(Path(source))
    return name, _changed(config, dict(_override(text) for text in overrides or []))


def from_dict(values: dict[str, Any]) -> Config:
    """The config that `dataclasses.asdict` gave."""
    kind = values.get("kind")
    if kind not in KINDS:
        raise ConfigError(f"model kind {kind!r} is unknown; it is one of {', '.join(KINDS)}")
    return _changed(KINDS[kind](), values)


def deviations(config: Config) -> list[str]:
    """How a RAC config differs from the published one, a sentence a field; empty for other models.

    >>> deviations(replace(PUBLISHED, dim=64))
    ['width of embeddings, convolutions and attention (dim): 64 instead of 300']
    """
    if not isinstance(config, RacConfig):
        return []
    published, here = asdict(PUBLISHED), asdict(config)
    return [
        f"{item.metadata['meaning']} ({item.name}): {_show(here[item.name])} instead of {_show(published[item.name])}"
        for item in fields(config)
        if here[item.name] != published[item.name] and item.name not in ("seed", "dev_notes", "stored")
    ]


def _show(value: Any) -> str:
    return "none" if value is None else "yes" if value is True else "no" if value is False else str(value)


def _read(path: Path) -> tuple[str, Config]:
    if not path.is_file():
        raise ConfigError(f"{path.name} is neither a preset ({', '.join(PRESETS)}) nor a file")
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise ConfigError(f"{path.name} is not readable as TOML or JSON: {error}") from None
    base = values.pop("preset", "rac")
    if base not in PRESETS:
        raise ConfigError(f"{path.name}: preset {base!r} is unknown; it is one of {', '.join(PRESETS)}")
    return path.stem, _changed(PRESETS[base][0], values)


def _override(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set takes FIELD=VALUE, not {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _changed(config: Config, values: dict[str, Any]) -> Config:
    """`config` with fields replaced, each checked against the type of the field's default and its choices."""
    types = {item.name: str(item.type) for item in fields(config)}
    for name, value in values.items():
        if name not in types:
            raise ConfigError(f"{name!r} is no field of this model; its fields are {', '.join(types)}")
        if not _fits(value, types[name]):
            raise ConfigError(f"{name} = {value!r} does not fit; it takes {types[name]}")
        if name in AT_LEAST_ONE and value < 1:
            raise ConfigError(f"{name} = {value} does not fit; it must be 1 or more")
    return replace(config, **values)


def _fits(value: Any, kind: str) -> bool:
    if kind.startswith("Literal"):
        return isinstance(value, str) and f"'{value}'" in kind.replace('"', "'")
    if value is None:
        return "None" in kind
    if isinstance(value, bool):
        return kind == "bool"
    return isinstance(value, int) if kind == "int" else isinstance(value, int | float) and kind.startswith("float")
