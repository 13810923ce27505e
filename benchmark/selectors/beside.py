"""What a study has beside its codings, for its benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from annotation.models import CodingItem, OutsideCounts, Rater, Study
from benchmark.scoring.beside import Beside, Margin, Weighted
from benchmark.selectors.model_store import training_counts
from files.code_files import CountsFile

TEXTS_AT_ONCE = 200


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


def own_coders(study: Study, notes: Sequence[str] | None = None) -> dict[str, str]:
    """Note id -> the coder whose answer stands for the people in Table 1, of all notes or these."""
    assignments = study.assignments.filter(role="primary").order_by()
    if notes is not None:
        assignments = assignments.filter(note__external_id__in=notes)
    rows = assignments.values_list("note__external_id", "rater__name", "rater__simulated")
    names: dict[tuple[str, bool], str] = {}
    found = {}
    for note, name, simulated in rows:
        if (name, simulated) not in names:
            names[name, simulated] = str(Rater(name=name, simulated=simulated))
        found[note] = names[name, simulated]
    return found


def count_words(study: Study) -> dict[str, int]:
    """Note id -> how many words its text has, of the notes whose texts are here.

    It reads every text: some seconds for 20,000 notes.
    """
    found = {}
    texts = study.notes.order_by().values_list("external_id", "text")
    for note, text in texts.iterator(chunk_size=TEXTS_AT_ONCE):
        if text:
            found[note] = len(text.split())
    return found


def with_words(beside: Beside, words: Mapping[str, int], notes: Sequence[str]) -> Beside:
    """The same with the length of these notes; as it is where one of their texts is elsewhere."""
    if any(note not in words for note in notes):
        return beside
    return replace(beside, words={note: words[note] for note in notes})
