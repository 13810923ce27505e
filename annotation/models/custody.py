"""Custody: who had which note's text before them, when, and by which way."""

from __future__ import annotations

from django.db import models

from annotation.models.people import User


class NoteOpening(models.Model):
    """The text of a note reached a person.

    It holds ids alone and points at no row of a note, so it outlives the note. What a person opens
    again by the same way within ten minutes (a list of Label Studio: a day) is one opening.
    """

    class Way(models.TextChoices):
        """By which way the text went."""

        NOTE = "note", "the note's page"
        CODING = "coding", "our coding page"
        AHEAD = "ahead", "fetched ahead by our coding page, not shown yet"
        PRACTICE = "practice", "practice on our coding page"
        SETTLING = "settling", "the adjudicators' page"
        API = "api", "the API"
        EXPORT = "export", "an export with the notes' text"
        LABEL_STUDIO = "ls", "Label Studio"
        LISTED = "ls-list", "a list in Label Studio, which brings whole texts"
        TAKEN = "ls-export", "an export of Label Studio"

    at = models.DateTimeField()
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="openings"
    )
    account = models.CharField(
        max_length=80, blank=True, help_text="who it was, where that is no person of this site"
    )
    note = models.PositiveBigIntegerField(help_text="the note's number here")
    external_id = models.CharField(max_length=64, blank=True)
    way = models.CharField(max_length=10, choices=Way)
    slot = models.PositiveIntegerField(help_text="which ten minutes, or day, since 1970 it was in")
    source = models.CharField(
        max_length=32, null=True, unique=True, help_text="its name in Label Studio's own record"
    )

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "note", "way", "slot"], name="one_opening_in_a_slot"
            )
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="opening_by_time"),
            models.Index(fields=["note", "-at", "-id"], name="opening_of_note"),
            models.Index(fields=["external_id", "-at", "-id"], name="opening_of_external_id"),
            models.Index(fields=["user", "-at", "-id"], name="opening_of_person"),
        ]

    def __str__(self) -> str:
        return f"note {self.note} opened {self.at:%Y-%m-%d %H:%M}"
