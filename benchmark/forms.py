"""Forms of the researchers' pages."""

from __future__ import annotations

from django import forms

from annotation.forms import SlugField
from benchmark.services.imports import KINDS

FORMATS = (
    "CSV with the header note_id,code (an empty code: coded, with no code), JSONL, or PSV like note|code|code; plain "
    "or .gz. Codes keep their dots; undotted ones need a column kind (dx or proc)."
)
KEEP = (
    ("refuse", "Refuse the file and say what they may have been"),
    ("keep", "Keep them as written: given, and never right"),
)


def unknown_field() -> forms.ChoiceField:
    """What to do with strings that are no codes."""
    return forms.ChoiceField(label="Strings that are no codes", choices=KEEP, initial="refuse", required=False)


class CodingsForm(forms.Form):
    file = forms.FileField(label="File of codings", help_text=FORMATS, allow_empty_file=True)
    rater = forms.CharField(label="Name in tables", max_length=80)
    kind = forms.ChoiceField(label="Kind", choices=[(kind.value, kind.label) for kind in KINDS])
    unknown = unknown_field()

    def clean_unknown(self) -> str:
        return self.cleaned_data["unknown"] or "refuse"


class CodingsStudyForm(forms.Form):
    slug = SlugField()
    file = forms.FileField(label="Reference codings", help_text=FORMATS, allow_empty_file=True)
    unknown = unknown_field()

    def clean_unknown(self) -> str:
        return self.cleaned_data["unknown"] or "refuse"
