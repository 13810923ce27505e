"""What a study has beside its codings, for its benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from annotation.models import Study
from benchmark.scoring.beside import Beside


def beside_of(study: Study) -> Beside:
    """What is told of a study and changes its figures; texts are not read."""
    return Beside(own_coder=own_coders(study))


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
