"""Forms of the researchers' pages."""

from __future__ import annotations

from django import forms

from annotation.forms import SlugField
from benchmark.services.imports import KINDS

FORMATS = "CSV with note_id,code (an empty code: coded, with no code), JSONL, or PSV like note|code|code."


class CodingsForm(forms.Form):
    file = forms.FileField(label="File of codings", help_text=FORMATS)
    rater = forms.CharField(label="Name in tables", max_length=80)
    kind = forms.ChoiceField(label="Kind", choices=[(kind.value, kind.label) for kind in KINDS])


class CodingsStudyForm(forms.Form):
    slug = SlugField()
    file = forms.FileField(label="Reference codings", help_text=FORMATS)
