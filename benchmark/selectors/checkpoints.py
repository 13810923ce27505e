"""The checkpoints that are known here: what each says of itself, and where it has run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.models import Rater, User
from annotation.selectors.studies import studies_of
from benchmark.models import ModelRun
from benchmark.selectors.model_store import config_of, metrics_of


@dataclass(frozen=True)
class Checkpoint:
    """A model with its settings and weights, registered here."""

    name: str
    digest: str
    kind: str
    """The architecture; "" where the checkpoint is elsewhere, its codings having come in a file."""
    development: Mapping[str, Any]
    """Figures of its own development notes; empty without any."""
    development_notes: int | None
    deviations: tuple[str, ...]
    """How its settings differ from the published model's."""
    runs: tuple[ModelRun, ...]
    """In studies whose results the person may see, the newest first."""


def checkpoints_known(user: User) -> list[Checkpoint]:
    """Every registered checkpoint, by name; runs in studies that the person may see."""
    runs_of: dict[int, list[ModelRun]] = {}
    for run in ModelRun.objects.filter(study__in=studies_of(user)).select_related("study"):
        runs_of.setdefault(run.rater_id, []).append(run)
    found = []
    models = Rater.objects.filter(kind=Rater.Kind.MODEL).exclude(checkpoint_sha256="")
    for rater in models.order_by("name"):
        config = config_of(rater.checkpoint_sha256)
        metrics = metrics_of(rater.checkpoint_sha256)
        found.append(
            Checkpoint(
                name=rater.name,
                digest=rater.checkpoint_sha256,
                kind=config.get("model", {}).get("kind", ""),
                development=metrics.get("development") or {},
                development_notes=metrics.get("notes", {}).get("dev"),
                deviations=tuple(config.get("deviations", [])),
                runs=tuple(runs_of.get(rater.pk, [])),
            )
        )
    return found
