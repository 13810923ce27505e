"""Runs of models: how far they are, what failed, which model it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, Sum

from annotation.models import Code, Note, Study
from benchmark.models import Chunk, ModelRun
from benchmark.selectors.expressions import JSONLength
from benchmark.selectors.model_store import codes_of, config_of


@dataclass(frozen=True)
class RunProgress:
    """A run and what its chunks say.

    Notes done of all, how many were truncated, failures with their reasons.
    """

    run: ModelRun
    done: int
    total: int
    truncated: int
    failed: list[Chunk]
    state: str
    started: datetime | None
    finished: datetime | None
    renewed: datetime | None
    """When a worker last said that it is at it."""

    @property
    def notes_failed(self) -> int:
        return sum(len(chunk.note_ids) for chunk in self.failed)

    @property
    def failures(self) -> list[tuple[Chunk, Note | None]]:
        """Failed chunks in order, each with its note where it has but one."""
        alone = [chunk.note_ids[0] for chunk in self.failed if len(chunk.note_ids) == 1]
        notes = Note.objects.defer("text").in_bulk(alone)
        found = []
        for chunk in self.failed:
            note = None
            if len(chunk.note_ids) == 1:
                note = notes.get(chunk.note_ids[0])
            found.append((chunk, note))
        return found

    @property
    def percent(self) -> int:
        if not self.total:
            return 0
        return round(100 * self.done / self.total)

    @property
    def seconds(self) -> float | None:
        """From the first claim to the last chunk's end, so far."""
        if not self.started or not self.finished:
            return None
        return (self.finished - self.started).total_seconds()


def run_progress(run: ModelRun) -> RunProgress:
    """How far one run is."""
    return runs_progress([run])[0]


def runs_progress(runs: Sequence[ModelRun]) -> list[RunProgress]:
    """How far each run is, counted in the database: a large run has thousands of chunks."""
    ids = [run.pk for run in runs]
    counted: dict[int, dict[str, Mapping[str, Any]]] = {run: {} for run in ids}
    each = Chunk.objects.filter(run__in=ids).order_by().values("run", "state")
    for row in each.annotate(
        notes=Sum(JSONLength("note_ids")),
        truncated=Sum("truncated"),
        started=Min("claimed_at"),
        finished=Max("finished_at"),
        renewed=Max("renewed_at"),
    ):
        counted[row["run"]][row["state"]] = row
    failed: dict[int, list[Chunk]] = {run: [] for run in ids}
    for chunk in Chunk.objects.filter(run__in=ids, state=Chunk.State.FAILED):
        failed[chunk.run_id].append(chunk)
    return [_progress(run, counted[run.pk], failed[run.pk]) for run in runs]


def _progress(
    run: ModelRun, states: Mapping[str, Mapping[str, Any]], failed: list[Chunk]
) -> RunProgress:
    """A run's progress: `states` has the sums of its chunks by state."""
    started = [row["started"] for row in states.values() if row["started"]]
    finished = [row["finished"] for row in states.values() if row["finished"]]
    renewed = [row["renewed"] for row in states.values() if row["renewed"]]
    done = 0
    if Chunk.State.DONE in states:
        done = states[Chunk.State.DONE]["notes"]
    return RunProgress(
        run=run,
        done=done,
        total=sum(row["notes"] for row in states.values()),
        truncated=sum(row["truncated"] for row in states.values()),
        failed=failed,
        state=_state(set(states)),
        started=min(started, default=None),
        finished=max(finished, default=None),
        renewed=max(renewed, default=None),
    )


def _state(states: set[str]) -> str:
    """A run's state, of its chunks'."""
    if states <= {Chunk.State.DONE}:
        return "done"
    if states <= {Chunk.State.DONE, Chunk.State.FAILED}:
        return "failed"
    if states == {Chunk.State.WAITING}:
        return "waiting"
    return "running"


def failed_notes(study: Study) -> dict[str, int]:
    """Model -> notes on which its newest run failed; models without any are left out."""
    newest: dict[str, ModelRun] = {}
    for run in study.model_runs.select_related("rater"):
        newest.setdefault(run.rater.name, run)
    found: dict[str, int] = {}
    for name, run in newest.items():
        lists = run.chunks.filter(state=Chunk.State.FAILED).values_list("note_ids", flat=True)
        count = sum(len(notes) for notes in lists)
        if count:
            found[name] = count
    return found


@dataclass(frozen=True)
class ModelCard:
    """What a checkpoint says of itself."""

    kind: str
    deviations: list[str]
    """How its settings differ from the published model's."""


def model_card(digest: str) -> ModelCard | None:
    """None for a checkpoint that is not in the model store."""
    config = config_of(digest)
    if not config:
        return None
    return ModelCard(config["model"]["kind"], config.get("deviations", []))


def codes_out_of_reach(run: ModelRun) -> list[Code]:
    """Codes of the study's list that the run's model does not know and can never give."""
    known = codes_of(run.checkpoint_sha256)
    of_study = run.study.code_set.codes.order_by("codesetmember__position")
    return [code for code in of_study if code.code not in known]
