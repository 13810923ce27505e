"""What the terms on the pages mean, in a sentence each. docs/glossary.md has more."""

from __future__ import annotations

import re
from collections.abc import Iterator

MEANINGS = {
    # Who and what
    "rater": "whoever gives codes to notes: a coder, a model, the reference, the panel",
    "reference": "the codes that the hospital assigned; what raters are scored against by default",
    "adjudicator": "a person who settles which codes are right, without knowing who gave what",
    "panel": (
        "what the adjudicators of a study settled, as a rater; a study can be scored against it"
    ),
    "batch": "notes that came in together, from one file or folder",
    "shared note": (
        "a note that several coders code, so that they can be compared with each other"
    ),
    "checkpoint": "a trained model with its settings, weights and code list, named by its sha256",
    # A study
    "protocol": "all that decides what coders see and who codes what, frozen and hashed at opening",
    "margin": "the loss in a figure that would not matter, written down before anybody codes",
    "shortlist": "the codes that coders of a study can tick; the paper's had 4,075",
    "arm": (
        "one of two interfaces of a study; each coder has half of the notes in each, "
        "dealt out by lot"
    ),
    "interim": "notes or raters are still missing that may come",
    "quarantined": "an answer that cannot be counted, with the reason; it is kept and shown",
    # Figures
    "preset": "what a benchmark is asked: which reference, which codes count",
    "label space": "the codes that count, and over which macro figures average",
    "Jaccard": "codes in common over codes in either set; 1 where both are the same",
    "precision": "of the codes given, the share that is right",
    "recall": "of the right codes, the share that was given",
    "F1": (
        "precision and recall in one: twice the codes in common over codes given plus right codes"
    ),
    "micro": "pooled over all notes and codes: a frequent code weighs more",
    "macro": "the mean over codes: a rare code weighs as much as a frequent one",
    "Holm": "a correction of p for asking many questions at once; it makes p larger",
    "Krippendorff's alpha": (
        "agreement of coders on shared notes: 1 is full agreement, 0 is chance"
    ),
    "kappa": (
        "Cohen's: agreement of two raters beyond chance; with thousands of codes nearly an F1"
    ),
    "partial credit": (
        "a neighbour of the right code, in its category or chapter, is not all wrong"
    ),
    "clock": "what measured the time: the active time, or Label Studio's lead time",
    "P@k": "precision of a model's k likeliest codes",
    "R@k": "recall of a model's k likeliest codes",
    "AUC": "the chance that a right code has a higher probability than a wrong one",
    "AUC-PR": "the area under the curve of precision over recall",
    "MAP": "the mean over right codes of the precision at each one's rank",
    "threshold": "the probability above which a model gives a code",
    "development notes": ("notes kept apart to choose a threshold; never those that are scored"),
    "logit": "a probability before it is squeezed between 0 and 1; at 0 it is one half",
}
"""Term as the pages write it within a sentence -> its meaning."""
LOWERED = {term.lower(): meaning for term, meaning in MEANINGS.items()}


def meaning_of(term: str) -> str:
    """The meaning of a term, whatever its first letter's case; "" for a word that is none.

    >>> meaning_of("Micro"), meaning_of("notes")
    ('pooled over all notes and codes: a frequent code weighs more', '')
    """
    return LOWERED.get(term.lower(), "")


def _spellings() -> Iterator[str]:
    """The pattern of each term, the longest first; a sentence may begin with it."""
    for term in sorted(MEANINGS, key=len, reverse=True):
        first = f"[{term[0].upper()}{term[0].lower()}]"
        yield first + re.escape(term[1:])


IN_A_SENTENCE = re.compile(rf"(?<![\w-])({'|'.join(_spellings())})s?\b")
"""A term, in the singular or the plural; its first group is the singular."""
