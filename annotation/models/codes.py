"""Code systems, their codes, and the lists that coders tick from."""

from __future__ import annotations

from django.db import models


class CodeSystem(models.Model):
    """A code system that somebody publishes, as ICD-9-CM v32."""

    AS_WRITTEN = "as written"
    """Name of the one system that is none: it has the strings that raters wrote and that are no
    codes."""

    name = models.CharField(max_length=40)
    version = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="code_system")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class CodeQuerySet(models.QuerySet["Code"]):
    """Queries for codes."""

    def of_systems(self) -> CodeQuerySet:
        """Codes proper: without the strings that were kept as somebody wrote them."""
        return self.exclude(system__name=CodeSystem.AS_WRITTEN)


class Code(models.Model):
    """One code, dotted. `retired` codes are used in references but absent from the system's tables.

    A rater's string that is no code may be kept too, in the system "as written", without a kind.
    It counts as a code that the rater gave, and is in no list (see `of_systems`).
    """

    class Kind(models.TextChoices):
        DX = "dx", "diagnosis"
        PROC = "proc", "procedure"

    system = models.ForeignKey(CodeSystem, on_delete=models.PROTECT, related_name="codes")
    code = models.CharField(max_length=10)
    kind = models.CharField(max_length=4, choices=Kind)
    short_title = models.CharField(max_length=80)
    long_title = models.CharField(max_length=400)
    parent = models.CharField(max_length=10, blank=True)
    chapter = models.CharField(max_length=120, blank=True)
    retired = models.BooleanField(default=False)

    objects = CodeQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "kind", "code"], name="code_in_system")
        ]

    def __str__(self) -> str:
        return self.code


class CodeSet(models.Model):
    """A list of codes that a study's coders tick from: the shortlist. It never changes."""

    name = models.SlugField(max_length=60, unique=True)
    sha256 = models.CharField(max_length=64)
    codes = models.ManyToManyField(Code, through="CodeSetMember")
    frequencies = models.JSONField(
        null=True,
        blank=True,
        help_text="code -> training stays that have it; none where no training stays were loaded",
    )

    def __str__(self) -> str:
        return self.name


class WeightList(models.Model):
    """What each code counts for, as a file of somebody's said. It never changes."""

    name = models.CharField(max_length=80, help_text="the file's name")
    sha256 = models.CharField(
        max_length=64, unique=True, help_text="of the weights as a file, codes in order"
    )
    weights = models.JSONField(help_text="code -> weight, 0 or more")
    tiers = models.JSONField(
        null=True, blank=True, help_text="code -> 0 none, 1 CC, 2 MCC; none without such a column"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.sha256[:7]})"


class CodeSetMember(models.Model):
    """A code's place in a list of codes."""

    code_set = models.ForeignKey(CodeSet, on_delete=models.CASCADE)
    code = models.ForeignKey(Code, on_delete=models.PROTECT)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["code_set", "code"], name="code_once_in_set")
        ]
