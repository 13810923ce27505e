"""The guard as an app of Label Studio, for the sake of its one table."""

from __future__ import annotations

from django.apps import AppConfig


class GuardConfig(AppConfig):
    name = "label_studio_guard"
    default_auto_field = "django.db.models.BigAutoField"
