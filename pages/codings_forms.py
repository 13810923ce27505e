"""The forms of an import of codings: the file, and what is to be done with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.forms.boundfield import BoundField

from benchmark.selectors.import_plan import KINDS, LONGEST_NAME
from files.checked import UNKNOWN, Unknown
from pages.forms import SlugField

FORMATS = (
    "A table (CSV, TSV, semicolons, xlsx), JSON, JSONL or PSV, also gzipped: a row for each note "
    "and code, or all codes of a note in a row. What it is, is found out and shown."
)
UNKNOWN_WORDS: dict[Unknown, str] = {
    "refuse": "Refuse the file and say what they may have been",
    "keep": "Keep them as written: they count as given and are never right",
    "drop": "Leave them out",
}
CODES_ARE = (
    ("", "Found out, or said by a column kind"),
    ("dx", "All diagnoses"),
    ("proc", "All procedures"),
)
READINGS = (
    ("plain", "As they are written"),
    ("caml", "Zeros of procedures were lost, as in the tables that CAML's code makes"),
)


IN_NEED = ("unknown", "notes_of_study", "codes_are", "reading", "reference_rater")
"""What only some files need."""
SCORES = ("threshold", "threshold_dev", "floor", "every_code", "logits")
"""What can be said of a file's scores, as in `files.score_cells.AskedScores`."""


@dataclass(frozen=True)
class FieldGroup:
    """Fields that are shown together, under a title where they can be folded."""

    title: str
    fields: list[BoundField]

    @property
    def is_open(self) -> bool:
        """Whether it is shown unfolded: something in it was chosen, or is wrong."""
        for field in self.fields:
            plain = field.field.initial or ""
            if field.errors or str(field.value() or plain) != str(plain):
                return True
        return False


class ShareField(forms.FloatField):
    """A number from 0 to 1, or nothing."""

    def __init__(self, *, label: str, help_text: str) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            min_value=0,
            max_value=1,
            step_size=None,
        )
        self.widget.attrs["step"] = "any"


class ChoicesForm(forms.Form):
    """What is to be done with a file of codings, for the reference of a new study too."""

    unknown = forms.ChoiceField(
        label="Strings that are no codes",
        choices=[(each, UNKNOWN_WORDS[each]) for each in UNKNOWN],
        initial="refuse",
        required=False,
        help_text="a retired code is a code",
    )
    codes_are = forms.ChoiceField(
        label="Codes without dots", choices=CODES_ARE, initial="", required=False
    )
    reading = forms.ChoiceField(
        label="Procedures", choices=READINGS, initial="plain", required=False
    )
    reference_rater = forms.CharField(
        label="Which of the file's raters is the reference",
        max_length=LONGEST_NAME,
        required=False,
        help_text="where the file has several, by its name there: of the kind reference it alone "
        "is taken, otherwise the others are",
    )

    def groups(self) -> Iterator[FieldGroup]:
        """The fields, those that few files need in groups of their own."""
        scores = [name for name in SCORES if name in self.fields]
        rest = [name for name in self.fields if name not in (*IN_NEED, *scores)]
        yield FieldGroup("", [self[name] for name in rest])
        in_need = [name for name in self.fields if name in IN_NEED]
        yield FieldGroup("Where the file needs it", [self[name] for name in in_need])
        if scores:
            yield FieldGroup("Where the file has scores", [self[name] for name in scores])

    def asked(self) -> dict[str, object]:
        """What was chosen, as an upload keeps it."""
        given = self.cleaned_data
        return {
            "unknown": given["unknown"] or "refuse",
            "codes_are": given["codes_are"],
            "reading": given["reading"] or "plain",
            "notes_of_study": given.get("notes_of_study", False),
            "reference_rater": given["reference_rater"],
            "rater": given.get("rater", ""),
            "kind": given.get("kind", "reference"),
            **{name: given.get(name) for name in SCORES},
        }


class StudyChoicesForm(ChoicesForm):
    """What is to be done with a file of codings of a study's notes."""

    rater = forms.CharField(
        label="Name in tables",
        max_length=LONGEST_NAME,
        required=False,
        help_text="whose codings they are; empty where the file has a column of raters",
    )
    kind = forms.ChoiceField(label="Kind", choices=[(kind.value, kind.label) for kind in KINDS])
    notes_of_study = forms.BooleanField(
        label="Leave out notes that are not of this study",
        required=False,
        help_text="they are counted and named; otherwise such a file is refused",
    )
    threshold = ShareField(
        label="Threshold",
        help_text="where the file has a model's scores: a code is given above this score. Empty: "
        "the file says which codes are given, or how it lists them; what was understood is shown",
    )
    threshold_dev = ShareField(
        label="Dev's threshold",
        help_text="the one that the model's own development notes chose, for models tuned",
    )
    floor = ShareField(label="Floor", help_text="every code with a score above it is in the file")
    every_code = forms.BooleanField(
        label="The file has scores of every code that the model knows, for every note",
        required=False,
        help_text="codes that it never lists then have probability 0; otherwise they are unknown",
    )
    logits = forms.BooleanField(label="The scores are logits", required=False)
    field_order = ("file", "rater", "kind", "notes_of_study")


class CodingsForm(StudyChoicesForm):
    """The import of codings into a study."""

    file = forms.FileField(label="File of codings", help_text=FORMATS, allow_empty_file=True)


class CodingsStudyForm(ChoicesForm):
    """A study that is made of a file of reference codings, without notes' texts."""

    slug = SlugField()
    file = forms.FileField(label="Reference codings", help_text=FORMATS, allow_empty_file=True)
    field_order = ("slug", "file")
