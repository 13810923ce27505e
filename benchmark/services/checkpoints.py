"""Checkpoints become raters: copied into the model store under their sha256.

A worker process loads each once.

PyTorch is imported where a model is loaded, not above: the web process never needs it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from annotation.models import Rater, User
from annotation.services.events import event_record
from benchmark.selectors.model_store import described, models_here, stored

if TYPE_CHECKING:
    from rac_model.inference.predict import Predictor


def model_register(*, folder: Path, name: str, actor: User | None = None) -> Rater:
    """Make a checkpoint folder a rater of that name; the same folder again changes nothing.

    Raises CheckpointError when the folder is damaged, ValueError when the name belongs to another
    checkpoint.
    """
    if not models_here():
        raise ValueError(
            "PyTorch is not installed here, and a checkpoint is checked with it; in the served "
            "form the workers have it: "
            "docker compose exec worker python manage.py register_model ..."
        )
    from rac_model import checkpoint

    checkpoint.load(folder)
    digest = checkpoint.sha256(folder)
    existing = Rater.objects.filter(kind=Rater.Kind.MODEL, name=name).first()
    if existing and existing.checkpoint_sha256 != digest:
        raise ValueError(
            f"a model named {name} with another checkpoint exists; choose another name"
        )
    _store(folder, digest)
    if existing:
        return existing
    with transaction.atomic():
        rater = Rater.objects.create(kind=Rater.Kind.MODEL, name=name, checkpoint_sha256=digest)
        event_record(
            actor=actor, verb="model.registered", object=f"rater:{rater.pk}", checkpoint=digest
        )
    return rater


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
        for name in checkpoint.ALL_FILES:  # not what a training leaves beside them
            if (folder / name).exists():
                shutil.copyfile(folder / name, copy / name)
        os.rename(copy, target)  # noqa: PTH104


def model_describe(digest: str, *, codes: Sequence[str], threshold_dev: float | None) -> None:
    """Keep the codes and the development threshold of a checkpoint that is not in the store.

    One that is in the store knows them.
    """
    if stored(digest).exists():
        return
    file = described(digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"codes": list(codes), "threshold_dev": threshold_dev}))


@lru_cache(maxsize=2)
def predictor(digest: str) -> Predictor:
    """The loaded model; the two used last stay in memory."""
    from rac_model.inference.predict import load

    return load(stored(digest), threads=settings.MODEL_THREADS)
