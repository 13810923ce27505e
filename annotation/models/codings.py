"""What raters give: a set of codes for a note. Rows are added, never changed."""

from __future__ import annotations

from django.db import models

from annotation.models.codes import Code
from annotation.models.notes import Note
from annotation.models.people import Rater
from annotation.models.studies import Study, Workspace


class Coding(models.Model):
    """The set of codes that a rater gave a note, once. A changed answer is a new revision.

    `source_key` names the event that it came from: the same event delivered twice is stored once.
    """

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="codings")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="codings")
    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.PROTECT, related_name="codings"
    )
    revision = models.PositiveIntegerField(default=1)
    submitted_at = models.DateTimeField()
    active_seconds = models.FloatField(
        null=True,
        blank=True,
        help_text="time as it was worked: without pauses, hidden tabs, and more than two idle "
        "minutes; none where nobody measured it",
    )
    lead_time = models.FloatField(
        null=True,
        blank=True,
        help_text="Label Studio's clock, in seconds: from opening the note to sending it, pauses "
        "included",
    )
    unlisted = models.TextField(
        blank=True, help_text="a needed code that the shortlist lacks; exported, never scored"
    )
    source_key = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["study", "rater", "note", "submitted_at"], name="coding_of_rater"),
            models.Index(fields=["study", "note", "rater"], name="coding_of_note"),
            models.Index(fields=["rater", "note"]),
        ]


class CodingItem(models.Model):
    """One code of a coding; `score` is the probability that a model gave it."""

    coding = models.ForeignKey(Coding, on_delete=models.CASCADE, related_name="items")
    code = models.ForeignKey(Code, on_delete=models.PROTECT)
    score = models.FloatField(null=True, blank=True)
    rank = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="place among the diagnoses or procedures of a reference, 1 the principal one; "
        "none where its source has none",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coding", "code"], name="code_once_in_coding")
        ]


class QuarantinedAnswer(models.Model):
    """An answer in Label Studio that cannot be counted, and why. The study's page shows it."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="quarantined")
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT)
    annotation_id = models.PositiveIntegerField()
    task_id = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    source_key = models.CharField(max_length=120, unique=True)
    seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-seen_at"]
