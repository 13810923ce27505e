"""The removal of a batch's notes for good: what is asked for, what is done, what is left to do."""

from __future__ import annotations

from django.db import models

from annotation.models.notes import Batch
from annotation.models.people import User


class Purge(models.Model):
    """A batch's notes are removed for good. The row stays: it is the receipt.

    It is done in steps, each of which may be done again without harm. A worker, or the command,
    goes on with one that has not ended. It holds no text: names, ids, counts and hashes.
    """

    class Step(models.TextChoices):
        """What has to be done, in this order; a step that fails keeps none of the others."""

        ROWS = "rows", "Coderbench's database: the rows"
        FILES = "files", "Coderbench's folder of uploads: files that wait to be confirmed"
        LABEL_STUDIO = "label-studio", "Label Studio: projects, tasks, answers, files"
        PAGES = "pages", "Coderbench's database: its free pages"
        LABEL_STUDIO_PAGES = "label-studio-pages", "Label Studio's database: its free pages"

    batch = models.ForeignKey(
        Batch,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="purges",
        help_text="none where no closed study needs its row",
    )
    number = models.PositiveIntegerField(help_text="id of the batch, as events name it")
    name = models.CharField(max_length=120, help_text="name of the batch")
    notes = models.PositiveIntegerField(help_text="notes of the batch when it was asked for")
    studies = models.JSONField(default=list, help_text="short names of the studies that used it")
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    asked_at = models.DateTimeField(auto_now_add=True)
    plan = models.JSONField(
        default=dict,
        help_text="what is still to be removed: ids of projects and uploads, SHA-256 of texts",
    )
    done = models.JSONField(default=dict, help_text="step -> when it was done, and its counts")
    trouble = models.JSONField(default=dict, help_text="step -> why it could not be done yet")
    beyond = models.JSONField(
        default=list, help_text="what could not be reached, a sentence each; filled at the end"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["number"], name="purge_of_batch")]

    def __str__(self) -> str:
        return f"removal {self.pk} of {self.name}"
