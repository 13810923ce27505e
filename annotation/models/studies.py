"""Studies: notes, coders and a protocol; who codes which note with which interface."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from annotation.models.codes import CodeSet, WeightList
from annotation.models.notes import Batch, Note
from annotation.models.people import Rater


def above_zero_below_one(margin: float) -> None:
    """Raises ValidationError for a margin that is none."""
    if not 0 < margin < 1:
        raise ValidationError(f"the margin is {margin:g}; give one above 0 and below 1, as 0.05")


TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that turn the direction of what stands beside them."""


def one_line(title: str) -> None:
    """Raises ValidationError for characters that do not belong in a line of text."""
    for character in title:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in TURNING:
            raise ValidationError("a title is one line of text, without control characters")


class Study(models.Model):
    """Notes, coders and a protocol.

    The protocol freezes when the study opens; every report prints its hash.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    class Interface(models.TextChoices):
        """What its coders work with: one interface, or two as arms, joined by a plus."""

        PAGE = "page", "Coderbench's own coding page"
        LIST = "list", "Label Studio with the whole list, as in the paper"
        SEARCH = "search", "Label Studio with a search box"
        LIST_SEARCH = "list+search", "two arms: Label Studio's list against its search box"
        LIST_PAGE = "list+page", "two arms: Label Studio's list against our own page"
        SEARCH_PAGE = "search+page", "two arms: Label Studio's search box against our own page"

    class Preset(models.TextChoices):
        """What its benchmarks ask, unless somebody asks otherwise."""

        PAPER = "paper", "as the paper, over the codes that its coders can tick"
        UNION = "union", "over the codes of the reference and of its raters"

    NAMED_BEFORE = {"both": "list+search"}
    """How earlier versions called interfaces -> how they are called now."""

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(
        max_length=100,
        blank=True,
        validators=[one_line],
        help_text="what people read; empty: the short name",
    )
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="studies")
    code_set = models.ForeignKey(CodeSet, on_delete=models.PROTECT, related_name="studies")
    reference = models.ForeignKey(
        Rater, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    notes = models.ManyToManyField(Note, related_name="studies")
    sample = models.PositiveIntegerField(
        null=True, blank=True, help_text="notes drawn from the batch; none: all"
    )
    overlap = models.PositiveIntegerField(
        default=0, help_text="notes that every coder codes, for agreement"
    )
    interface = models.CharField(max_length=12, choices=Interface, default=Interface.PAGE)
    search_sha256 = models.CharField(
        max_length=64,
        blank=True,
        help_text="hash of what our page searches codes with; empty where no arm is our page",
    )
    margin = models.FloatField(
        null=True,
        blank=True,
        validators=[above_zero_below_one],
        help_text="the loss in micro Jaccard that would not matter; none: no margin was stated",
    )
    margin_set_at = models.DateTimeField(null=True, blank=True)
    weights = models.ForeignKey(
        WeightList, null=True, blank=True, on_delete=models.PROTECT, related_name="studies"
    )
    weights_set_at = models.DateTimeField(null=True, blank=True)
    preset = models.CharField(
        max_length=10,
        choices=Preset,
        default=Preset.PAPER,
        help_text="how it is scored unless asked otherwise; union: a study of codings alone",
    )
    guideline = models.TextField()
    seed = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=6, choices=Status, default=Status.DRAFT)
    protocol_sha256 = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name_plural = "studies"

    @property
    def name(self) -> str:
        """What people read: its title, or the short name where it has none."""
        return self.title or self.slug

    @property
    def arms(self) -> list[str]:
        """The interfaces that its coders work with: one, or two to compare."""
        return self.interface.split("+")

    @property
    def with_label_studio(self) -> bool:
        """Whether its coders work with Label Studio, in one arm at least."""
        return self.arms != [self.Interface.PAGE]

    def __str__(self) -> str:
        return self.slug


class Reopening(models.Model):
    """A closed study was made to take answers again.

    Answers given after that are marked wherever they are shown: their coders might have heard of
    results.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reopenings")
    closed_at = models.DateTimeField(help_text="when the study had been closed")
    reopened_at = models.DateTimeField()
    could_see = models.JSONField(
        default=list, help_text="who could look at results meanwhile: a line a person"
    )

    class Meta:
        ordering = ["reopened_at"]
        constraints = [
            models.UniqueConstraint(fields=["study", "closed_at"], name="reopened_once_a_closing")
        ]

    def __str__(self) -> str:
        return f"{self.study} reopened {self.reopened_at:%Y-%m-%d %H:%M}"


class Workspace(models.Model):
    """One coder's project in Label Studio, in one arm of a study; and how far it was pulled."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="workspaces")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="workspaces")
    arm = models.CharField(max_length=6, help_text="the interface: page, list or search")
    project_id = models.PositiveIntegerField(null=True, unique=True)
    account_id = models.PositiveIntegerField(
        null=True, help_text="the coder's account in Label Studio"
    )
    pulled_to = models.DateTimeField(
        null=True, blank=True, help_text="newest change seen, in Label Studio's clock"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "rater", "arm"], name="workspace_of_coder")
        ]


class Assignment(models.Model):
    """A note to be coded by a rater. It is done when a coding of it exists."""

    class AssignmentRole(models.TextChoices):
        PRIMARY = "primary"
        OVERLAP = "overlap"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="assignments")
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="assignments")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=8, choices=AssignmentRole)
    arm = models.CharField(
        max_length=6, help_text="the interface that the note is coded with: page, list or search"
    )
    position = models.PositiveIntegerField()
    task_id = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["study", "rater", "position"], name="assignment_in_queue")]
        constraints = [
            models.UniqueConstraint(fields=["study", "note", "rater"], name="assignment_once"),
            models.UniqueConstraint(
                fields=["study", "note"],
                condition=Q(role="primary"),
                name="one_primary_coder_a_note",
            ),
        ]
