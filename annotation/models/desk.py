"""Our own coding page: what is ticked and not sent, what Label Studio has still to be told, and
practice."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from annotation.models.codings import Coding
from annotation.models.notes import Note
from annotation.models.people import Rater
from annotation.models.studies import Assignment, Study


class Draft(models.Model):
    """What a coder has ticked on our page and not sent. Submit deletes it.

    It belongs to the coder as well as to the assignment: whoever takes a note over must not see it.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="draft")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="drafts")
    tab = models.CharField(max_length=40, help_text="the browser tab that changes are taken from")
    sequence = models.PositiveIntegerField(
        help_text="counts the drafts of a tab, so that a late one changes nothing"
    )
    based_on = models.PositiveIntegerField(
        default=0, help_text="the revision that was on the screen when the change began; 0: none"
    )
    codes = models.JSONField(default=list, help_text="codes in the order of ticking")
    none_applies = models.BooleanField(default=False)
    unlisted = models.TextField(blank=True)
    active_seconds = models.FloatField(default=0)
    is_change = models.BooleanField(
        default=True, help_text="it says something else than what was submitted, or nothing was"
    )
    saved_at = models.DateTimeField()


class Mirror(models.Model):
    """A coding by our page that the coder's project in Label Studio shall hold too.

    `source_key` names the answer there as `annotation.services.sync` would: the sync leaves such
    an answer alone.
    """

    coding = models.OneToOneField(Coding, on_delete=models.CASCADE, related_name="mirror")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="mirrors")
    source_key = models.CharField(max_length=120, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["assignment"], condition=Q(done_at=None), name="mirror_waiting"),
            models.Index(fields=["source_key"], name="mirror_source_key"),
        ]


class PracticeAnswer(models.Model):
    """What a coder gave a practice note of a study. It is no coding, and counted nowhere."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="practice_answers")
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="practice_answers")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="practice_answers")
    codes = models.JSONField(default=list)
    none_applies = models.BooleanField(default=False)
    unlisted = models.TextField(blank=True)
    active_seconds = models.FloatField(null=True, blank=True)
    submitted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
