"""What a page says where messages name an option of the command."""

from __future__ import annotations

from benchmark.selectors.import_planning import NAMED, REFERENCE_NAMED
from files.checked import DROP, KEEP_OR_DROP, OF_CAML, OF_ONE_KIND
from files.note_ids import STUDY_ALONE
from pages.codings_forms import StudyChoicesForm

CHOICES = (
    (KEEP_OR_DROP, "unknown", "below, keep or leave out"),
    (DROP, "unknown", "below, leave out"),
    (OF_ONE_KIND, "codes_are", "below"),
    (OF_CAML, "reading", "below"),
    (STUDY_ALONE, "notes_of_study", "below"),
    (REFERENCE_NAMED, "reference_rater", "below"),
    (NAMED, "rater", "below"),
)
"""(Words of a message, the field that stands for the option, what to do there); the longer words
of two come first."""


def on_the_page(message: str) -> str:
    """A message, with the form's labels for the options that it names.

    >>> on_the_page("check the ids, or leave such notes out: --notes-of-study")
    'check the ids, or leave such notes out: “Leave out notes that are not of this study” below'
    """
    for words, field, what in CHOICES:
        if words in message:
            label = StudyChoicesForm.base_fields[field].label
            message = message.replace(words, f"“{label}” {what}")
    return message
