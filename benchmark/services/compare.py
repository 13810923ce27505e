"""The raters of a study against its reference: computed from codings, stored once under the hash of its inputs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict

from django.db.models import Q

from annotation.models import Rater, Study, User
from annotation.selectors import Codings, codings_of, primary_codings
from annotation.services.events import event_record
from benchmark.metrics.agreement import krippendorff_alpha
from benchmark.metrics.bootstrap import intervals
from benchmark.metrics.compare import common_notes, compare_in
from benchmark.metrics.label_space import listed
from benchmark.metrics.paired import paired_tests
from benchmark.models import BenchmarkRun

PRESET = "paper"
HUMANS = "Human coders"
REPLICATES = 2000
RULER = 2  # part of the inputs: raise it when a figure's definition changes, so that stored runs are made anew


class NothingToCompareError(ValueError):
    """Why there is no Table 1, in words for the page and the terminal."""


def benchmark_run(*, study: Study, actor: User | None = None, final: bool = False) -> BenchmarkRun:
    """Score every rater of the study. The same inputs give the same run.

    Raters that lack notes: all are scored on the notes that all have, and the run is marked interim; with `final`
    that is refused. Raises NothingToCompareError.
    """
    reference = _reference(study)
    everybody = raters_of(study)
    raters = {name: codings for name, codings in everybody.items() if codings}
    notes = common_notes(reference, raters, "intersect") if raters else []
    if not notes:
        lacking = _who_lacks(reference, everybody)
        raise NothingToCompareError(f"no note of {study.slug} has been coded by every rater yet: {lacking}")
    interim = len(notes) < len(reference) or len(raters) < len(everybody)
    if final and interim:
        raise NothingToCompareError(f"not final: {_who_lacks(reference, everybody)}")
    labels = list(study.code_set.codes.order_by("code").values_list("code", flat=True))
    digest = _input_sha256(study, reference, everybody, labels)
    existing = BenchmarkRun.objects.filter(input_sha256=digest).first()
    if existing:
        existing.save(update_fields=["asked_at"])
        return existing
    result = _scored(study, reference, raters, notes, labels) | {
        "interim": interim,
        "without_codings": sorted(everybody.keys() - raters.keys()),
    }
    run, created = BenchmarkRun.objects.get_or_create(
        input_sha256=digest,
        defaults={
            "study": study, "preset": PRESET, "notes": len(notes), "interim": interim, "document": json.dumps(result),
        },
    )  # fmt: skip
    if created:
        event_record(actor=actor, verb="benchmark.run", object=f"study:{study.slug}", inputs=digest)
    return run


def _reference(study: Study) -> Codings:
    if study.reference is None:
        raise NothingToCompareError(
            f"{study.slug} has no reference codes: its notes came without any, so there is no Table 1"
        )
    return codings_of(study, study.reference)


def raters_of(study: Study) -> dict[str, Codings]:
    """Table 1's raters: the human coders pooled (each note's primary coding), then coders whose codes were imported,
    then each model run in the study or imported.

    A rater that has coded nothing yet is there too, with no coding.
    """
    raters = {_humans_name(study): primary_codings(study)} if study.workspaces.exists() else {}
    outside = Rater.objects.filter(kind=Rater.Kind.CODER, codings__study=study, workspaces__isnull=True)
    raters |= {rater.name: codings_of(study, rater) for rater in outside.distinct().order_by("name")}
    models = Rater.objects.filter(kind=Rater.Kind.MODEL).filter(Q(runs__study=study) | Q(codings__study=study))
    return raters | {rater.name: codings_of(study, rater) for rater in models.distinct().order_by("name")}


def _humans_name(study: Study) -> str:
    simulated = study.workspaces.filter(rater__simulated=True).exists()
    return f"{HUMANS} (simulated)" if simulated else HUMANS


def _who_lacks(reference: Codings, raters: dict[str, Codings]) -> str:
    lacking = {name: len(reference.keys() - codings.keys()) for name, codings in raters.items()}
    return ", ".join(f"{name} lacks {n} of {len(reference)} notes" for name, n in lacking.items() if n)


def _scored(
    study: Study, reference: Codings, raters: dict[str, Codings], notes: list[str], labels: list[str]
) -> dict[str, object]:
    """The document that `--format json` prints: the figures, their intervals, and what they were computed from."""
    space = listed("shortlist", labels)
    result = compare_in(space, notes, reference, raters, "miss").to_json()
    bounds = intervals(space, notes, reference, raters, replicates=REPLICATES)
    for name, row in result["raters"].items():
        row["intervals"] = asdict(bounds[name])
    return result | {
        "study": study.slug,
        "protocol_sha256": study.protocol_sha256,
        "synthetic": study.batch.origin == study.batch.Origin.SYNTHETIC,
        "notes_of_study": len(reference),
        "agreement": _agreement(study),
        "differences": [asdict(pair) for pair in paired_tests(space, notes, reference, raters, replicates=REPLICATES)],
    }


def _agreement(study: Study) -> dict[str, object]:
    """Krippendorff's alpha (Jaccard distance) of the coders on the notes that more than one of them coded."""
    coders = {
        workspace.rater.name: codings_of(study, workspace.rater)
        for workspace in study.workspaces.select_related("rater").order_by("pk")
    }
    times = Counter(note for codings in coders.values() for note in codings)
    shared = sum(count > 1 for count in times.values())
    alpha = krippendorff_alpha(coders) if shared else None
    return {"coders": len(coders), "shared_notes": shared, "krippendorff_alpha_jaccard": alpha}


def _input_sha256(study: Study, reference: Codings, raters: dict[str, Codings], labels: list[str]) -> str:
    inputs = [
        study.slug,
        study.protocol_sha256,
        PRESET,
        REPLICATES,
        RULER,
        reference,
        raters,
        labels,
        _agreement(study),
    ]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
