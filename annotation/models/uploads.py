"""Files that somebody brought and that wait to be confirmed."""

from __future__ import annotations

from django.db import models

from annotation.models.notes import Batch
from annotation.models.people import User


class Upload(models.Model):
    """A file of notes or codings on its way in: checked by a worker, shown, confirmed, stored.

    Its bytes lie in `settings.UPLOADS`, named by the row's id (`annotation.services.uploads`), and
    are removed when it is stored or discarded, or after a day. Neither `asked` nor `found` ever
    holds the text of a note.
    """

    class Kind(models.TextChoices):
        NOTES = "notes"
        CODINGS = "codings"

    class State(models.TextChoices):
        """How far it is. A worker goes from waiting to checked, and from confirmed to stored."""

        WAITING = "waiting"
        CHECKING = "checking"
        CHECKED = "checked"
        REFUSED = "refused"
        CONFIRMED = "confirmed"
        STORING = "storing"
        STORED = "stored"
        DISCARDED = "discarded"

    AT_WORK = (State.CHECKING, State.STORING)
    ENDED = (State.STORED, State.DISCARDED)

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=7, choices=Kind)
    parts = models.JSONField(
        default=list,
        help_text="names of its files: the first, then those with the rows mended since",
    )
    size = models.PositiveBigIntegerField(default=0, help_text="bytes of all parts")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    asked = models.JSONField(default=dict, help_text="what its owner chose")
    found = models.JSONField(default=dict, help_text="what the check found, without any text")
    error = models.CharField(
        max_length=600, blank=True, help_text="why the work on it failed, in words of ours"
    )
    tries = models.PositiveSmallIntegerField(
        default=0, help_text="how often a worker has begun what is to be done now"
    )
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="uploads"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(help_text="since when it is in its state")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="upload_by_state")]

    @property
    def name(self) -> str:
        """The name of the file that it began with."""
        return str(self.parts[0]) if self.parts else ""

    @property
    def ended(self) -> bool:
        """Whether its files are gone, since it was stored or discarded."""
        return self.state in self.ENDED

    @property
    def at_work(self) -> bool:
        """Whether a worker has it, or is asked to take it."""
        return self.state in (*self.AT_WORK, self.State.WAITING, self.State.CONFIRMED)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, {self.state}"
