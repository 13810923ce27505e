"""What a study has beside its codings, for its benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from annotation.models import CodingItem, OutsideCounts, Rater, Study
from benchmark.scoring.beside import Beside, Margin, Weighted
from benchmark.selectors.model_store import training_counts
from files.code_files import CountsFile


def beside_of(study: Study) -> Beside:
    """What is told of a study and changes its figures; texts are not read."""
    return Beside(
        margin=_margin(study),
        weighted=_weighted(study),
        outside=outside_counts(study),
        ranks=_ranks(study),
        own_coder=own_coders(study),
    )


def outside_counts(study: Study) -> CountsFile | None:
    """How many other notes have each code: those that its batch came from, else those that a model
    of the study learned from. None where neither is known."""
    counts = OutsideCounts.objects.filter(batch=study.batch_id).first()
    if counts:
        return CountsFile(counts.counts, counts.stays)
    models = Rater.objects.filter(kind=Rater.Kind.MODEL, runs__study=study)
    for rater in models.order_by("name").distinct():
        learned = training_counts(rater.checkpoint_sha256)
        if learned:
            return learned
    return None


def _margin(study: Study) -> Margin | None:
    """The margin that its protocol states."""
    if study.margin is None:
        return None
    return Margin(study.margin, set_at=_iso(study.margin_set_at))


def _weighted(study: Study) -> Weighted | None:
    """The weights that its protocol names."""
    if study.weights is None:
        return None
    return Weighted(
        weights=study.weights.weights,
        tiers=study.weights.tiers,
        set_at=_iso(study.weights_set_at),
        sha256=study.weights.sha256,
    )


def _iso(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return moment.isoformat()


def _ranks(study: Study) -> dict[str, dict[str, int]]:
    """Note id -> code of its reference -> rank; empty where the reference ranks nothing."""
    ranked = CodingItem.objects.filter(
        coding__rater=study.reference_id, coding__note__studies=study, rank__isnull=False
    )
    found: dict[str, dict[str, int]] = {}
    rows = ranked.values_list("coding__note__external_id", "code__code", "rank")
    for note, code, rank in rows.order_by("coding__note__external_id", "code__code"):
        assert rank is not None  # filtered
        found.setdefault(note, {})[code] = rank
    return found


def own_coders(study: Study) -> dict[str, str]:
    """Note id -> the coder whose answer stands for the people in Table 1."""
    found = {}
    own = study.assignments.filter(role="primary").select_related("rater", "note")
    for assignment in own.defer("note__text"):
        found[assignment.note.external_id] = str(assignment.rater)
    return found


def with_words(beside: Beside, study: Study, notes: Sequence[str]) -> Beside:
    """The same with the length of these notes; as it is where one of their texts is elsewhere."""
    asked = set(notes)
    found = {}
    texts = study.notes.values_list("external_id", "text")
    for note, text in texts.iterator(200):
        if note not in asked:
            continue
        if not text:
            return beside
        found[note] = len(text.split())
    return replace(beside, words=found)
