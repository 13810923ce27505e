"""Forms of the annotation pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count

from annotation.guideline import DEFAULT_GUIDELINE
from annotation.models import Batch, CodeSet, Rater, Study
from annotation.permissions import whole
from annotation.selectors import batches_to_code
from annotation.services.studies import slug_free

LARGEST = 2**31 - 1
"""What a column of whole numbers holds."""


class BatchUploadForm(forms.Form):
    file = forms.FileField(
        label="File of notes",
        help_text="CSV with note_id,text[,codes] or JSONL, plain or .gz. Codes are separated by | and keep their dots.",
    )


class SlugField(forms.SlugField):
    """A new study's name, as it stands in addresses."""

    def __init__(self) -> None:
        wrong = "letters, digits and hyphens alone, without spaces: audit-2021"
        super().__init__(
            label="Name in addresses", max_length=40, help_text="letters, digits and hyphens",
            error_messages={"invalid": wrong},
        )  # fmt: skip

    def clean(self, value: object) -> str:
        slug = super().clean(value)
        try:
            slug_free(slug)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return str(slug)


class RatersField(forms.ModelMultipleChoiceField):
    """Raters by their numbers; a number that no row can have is no choice."""

    def _check_values(self, value: Any) -> Any:
        for chosen in value:
            if whole(chosen) < 0:
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": chosen})
        return super()._check_values(value)


class StudyForm(forms.Form):
    """All that decides what coders see and who codes what; it freezes when the study opens."""

    slug = SlugField()
    batch = forms.ModelChoiceField(label="Notes", queryset=Batch.objects.none())
    code_set = forms.ModelChoiceField(
        label="Codes to tick", queryset=CodeSet.objects.none(), required=False,
        empty_label="the distinct codes of the notes' reference",
    )  # fmt: skip
    coders = RatersField(label="Coders", queryset=Rater.objects.none(), widget=forms.CheckboxSelectMultiple)
    sample = forms.IntegerField(
        label="Sample",
        min_value=1,
        max_value=LARGEST,
        required=False,
        help_text="notes drawn at random with the seed; empty: all of them",
    )
    overlap = forms.IntegerField(
        label="Shared notes", min_value=0, max_value=LARGEST, initial=10, required=False,
        help_text="coded by every coder, for agreement alone; empty: every coder codes every note",
    )  # fmt: skip
    seed = forms.IntegerField(
        label="Seed",
        min_value=0,
        max_value=LARGEST,
        initial=0,
        help_text="another seed draws and deals the notes out otherwise",
    )
    interface = forms.ChoiceField(label="Page in Label Studio", choices=Study.Interface.choices)
    guideline = forms.CharField(label="Guideline", widget=forms.Textarea(attrs={"rows": 10}), initial=DEFAULT_GUIDELINE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Rater.objects.filter(kind=Rater.Kind.CODER, user__is_active=True).order_by("pk")
        for name, rows in (
            ("batch", batches_to_code()),
            ("code_set", CodeSet.objects.annotate(size=Count("codes")).order_by("-pk")),
            ("coders", people),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["code_set"].label_from_instance = lambda s: f"{s.name}, {s.size:,} codes"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Without a number of shared notes all are shared."""
        given = self.cleaned_data
        if given.get("batch") and "overlap" in given and given["overlap"] is None:
            given["overlap"] = given.get("sample") or given["batch"].notes.count()
        return given
