"""What the study is made of: people, codes, notes, studies, raters and the codings they give.

One idea holds it together: a rater gives a set of codes to a note. Rows are facts; progress is
counted, not stored.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q


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

    def __str__(self) -> str:
        return self.name


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


class Batch(models.Model):
    """Notes that came in together: all rows of a file. Of a refused file nothing is stored."""

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
    uploaded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """A discharge summary. It never changes: its sha256 is what every copy is compared with."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="notes")
    external_id = models.CharField(max_length=64)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    split = models.CharField(max_length=5, blank=True)

    class Meta:
        ordering = ["external_id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "external_id"], name="note_in_batch")
        ]
        indexes = [models.Index(fields=["batch"], condition=Q(text=""), name="note_without_text")]

    def __str__(self) -> str:
        return self.external_id


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


class Study(models.Model):
    """Notes, coders and a protocol.

    The protocol freezes when the study opens; every report prints its hash.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    class Interface(models.TextChoices):
        LIST = "list", "the whole list, as in the paper"
        SEARCH = "search", "a search box"
        BOTH = (
            "both",
            "two arms: half of each coder's notes with the list, half with the search box",
        )

    slug = models.SlugField(max_length=40, unique=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="studies")
    code_set = models.ForeignKey(CodeSet, on_delete=models.PROTECT, related_name="studies")
    reference = models.ForeignKey(
        Rater, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    notes = models.ManyToManyField(Note, related_name="studies")
    sample = models.PositiveIntegerField(
        null=True, blank=True, help_text="notes drawn from the batch; none: all"
    )
    overlap = models.PositiveIntegerField(
        default=0, help_text="notes that every coder codes, for agreement"
    )
    interface = models.CharField(max_length=6, choices=Interface, default=Interface.LIST)
    guideline = models.TextField()
    seed = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=6, choices=Status, default=Status.DRAFT)
    protocol_sha256 = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name_plural = "studies"

    @property
    def arms(self) -> list[str]:
        """The interfaces that its coders work with: one, or two to compare."""
        if self.interface == self.Interface.BOTH:
            return [str(self.Interface.LIST), str(self.Interface.SEARCH)]
        return [str(self.interface)]

    def __str__(self) -> str:
        return self.slug


class Reopening(models.Model):
    """A closed study was made to take answers again.

    Answers given after that are marked wherever they are shown: their coders might have heard of
    results.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reopenings")
    closed_at = models.DateTimeField(help_text="when the study had been closed")
    reopened_at = models.DateTimeField()
    could_see = models.JSONField(
        default=list, help_text="who could look at results meanwhile: a line a person"
    )

    class Meta:
        ordering = ["reopened_at"]
        constraints = [
            models.UniqueConstraint(fields=["study", "closed_at"], name="reopened_once_a_closing")
        ]

    def __str__(self) -> str:
        return f"{self.study} reopened {self.reopened_at:%Y-%m-%d %H:%M}"


class Workspace(models.Model):
    """One coder's project in Label Studio, in one arm of a study; and how far it was pulled."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="workspaces")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="workspaces")
    arm = models.CharField(max_length=6, help_text="the interface: list or search")
    project_id = models.PositiveIntegerField(null=True, unique=True)
    account_id = models.PositiveIntegerField(
        null=True, help_text="the coder's account in Label Studio"
    )
    pulled_to = models.DateTimeField(
        null=True, blank=True, help_text="newest change seen, in Label Studio's clock"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "rater", "arm"], name="workspace_of_coder")
        ]


class Assignment(models.Model):
    """A note to be coded by a rater. It is done when a coding of it exists."""

    class AssignmentRole(models.TextChoices):
        PRIMARY = "primary"
        OVERLAP = "overlap"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="assignments")
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="assignments")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=8, choices=AssignmentRole)
    arm = models.CharField(
        max_length=6, help_text="the interface that the note is coded with: list or search"
    )
    position = models.PositiveIntegerField()
    task_id = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["study", "rater", "position"], name="assignment_in_queue")]
        constraints = [
            models.UniqueConstraint(fields=["study", "note", "rater"], name="assignment_once"),
            models.UniqueConstraint(
                fields=["study", "note"],
                condition=Q(role="primary"),
                name="one_primary_coder_a_note",
            ),
        ]


class Coding(models.Model):
    """The set of codes that a rater gave a note, once. A changed answer is a new revision.

    `source_key` names the event that it came from: the same event delivered twice is stored once.
    """

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="codings")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="codings")
    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.PROTECT, related_name="codings"
    )
    revision = models.PositiveIntegerField(default=1)
    submitted_at = models.DateTimeField()
    active_seconds = models.FloatField(null=True, blank=True)
    unlisted = models.TextField(
        blank=True, help_text="a needed code that the shortlist lacks; exported, never scored"
    )
    source_key = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["study", "rater", "note", "submitted_at"], name="coding_of_rater"),
            models.Index(fields=["study", "note", "rater"], name="coding_of_note"),
            models.Index(fields=["rater", "note"]),
        ]


class CodingItem(models.Model):
    """One code of a coding; `score` is the probability that a model gave it."""

    coding = models.ForeignKey(Coding, on_delete=models.CASCADE, related_name="items")
    code = models.ForeignKey(Code, on_delete=models.PROTECT)
    score = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coding", "code"], name="code_once_in_coding")
        ]


class QuarantinedAnswer(models.Model):
    """An answer in Label Studio that cannot be counted, and why. The study's page shows it."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="quarantined")
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT)
    annotation_id = models.PositiveIntegerField()
    task_id = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    source_key = models.CharField(max_length=120, unique=True)
    seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-seen_at"]


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
