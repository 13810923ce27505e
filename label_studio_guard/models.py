"""The guard's own table in Label Studio's database."""

from __future__ import annotations

from django.db import models


class Opening(models.Model):
    """A note's text went to a person. It stays until our site has taken it. Ids alone."""

    name = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()
    account = models.PositiveBigIntegerField(help_text="the account's id here")
    person = models.PositiveBigIntegerField(
        default=0, help_text="the admin's id on our site, for the account that admins share"
    )
    note = models.CharField(max_length=64, help_text="what the task calls it")
    way = models.CharField(max_length=10)
    slot = models.PositiveIntegerField(help_text="what was opened again within it is one opening")

    objects: models.Manager[Opening] = models.Manager()

    class Meta:
        app_label = "label_studio_guard"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "person", "note", "way", "slot"], name="guard_opening_once"
            )
        ]
