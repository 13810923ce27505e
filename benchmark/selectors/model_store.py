"""What the model store holds: settings, codes and thresholds of checkpoints."""

from __future__ import annotations

import csv
import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

from annotation.models import Rater
from files.code_files import CountsFile, read_counts


def models_here() -> bool:
    """Whether this installation can load a model; the web container cannot."""
    return find_spec("torch") is not None


def stored(digest: str) -> Path:
    return settings.MODEL_STORE / digest


def config_of(digest: str) -> dict[str, Any]:
    """What a stored checkpoint says of itself; empty when it is not in the store."""
    try:
        text = (stored(digest) / "config.json").read_text()
    except FileNotFoundError:
        return {}
    config: dict[str, Any] = json.loads(text)
    return config


def metrics_of(digest: str) -> dict[str, Any]:
    """What was measured while a checkpoint was trained; empty when it is not in the store."""
    try:
        text = (stored(digest) / "metrics.json").read_text()
    except FileNotFoundError:
        return {}
    metrics: dict[str, Any] = json.loads(text)
    return metrics


def runnable(rater: Rater) -> bool:
    """Whether the rater is a model whose checkpoint is here."""
    return bool(rater.checkpoint_sha256) and stored(rater.checkpoint_sha256).exists()


def described(digest: str) -> Path:
    """What is kept of a checkpoint that is elsewhere, its codings having come in a bundle."""
    return settings.MODEL_STORE / f"{digest}.json"


def dev_threshold(digest: str) -> float | None:
    """The threshold of the best micro-F1 on the development notes of a checkpoint's training.

    None for a checkpoint that has no such figure, or is not known.
    """
    try:
        metrics = json.loads((stored(digest) / "metrics.json").read_text())
        found = metrics.get("development", {}).get("threshold_tuned")
    except FileNotFoundError:
        found = _description(digest)["threshold_dev"]
    if found is None:
        return None
    return float(found)


def training_counts(digest: str) -> CountsFile | None:
    """How many of the notes that a checkpoint learned from have each code; None where it does not
    say, or is not here."""
    file = stored(digest) / "training_counts.csv"
    if not digest or not file.exists():
        return None
    return read_counts(str(file))


def code_list(digest: str) -> tuple[str, ...]:
    """Codes that a checkpoint can give, in the order of its scores; empty when it is not known."""
    try:
        return _code_list(digest)
    except FileNotFoundError:
        return tuple(_description(digest)["codes"])


@lru_cache(maxsize=8)
def _code_list(digest: str) -> tuple[str, ...]:
    with (stored(digest) / "codes.csv").open(newline="") as file:
        return tuple(row["code"] for row in csv.DictReader(file))


def _description(digest: str) -> dict[str, Any]:
    try:
        text = described(digest).read_text()
    except FileNotFoundError:
        return {"codes": (), "threshold_dev": None}
    description: dict[str, Any] = json.loads(text)
    return description


def codes_of(digest: str) -> frozenset[str]:
    """The same as a set."""
    return frozenset(code_list(digest))
