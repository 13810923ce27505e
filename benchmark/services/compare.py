"""The raters of a study against its reference: computed from codings, stored once under the hash of its inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from annotation.models import Rater, Study, User
from annotation.selectors import Codings
from annotation.services.events import event_record
from benchmark.metrics.compare import common_notes
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.tally import tally
from benchmark.models import BenchmarkRun
from benchmark.presets import PRESETS, NothingToCompareError, label_space, reference_of
from benchmark.scoring import REPLICATES, RULER, Scored, scored
from benchmark.selectors import arms_of, coders_of, table1_codings, table1_raters
from benchmark.services.registry import dev_threshold
from benchmark.services.scores import codings_at, scores_of


def benchmark_run(
    *,
    study: Study,
    preset: str = "paper",
    actor: User | None = None,
    final: bool = False,
    only: Sequence[str] = (),
) -> BenchmarkRun:
    """Score every rater of the study as the preset asks, or `only` those named. The same inputs give the same run.

    Raters that lack notes: all are scored on the notes that all have, and the run is marked interim; with `final`
    that is refused. Raises NothingToCompareError, and ValueError for a name that no rater has.
    """
    reference = reference_of(study, PRESETS[preset])
    against = PRESETS[preset].against
    known, left_out = _asked(table1_raters(study, against), only)
    kinds = {name: str(rater.kind) if rater else "people" for name, rater in known.items()}
    everybody = {name: table1_codings(study, rater) for name, rater in known.items()}
    as_run = _tune(study, known, everybody) if PRESETS[preset].threshold == "dev" else []
    models = [name for name, kind in kinds.items() if kind == Rater.Kind.MODEL]
    raters = {name: codings for name, codings in everybody.items() if codings}
    notes = common_notes(reference, raters, "intersect") if raters else []
    if not notes:
        lacking = _who_lacks(reference, everybody)
        raise NothingToCompareError(f"no note of {study.slug} has been coded by every rater yet: {lacking}")
    interim = len(notes) < len(reference) or len(raters) < len(everybody)
    if final and interim:
        raise NothingToCompareError(f"not final: {_who_lacks(reference, everybody)}")
    space, coders, arms = label_space(study, PRESETS[preset], reference, notes), coders_of(study), arms_of(study)
    inputs = [
        study.slug, study.protocol_sha256, preset, REPLICATES, RULER, reference, everybody, coders, models, space.codes,
        left_out, arms and asdict(arms),
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    existing = BenchmarkRun.objects.filter(input_sha256=digest).first()
    if existing:
        existing.save(update_fields=["asked_at"])
        return existing
    scores = _scores(study, known, notes, space)
    result = scored(space, notes, reference, raters, coders, models, scores, arms, against) | {
        "study": study.slug,
        "protocol_sha256": study.protocol_sha256,
        "preset": preset,
        "against": against,
        "kinds": {name: kinds[name] for name in raters},
        "synthetic": study.batch.origin == study.batch.Origin.SYNTHETIC,
        "notes_of_study": len(reference),
        "interim": interim,
        "as_run": as_run,
        "left_out": left_out,
        "without_codings": sorted(everybody.keys() - raters.keys()),
    }
    run, created = BenchmarkRun.objects.get_or_create(
        input_sha256=digest,
        defaults={
            "study": study, "preset": preset, "notes": len(notes), "interim": interim, "partial": bool(left_out),
            "document": json.dumps(result),
            "counts": json.dumps(tally(space, notes, reference, raters).to_json()),
        },
    )  # fmt: skip
    if created:
        event_record(actor=actor, verb="benchmark.run", object=f"study:{study.slug}", inputs=digest, preset=preset)
    return run


def _asked(known: dict[str, Rater | None], only: Sequence[str]) -> tuple[dict[str, Rater | None], list[str]]:
    """The raters asked for, in the order of Table 1, and the names of the others."""
    if unknown := [name for name in only if name not in known]:
        raise ValueError(f"no rater named {', '.join(unknown)}; there is: {', '.join(known)}")
    left_out = [name for name in known if only and name not in only]
    return {name: rater for name, rater in known.items() if name not in left_out}, left_out


def _tune(study: Study, known: Mapping[str, Rater | None], everybody: dict[str, Codings]) -> list[str]:
    """Each model's codings at its own development threshold, in place; names of the models that have to stay."""
    stay = []
    for name, rater in known.items():
        if rater and rater.kind == Rater.Kind.MODEL:
            threshold = dev_threshold(rater.checkpoint_sha256)
            tuned = None if threshold is None else codings_at(study, rater, list(everybody[name]), threshold)
            if tuned is None:
                stay.append(name)
            else:
                everybody[name] = tuned
    return stay


def _scores(
    study: Study, known: Mapping[str, Rater | None], notes: Sequence[str], space: LabelSpace
) -> dict[str, Scored]:
    """Of the models whose probabilities of all notes are kept."""
    found = {}
    for name, rater in known.items():
        if rater and rater.checkpoint_sha256:
            matrix = scores_of(study, rater, notes, space.codes)
            if matrix is not None:
                found[name] = Scored(matrix, dev_threshold(rater.checkpoint_sha256))
    return found


def _who_lacks(reference: Codings, raters: dict[str, Codings]) -> str:
    lacking = {name: len(reference.keys() - codings.keys()) for name, codings in raters.items()}
    return ", ".join(f"{name} lacks {n} of {len(reference)} notes" for name, n in lacking.items() if n)
