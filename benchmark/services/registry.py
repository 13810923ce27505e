"""Checkpoints become raters: copied into the model store under their sha256, loaded once per worker process.

PyTorch is imported where a model is loaded, not above: the web process never needs it.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from annotation.models import Rater, User
from annotation.services.events import event_record

if TYPE_CHECKING:
    from rac_model.predict import Predictor


def model_register(*, folder: Path, name: str, actor: User | None = None) -> Rater:
    """A checkpoint folder as a rater of that name. Registering the same one again changes nothing.

    Raises CheckpointError when the folder is damaged, ValueError when the name belongs to another checkpoint.
    """
    if not models_here():
        raise ValueError(
            "PyTorch is not installed here, and a checkpoint is checked with it; in the served form "
            "the workers have it: docker compose exec worker python manage.py register_model ..."
        )
    from rac_model import checkpoint

    checkpoint.load(folder)
    digest = checkpoint.sha256(folder)
    existing = Rater.objects.filter(kind=Rater.Kind.MODEL, name=name).first()
    if existing and existing.checkpoint_sha256 != digest:
        raise ValueError(f"a model named {name} with another checkpoint exists; choose another name")
    _store(folder, digest)
    if existing:
        return existing
    with transaction.atomic():
        rater = Rater.objects.create(kind=Rater.Kind.MODEL, name=name, checkpoint_sha256=digest)
        event_record(actor=actor, verb="model.registered", object=f"rater:{rater.pk}", checkpoint=digest)
    return rater


def models_here() -> bool:
    """Whether this installation can load a model; the web container cannot."""
    return find_spec("torch") is not None


def _store(folder: Path, digest: str) -> None:
    """Copy beside the target first, then rename: a reader never meets half a checkpoint."""
    from rac_model import checkpoint

    target = stored(digest)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copy = Path(scratch) / "copy"
        copy.mkdir()
        for name in (*checkpoint.FILES, checkpoint.SUMS):  # not what a training leaves beside them
            shutil.copyfile(folder / name, copy / name)
        os.rename(copy, target)  # noqa: PTH104


def stored(digest: str) -> Path:
    return settings.MODEL_STORE / digest


def config_of(digest: str) -> dict[str, Any]:
    """What a stored checkpoint says of itself; empty when it is not in the store."""
    try:
        return json.loads((stored(digest) / "config.json").read_text())
    except FileNotFoundError:
        return {}


def runnable(rater: Rater) -> bool:
    """Whether the rater is a model whose checkpoint is here."""
    return bool(rater.checkpoint_sha256) and stored(rater.checkpoint_sha256).exists()


def described(digest: str) -> Path:
    """What is kept of a checkpoint that is elsewhere, its codings having come in a bundle."""
    return settings.MODEL_STORE / f"{digest}.json"


def model_describe(digest: str, *, codes: Sequence[str], threshold_dev: float | None) -> None:
    """Keep the codes and the development threshold of a checkpoint that is not in the store; one that is knows them."""
    if not stored(digest).exists():
        described(digest).parent.mkdir(parents=True, exist_ok=True)
        described(digest).write_text(json.dumps({"codes": list(codes), "threshold_dev": threshold_dev}))


def dev_threshold(digest: str) -> float | None:
    """The threshold of the best micro-F1 on the development notes of a checkpoint's training; None for one that has no
    such figure, or is not known."""
    try:
        metrics = json.loads((stored(digest) / "metrics.json").read_text())
        found = metrics.get("development", {}).get("threshold_tuned")
    except FileNotFoundError:
        found = _description(digest)["threshold_dev"]
    return None if found is None else float(found)


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
        return json.loads(described(digest).read_text())
    except FileNotFoundError:
        return {"codes": (), "threshold_dev": None}


def codes_of(digest: str) -> frozenset[str]:
    """The same as a set."""
    return frozenset(code_list(digest))


@lru_cache(maxsize=2)
def predictor(digest: str) -> Predictor:
    """The loaded model; the two used last stay in memory."""
    from rac_model.predict import load

    return load(stored(digest), threads=settings.MODEL_THREADS)
