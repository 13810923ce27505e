"""Forms of the researchers' pages."""

from __future__ import annotations

from django import forms

from benchmark.services.imports import KINDS


class CodingsForm(forms.Form):
    file = forms.FileField(
        label="File of codings",
        help_text="CSV with note_id,code (an empty code: coded, with no code), JSONL, or PSV like note|code|code.",
    )
    rater = forms.CharField(label="Name in tables", max_length=80)
    kind = forms.ChoiceField(label="Kind", choices=[(kind.value, kind.label) for kind in KINDS])
