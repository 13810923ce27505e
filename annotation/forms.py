"""Forms of the annotation pages."""

from __future__ import annotations

from django import forms


class BatchUploadForm(forms.Form):
    file = forms.FileField(
        label="File of notes",
        help_text="CSV with note_id,text[,codes] or JSONL, plain or .gz. Codes are separated by | and keep their dots.",
    )
