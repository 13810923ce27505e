"""The record of who did what, when."""

from __future__ import annotations

from django.db import models

from annotation.models.people import User


class Event(models.Model):
    """Who did what, when. Events are never changed or deleted."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    verb = models.CharField(max_length=40)
    object = models.CharField(max_length=120)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["verb", "object"])]
