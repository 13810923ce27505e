"""Forms of the pages."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BoundField
from django.http import QueryDict

from annotation.guideline import DEFAULT_GUIDELINE
from annotation.models import Batch, CodeSet, Rater, Study, WeightList
from annotation.models.studies import above_zero_below_one
from annotation.selectors.codes import lists_of_codes
from annotation.selectors.studies import batches_to_code
from annotation.services.studies import slug_free
from annotation.uploaded import uploaded_stream
from files.code_files import WeightsFile, parse_weights
from files.problems import FileError
from files.source import from_stream
from pages.choices import whole

LARGEST = 2**31 - 1
"""The largest number that fits a column of whole numbers."""


class BatchUploadForm(forms.Form):
    """The upload of a file of notes."""

    file = forms.FileField(
        label="File of notes",
        allow_empty_file=True,  # refused by the reader, in the words of every door
        help_text=(
            "CSV with the header note_id,text[,codes], or JSONL with the same names; plain or .gz. "
            "Codes are separated by | and keep their dots; undotted ones go into the columns "
            "dx_codes and proc_codes. A column patient may say whose note it is. Commas, "
            "semicolons and tabs between columns, UTF-8 and UTF-16 are found out."
        ),
    )
    for_practice = forms.BooleanField(
        label="For practice",
        required=False,
        help_text=(
            "coders try Coderbench's own page on these notes and see their codes afterwards; "
            "no study can have them"
        ),
    )


class ConfirmForm(forms.Form):
    """What is said of a batch as it is stored."""

    name = forms.CharField(label="Name of the batch", max_length=120)
    origin = forms.ChoiceField(label="Where the notes come from", choices=Batch.Origin.choices)


class MendForm(forms.Form):
    """A file of mended rows."""

    file = forms.FileField(label="File with the mended rows", allow_empty_file=True)


class SlugField(forms.SlugField):
    """The short name of a study, which addresses have in them. It must not be taken."""

    own = ""
    """The name that the study has already; it may keep that."""

    def __init__(self) -> None:
        wrong = "letters, digits and hyphens alone, without spaces: audit-2021"
        super().__init__(
            label="Short name",
            max_length=40,
            help_text="letters, digits and hyphens; it stands in addresses",
            error_messages={"invalid": wrong},
        )

    def clean(self, value: object) -> str:
        slug = super().clean(value)
        if slug == self.own:
            return str(slug)
        try:
            slug_free(slug)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return str(slug)


if TYPE_CHECKING:
    ManyRaters = forms.ModelMultipleChoiceField[Rater]
else:
    ManyRaters = forms.ModelMultipleChoiceField


class RatersField(ManyRaters):
    """Raters by their ids; an id that no row can have is an invalid choice, not an error."""

    def _check_values(self, value: Collection[str]) -> QuerySet[Rater]:
        """The chosen raters. Raises ValidationError."""
        for chosen in value:
            if whole(chosen) < 0:
                raise ValidationError(
                    self.error_messages["invalid_choice"], "invalid_choice", {"value": chosen}
                )
        # Django has this method, its stubs do not.
        found: QuerySet[Rater] = super()._check_values(value)  # type: ignore[misc]
        return found


class StudyForm(forms.Form):
    """A study's settings: what coders see, and who codes what. They freeze when it opens.

    `own` is the short name of the draft that is changed.
    """

    title = forms.CharField(
        label="Title",
        max_length=100,
        required=False,
        help_text="what people read on every page; empty: the short name",
    )
    slug = SlugField()
    batch = forms.ModelChoiceField(label="Notes", queryset=Batch.objects.none())
    code_set = forms.ChoiceField(label="Codes to tick", required=False)
    coders = RatersField(
        label="Coders", queryset=Rater.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    sample = forms.IntegerField(
        label="Sample",
        min_value=1,
        max_value=LARGEST,
        required=False,
        help_text="notes drawn at random with the seed; empty: all of them",
    )
    overlap = forms.IntegerField(
        label="Shared notes",
        min_value=0,
        max_value=LARGEST,
        initial=10,
        required=False,
        help_text="coded by every coder, for agreement alone; empty: every coder codes every note",
    )
    seed = forms.IntegerField(
        label="Seed",
        min_value=0,
        max_value=LARGEST,
        initial=0,
        help_text="another seed draws and deals the notes out otherwise",
    )
    interface = forms.ChoiceField(label="Coders use", choices=Study.Interface.choices)
    guideline = forms.CharField(
        label="Guideline", widget=forms.Textarea(attrs={"rows": 10}), initial=DEFAULT_GUIDELINE
    )

    margin = forms.FloatField(
        label="Margin",
        required=False,
        validators=[above_zero_below_one],
        widget=forms.NumberInput(attrs={"step": "any", "min": "0", "max": "1"}),
        error_messages={"invalid": "give a number above 0 and below 1, such as 0.05 for 5 points"},
        help_text="the loss in micro Jaccard that would not matter, such as 0.05, for the claim "
        "that a model is not worse than coders; empty: no such claim",
    )
    weights = forms.ModelChoiceField(
        label="Weights",
        queryset=WeightList.objects.defer("weights", "tiers"),
        required=False,
        empty_label="none: every code counts alike",
        help_text="what each code counts for, such as its payment; "
        "a table beside those where codes count alike",
    )
    weights_file = forms.FileField(
        label="Other weights",
        required=False,
        help_text="CSV code,weight or code,weight,tier (0 none, 1 CC, 2 MCC), in place of those "
        "chosen above",
    )
    GROUPS = (
        ("What it is called", ("title", "slug")),
        ("Who codes which notes", ("batch", "sample", "coders", "overlap", "seed")),
        ("What coders have before them", ("code_set", "interface", "guideline")),
    )
    MORE = ("margin", "weights", "weights_file")
    """Fields that most studies leave as they are; shown on demand."""

    def __init__(self, *args: Any, own: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(SlugField, self.fields["slug"]).own = own
        cast(forms.ChoiceField, self.fields["code_set"]).choices = lists_of_codes()
        people = Rater.objects.filter(kind=Rater.Kind.CODER, user__is_active=True).order_by("pk")
        cast("forms.ModelChoiceField[Batch]", self.fields["batch"]).queryset = batches_to_code()
        cast(RatersField, self.fields["coders"]).queryset = people

    def choose_weights(self, weights: WeightList) -> None:
        """Show these weights as chosen: the field of a file always comes back empty."""
        data = cast(QueryDict, self.data).copy()
        data["weights"] = str(weights.pk)
        self.data = data
        self.cleaned_data["weights"] = weights

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """The fields that every study needs an answer to, under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    @property
    def more(self) -> list[BoundField]:
        """The fields of MORE."""
        return [self[name] for name in self.MORE]

    @property
    def more_is_set(self) -> bool:
        """Whether any of them says something, or something wrong."""
        answers = [self["margin"].value(), self["weights"].value()]
        return any(answers) or any(field.errors for field in self.more)

    def clean_weights_file(self) -> tuple[str, WeightsFile] | None:
        """The file's name, and what it says."""
        file = self.cleaned_data["weights_file"]
        if not file:
            return None
        try:
            source = from_stream(file.name, uploaded_stream(file), limit=settings.UPLOAD_LIMIT)
            return source.name, parse_weights(source)
        except FileError as error:
            raise ValidationError(str(error)) from error

    def clean_code_set(self) -> CodeSet | str:
        """A list of codes, or the name of one that is made later: see `code_set_chosen`."""
        chosen: str = self.cleaned_data["code_set"]
        if chosen.isdecimal():
            return CodeSet.objects.get(pk=int(chosen))
        return chosen

    def clean(self) -> dict[str, Any]:
        """Where the number of shared notes is left empty, every note is shared.

        A sample, and shared notes, are at most as many as there are.
        """
        given = self.cleaned_data
        if not given.get("batch") or "sample" not in given:
            return given
        there = given["batch"].notes.count()
        notes = given["sample"] or there
        if notes > there:
            self.add_error("sample", f"Sample: {notes:,} of only {there:,} in {given['batch']}.")
        elif "overlap" in given and given["overlap"] is None:
            given["overlap"] = notes
        elif given.get("overlap", 0) > notes:
            words = f"Shared notes: {given['overlap']:,} of only {notes:,} in the study."
            self.add_error("overlap", words)
        return given
