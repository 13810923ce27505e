"""What the terms on the pages mean, in a sentence each. docs/glossary.md has more."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Role
from pages.access import AuthedRequest, roles

MEANINGS = {
    "Jaccard": "codes in common over codes in either set; 1 where both are the same",
    "Precision": "of the codes given, the share that is right",
    "Recall": "of the right codes, the share that was given",
    "F1": (
        "precision and recall in one: twice the codes in common over codes given plus right codes"
    ),
    "micro": "pooled over all notes and codes: a frequent code weighs more",
    "macro": "the mean over codes: a rare code weighs as much as a frequent one",
    "label space": "the codes that count, and over which macro figures average",
    "reference": "the codes that the hospital assigned; what raters are scored against by default",
    "panel": (
        "what the adjudicators of a study settled, as a rater; a study can be scored against it"
    ),
    "protocol": "all that decides what coders see and who codes what, frozen and hashed at opening",
    "shortlist": "the codes that coders of a study can tick; the paper's had 4,075",
    "preset": "what a benchmark is asked: which reference, which codes count",
    "clock": "what measured the time: the active time, or Label Studio's lead time",
    "interim": "notes or raters are still missing that may come",
    "quarantined": "an answer that cannot be counted, with the reason; it is kept and shown",
    "P@k": "precision of a model's k likeliest codes",
    "R@k": "recall of a model's k likeliest codes",
    "AUC": "the chance that a right code has a higher probability than a wrong one",
    "AUC-PR": "the area under the curve of precision over recall",
    "MAP": "the mean over right codes of the precision at each one's rank",
}
"""Term as the pages write it -> its meaning."""


def meaning_of(term: str) -> str:
    """The meaning of a term, whatever its first letter's case; "" for a word that is none.

    >>> meaning_of("Micro"), meaning_of("notes")
    ('pooled over all notes and codes: a frequent code weighs more', '')
    """
    lowered = {known.lower(): meaning for known, meaning in MEANINGS.items()}
    return lowered.get(term.lower(), "")


@require_GET
@roles(*Role)
def words(request: AuthedRequest) -> HttpResponse:
    """Every term and its meaning: what a pointer shows on a term, for touch and keyboard."""
    return render(request, "glossary/glossary.html", {"meanings": MEANINGS})
