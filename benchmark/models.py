"""Runs of models over a study's notes, and benchmarks of its raters."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django.db import models

from annotation.models import CodingItem, Rater, Study, User
from benchmark.metrics.sets.tally import Tally
from benchmark.scoring.document import Document, read


class ModelRun(models.Model):
    """One model over one study's notes. Its state is counted from its chunks."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="model_runs")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="runs")
    checkpoint_sha256 = models.CharField(max_length=64)
    threshold = models.FloatField()
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]


class Chunk(models.Model):
    """Some notes of a run: what one worker claims, codes and finishes.

    waiting -> claimed -> done, or failed after its last attempt. A claim is a compare-and-set on
    `state`, so two workers never hold one chunk. The worker renews its claim while it lives; a
    sweep returns claims that went silent.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        CLAIMED = "claimed"
        DONE = "done"
        FAILED = "failed"

    run = models.ForeignKey(ModelRun, on_delete=models.CASCADE, related_name="chunks")
    note_ids = models.JSONField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True, help_text="the worker was alive then")
    finished_at = models.DateTimeField(null=True, blank=True)
    truncated = models.PositiveIntegerField(
        default=0, help_text="notes the model did not read to the end"
    )
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "state"])]


class Evidence(models.Model):
    """What the logit of a code that a model gave is the sum of: bias + weights of spans + rest.

    No word of the note.
    """

    item = models.OneToOneField(CodingItem, on_delete=models.CASCADE, related_name="evidence")
    logit = models.FloatField()
    bias = models.FloatField()
    rest = models.FloatField(help_text="all words that are not among the spans, summed")
    spans = models.JSONField(
        help_text="[start, end, weight] in characters of the note, strongest first"
    )

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "evidence"


class ScoredFile(models.Model):
    """A file of a model's probabilities that was imported: which codes they are of, what it tells.

    The same file, asked to be read in another way, is another.
    """

    sha256 = models.CharField(
        max_length=64, unique=True, help_text="of the file and of how it was read"
    )
    codes = models.TextField(help_text="JSON: the code of each column")
    every_code = models.BooleanField(
        help_text="the model knows no other codes: their probability is 0, not unknown"
    )
    floor = models.FloatField(
        null=True, blank=True, help_text="no probability that the file leaves out is above it"
    )
    threshold_dev = models.FloatField(
        null=True,
        blank=True,
        help_text="the threshold that the model's own development notes chose",
    )

    class Meta:
        ordering = ["id"]

    @cached_property
    def code_list(self) -> tuple[str, ...]:
        return tuple(json.loads(self.codes))


class NoteScores(models.Model):
    """What a model thought of every code it knows, on one note.

    Ranks and other thresholds need more than the codes given. Beside each coding of a run; in the
    database, which is all that workers on several machines share.
    """

    coding = models.OneToOneField(
        "annotation.Coding", on_delete=models.CASCADE, related_name="scores"
    )
    probabilities = models.BinaryField(
        help_text="float32, little-endian, in the order of the checkpoint's codes, or of the "
        "file's; NaN where the file did not tell one"
    )
    file = models.ForeignKey(
        ScoredFile,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scores",
        help_text="none for a model that was run here",
    )

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "note scores"


class BenchmarkRun(models.Model):
    """The raters of a study compared. Same inputs, same hash, same row, same bytes."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="benchmarks")
    preset = models.CharField(max_length=10)
    input_sha256 = models.CharField(max_length=64, unique=True)
    notes = models.PositiveIntegerField()
    interim = models.BooleanField()
    partial = models.BooleanField(
        default=False, help_text="some raters were left out, as asked; no page shows it"
    )
    document = models.TextField(
        help_text="JSON as printed; text, because a JSON column may reorder its keys"
    )
    counts = models.TextField(
        default="", help_text="JSON of a Tally: what views by note and code read"
    )
    axes = models.BinaryField(
        default=b"",
        help_text="compressed JSON: notes and codes of the sides, and which two are shown first; "
        "empty for a run of before sides were kept",
    )
    glance = models.JSONField(
        default=dict,
        blank=True,
        help_text="what lists of studies show of it, and the newest coding that it has seen",
    )
    asked_at = models.DateTimeField(
        auto_now=True, help_text="last time these very inputs were scored"
    )

    class Meta:
        ordering = ["-asked_at", "-id"]

    @cached_property
    def result(self) -> Document:
        """The document, read; one that was stored before there were versions too."""
        return read(self.document)

    @cached_property
    def notes_of_study(self) -> int:
        return self.study.notes.count()

    @property
    def tally(self) -> Tally | None:
        """None for a run that was made before counts were kept."""
        if not self.counts:
            return None
        return Tally.from_json(json.loads(self.counts))


class GivenCodes(models.Model):
    """Which codes a rater gave to each note of a benchmark: one of its sides.

    Of a run that was made before sides were kept, on the notes and codes of its tally.
    """

    run = models.ForeignKey(BenchmarkRun, on_delete=models.CASCADE, related_name="given")
    rater = models.CharField(
        max_length=120,
        blank=True,
        help_text="as in Table 1, or the coder's name; empty: the reference",
    )
    kind = models.CharField(max_length=10, blank=True, help_text="people, coder, model, reference")
    in_table1 = models.BooleanField(default=True)
    done = models.BinaryField(default=b"", help_text="(notes,) bits: which notes the rater coded")
    members = models.BinaryField(help_text="(notes, codes), packed as Members are")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "given codes"
        constraints = [models.UniqueConstraint(fields=["run", "rater"], name="given_once_in_run")]


class Agreements(models.Model):
    """Who agrees with whom in a study, as last computed: what pages read, for it takes seconds."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="agreements")
    input_sha256 = models.CharField(max_length=64, help_text="of what the codings were then")
    document = models.TextField(help_text="JSON")

    class Meta:
        verbose_name_plural = "agreements"


class Export(models.Model):
    """A study's bundle that a worker makes, because it is large.

    Kept in parts, in the database that all share, until the next one of the study or for a day.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        WORKING = "being made"
        DONE = "done"
        FAILED = "failed"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="exports")
    with_text = models.BooleanField()
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0, help_text="codings written so far")
    total = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    error = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-id"]

    @property
    def is_ended(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)


class ExportPart(models.Model):
    """Some bytes of a bundle."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["export", "position"], name="export_part_once")
        ]


class EvaluationTable(models.Model):
    """A Table 2 that was imported: checkpoints measured on a split.

    The same file twice is one table.
    """

    sha256 = models.CharField(max_length=64, unique=True, help_text="of the document, keys sorted")
    head = models.TextField(help_text="the document but for its checkpoints: JSON as imported")
    imported_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    imported_at = models.DateTimeField(
        auto_now=True, help_text="last time this very document was imported"
    )

    class Meta:
        ordering = ["-imported_at", "-id"]

    @property
    def result(self) -> dict[str, Any]:
        """The document, whole."""
        return {
            **json.loads(self.head),
            "checkpoints": [json.loads(row.document) for row in self.rows.all()],
        }


class EvaluationRow(models.Model):
    """A checkpoint's figures in such a table."""

    table = models.ForeignKey(EvaluationTable, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveSmallIntegerField()
    checkpoint_sha256 = models.CharField(max_length=64)
    document = models.TextField(help_text="JSON as imported")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["table", "position"], name="one_row_at_a_position")
        ]
        indexes = [models.Index(fields=["checkpoint_sha256"])]
