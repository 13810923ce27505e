"""Forms of the annotation pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from annotation.guideline import DEFAULT_GUIDELINE
from annotation.models import Batch, CodeSet, Rater, Study


class BatchUploadForm(forms.Form):
    file = forms.FileField(
        label="File of notes",
        help_text="CSV with note_id,text[,codes] or JSONL, plain or .gz. Codes are separated by | and keep their dots.",
    )


class StudyForm(forms.Form):
    """All that decides what coders see and who codes what; it freezes when the study opens."""

    slug = forms.SlugField(label="Name in addresses", max_length=40, help_text="small letters, digits and hyphens")
    batch = forms.ModelChoiceField(label="Notes", queryset=Batch.objects.none())
    code_set = forms.ModelChoiceField(
        label="Codes to tick", queryset=CodeSet.objects.none(), required=False,
        empty_label="the distinct codes of the notes' reference",
    )  # fmt: skip
    coders = forms.ModelMultipleChoiceField(
        label="Coders", queryset=Rater.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    overlap = forms.IntegerField(
        label="Shared notes", min_value=0, initial=10, help_text="coded by every coder, for agreement alone"
    )
    seed = forms.IntegerField(
        label="Seed", min_value=0, initial=0, help_text="another seed deals the notes out otherwise"
    )
    interface = forms.ChoiceField(
        label="Page in Label Studio", choices=[("list", "the whole list, as in the paper"), ("search", "a search box")]
    )
    guideline = forms.CharField(label="Guideline", widget=forms.Textarea(attrs={"rows": 10}), initial=DEFAULT_GUIDELINE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Rater.objects.filter(kind=Rater.Kind.CODER, user__is_active=True).order_by("pk")
        for name, rows in (
            ("batch", Batch.objects.filter(notes__isnull=False).distinct()),
            ("code_set", CodeSet.objects.order_by("-pk")),
            ("coders", people),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if Study.objects.filter(slug=slug).exists():
            raise ValidationError(f"a study named {slug} exists; choose another name")
        return str(slug)
