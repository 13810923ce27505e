"""Discharge summaries and the batches that they came in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from annotation.models.people import User


class WholeBatches(models.Manager["Batch"]):
    """Batches whose notes are all here: without those that are just being stored."""

    def get_queryset(self) -> models.QuerySet[Batch]:
        return super().get_queryset().filter(whole=True)


class Batch(models.Model):
    """Notes that came in together: all rows of a file. Of a refused file nothing is stored.

    A large one is stored some hundred notes at a time, so that nobody else has to wait for the
    database. Until all are here nobody sees it: `objects` leaves it out, `all_objects` has it.
    """

    class Origin(models.TextChoices):
        SYNTHETIC = "synthetic"
        MIMIC = "mimic", "MIMIC-III"
        OWN = "own", "own notes"

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, unique=True)
    origin = models.CharField(max_length=10, choices=Origin)
    details = models.JSONField(
        default=dict, blank=True, help_text="split, sample size and seed, what was left out"
    )
    for_practice = models.BooleanField(
        default=False, help_text="coders practise on its notes; no study can have them"
    )
    uploaded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="no new study can have its notes since then"
    )
    removed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when the texts were removed of the notes that closed studies still name",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    whole = models.BooleanField(default=True, help_text="all of its notes are here")
    grown_at = models.DateTimeField(
        null=True, blank=True, help_text="when the last notes came in, while it is being stored"
    )

    objects = WholeBatches()
    all_objects = models.Manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return self.name


class OutsideCounts(models.Model):
    """How many other stays of a batch's source have each code.

    They tell which codes are frequent without a look at the notes that are scored.
    """

    batch = models.OneToOneField(Batch, on_delete=models.CASCADE, related_name="outside_counts")
    stays = models.PositiveIntegerField(help_text="stays counted; no study has any of them")
    counts = models.JSONField(help_text="code -> how many of these stays have it")

    class Meta:
        verbose_name_plural = "outside counts"

    def __str__(self) -> str:
        return f"{self.stays:,} stays beside {self.batch}"


class Note(models.Model):
    """A discharge summary. It never changes: its sha256 is what every copy is compared with."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="notes")
    external_id = models.CharField(max_length=64)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    split = models.CharField(max_length=5, blank=True)
    patient = models.CharField(
        max_length=64, blank=True, help_text="the source's id of the patient; empty where unknown"
    )

    class Meta:
        ordering = ["external_id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "external_id"], name="note_in_batch")
        ]
        indexes = [
            models.Index(fields=["batch"], condition=Q(text=""), name="note_without_text"),
            models.Index(fields=["sha256"], name="note_by_text"),
            models.Index(fields=["external_id"], name="note_by_id"),
        ]

    def __str__(self) -> str:
        return self.external_id
