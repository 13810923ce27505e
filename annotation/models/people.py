"""People who log in, and raters: whoever gives codes."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What a person does here; it decides which pages open."""

    CODER = "coder"
    RESEARCHER = "researcher"
    ADJUDICATOR = "adjudicator"
    ADMIN = "admin"


class User(AbstractUser):
    """A person who logs in. The role decides which pages open; a superuser is an admin too."""

    role = models.CharField(max_length=12, choices=Role, default=Role.CODER)
    email = models.EmailField(unique=True)

    @property
    def is_admin(self) -> bool:
        return self.is_superuser or self.role == Role.ADMIN

    @property
    def is_researcher(self) -> bool:
        return self.is_admin or self.role == Role.RESEARCHER


class Rater(models.Model):
    """Whoever gives codes: the hospital's reference, a coder, a panel, a model."""

    class Kind(models.TextChoices):
        REFERENCE = "reference"
        CODER = "coder"
        PANEL = "panel"
        MODEL = "model"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=80)
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="rater"
    )
    simulated = models.BooleanField(default=False)
    certification = models.CharField(max_length=40, blank=True)
    years_experience = models.PositiveSmallIntegerField(null=True, blank=True)
    checkpoint_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="rater_name")]

    def __str__(self) -> str:
        return f"{self.name} (simulated)" if self.simulated else self.name
