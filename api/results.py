"""The API's runs of models and benchmarks, evidence, Tables 2 and the leaderboard."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import CharFilter, FilterSet, NumberFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from annotation.selectors.studies import studies_of
from api.permissions import StaffRequest
from api.studies import PRESET, asked_preset
from benchmark.models import BenchmarkRun, EvaluationTable, Evidence, ModelRun
from benchmark.scoring.document import written
from benchmark.selectors.benchmarks import newest_benchmarks
from benchmark.selectors.notes import evidence_seen_by
from benchmark.selectors.runs import runs_progress
from benchmark.tables.summary import leaders


class ModelRunSerializer(serializers.ModelSerializer[ModelRun]):
    state = serializers.CharField(source="progress.state", read_only=True)
    notes_done = serializers.IntegerField(source="progress.done", read_only=True)
    notes_truncated = serializers.IntegerField(source="progress.truncated", read_only=True)
    notes_failed = serializers.IntegerField(source="progress.notes_failed", read_only=True)

    class Meta:
        model = ModelRun
        fields = (
            "id",
            "study",
            "rater",
            "checkpoint_sha256",
            "threshold",
            "created_at",
            "state",
            "notes_done",
            "notes_truncated",
            "notes_failed",
        )


class ModelRunViewSet(ReadOnlyModelViewSet[ModelRun]):
    """Runs of models over a study's notes, and how far they are."""

    request: StaffRequest
    queryset = ModelRun.objects.none()
    serializer_class = ModelRunSerializer
    filterset_fields = ("study", "rater")

    def get_queryset(self) -> QuerySet[ModelRun]:
        return ModelRun.objects.filter(study__in=studies_of(self.request.user)).order_by("id")

    def get_serializer(self, *rows: Any, **options: Any) -> serializers.BaseSerializer[ModelRun]:
        """Give each run its progress, counted for all runs of a page at once."""
        for found in rows:
            runs = found if options.get("many") else [found]
            for progress in runs_progress(runs):
                # The fields of the serializer with `source="progress..."` read it.
                progress.run.progress = progress  # type: ignore[attr-defined]
        return super().get_serializer(*rows, **options)


class BenchmarkRunSerializer(serializers.ModelSerializer[BenchmarkRun]):
    result = serializers.SerializerMethodField()

    class Meta:
        model = BenchmarkRun
        fields = (
            "id",
            "study",
            "preset",
            "input_sha256",
            "notes",
            "interim",
            "partial",
            "result",
            "asked_at",
        )

    def get_result(self, run: BenchmarkRun) -> dict[str, Any]:
        """The document, as `run_benchmark --format json` prints it."""
        return run.result.to_json()


class BenchmarkRunViewSet(ReadOnlyModelViewSet[BenchmarkRun]):
    """Benchmarks, with their whole documents."""

    request: StaffRequest
    queryset = BenchmarkRun.objects.none()
    serializer_class = BenchmarkRunSerializer
    filterset_fields = ("study", "preset", "interim", "partial")

    def get_queryset(self) -> QuerySet[BenchmarkRun]:
        seen = BenchmarkRun.objects.filter(study__in=studies_of(self.request.user))
        return seen.defer("counts").order_by("id")


class SpanSerializer(serializers.Serializer[dict[str, float]]):
    """A place in the note, in characters, and its share of the logit."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    weight = serializers.FloatField()


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """Why a model gave a code: bias + weights of the spans + rest = logit."""

    coding = serializers.IntegerField(source="item.coding_id")
    note = serializers.IntegerField(source="item.coding.note_id")
    rater = serializers.IntegerField(source="item.coding.rater_id")
    study = serializers.IntegerField(source="item.coding.study_id", allow_null=True)
    code = serializers.CharField(source="item.code.code")
    probability = serializers.FloatField(source="item.score")
    spans = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = (
            "id",
            "coding",
            "note",
            "rater",
            "study",
            "code",
            "probability",
            "logit",
            "bias",
            "rest",
            "spans",
        )

    @extend_schema_field(SpanSerializer(many=True))
    def get_spans(self, evidence: Evidence) -> list[dict[str, float]]:
        spans = []
        for start, end, weight in evidence.spans:
            spans.append({"start": start, "end": end, "weight": weight})
        return spans


class EvidenceFilter(FilterSet):
    coding = NumberFilter(field_name="item__coding")
    note = NumberFilter(field_name="item__coding__note")
    rater = NumberFilter(field_name="item__coding__rater")
    study = NumberFilter(field_name="item__coding__study")
    code = CharFilter(field_name="item__code__code")


class EvidenceViewSet(ReadOnlyModelViewSet[Evidence]):
    """Where models looked, a code at a time; ask with `?note=`."""

    request: StaffRequest
    queryset = Evidence.objects.none()
    serializer_class = EvidenceSerializer
    filterset_class = EvidenceFilter

    def get_queryset(self) -> QuerySet[Evidence]:
        return evidence_seen_by(self.request.user).order_by("id")


class EvaluationSerializer(serializers.ModelSerializer[EvaluationTable]):
    """A Table 2; `result` is the document of `python -m rac_model evaluate --format json`."""

    result = serializers.DictField(read_only=True)

    class Meta:
        model = EvaluationTable
        fields = ("id", "sha256", "imported_by", "imported_at", "result")


class EvaluationViewSet(ReadOnlyModelViewSet[EvaluationTable]):
    """Tables 2 that were imported."""

    queryset = EvaluationTable.objects.prefetch_related("rows").distinct()
    serializer_class = EvaluationSerializer
    filterset_fields = {"sha256": ("exact",), "rows__checkpoint_sha256": ("exact",)}


class LeaderSerializer(serializers.Serializer[dict[str, object]]):
    """A rater of a study's newest benchmark; `figures` as in Table 1's document."""

    study = serializers.CharField()
    notes = serializers.IntegerField()
    interim = serializers.BooleanField()
    rater = serializers.CharField()
    kind = serializers.CharField()
    figures = serializers.DictField()


class LeaderboardView(GenericAPIView[Any]):
    """People and models of every study by micro-F1, newest study first."""

    request: StaffRequest
    serializer_class = LeaderSerializer
    filter_backends = ()

    @extend_schema(parameters=[PRESET], responses={200: LeaderSerializer(many=True)})
    def get(self, request: StaffRequest) -> Response:
        """One page of the raters, best first within each study."""
        page = self.paginate_queryset(self._rows(request))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _rows(self, request: StaffRequest) -> list[dict[str, object]]:
        """A row for each rater of each study's newest benchmark."""
        rows: list[dict[str, object]] = []
        for run in newest_benchmarks(request.user, asked_preset(request)):
            document = run.result
            for name in leaders(document):
                rows.append(
                    {
                        "study": run.study.slug,
                        "notes": run.notes,
                        "interim": run.interim,
                        "rater": name,
                        "kind": document.kinds.get(name, ""),
                        "figures": written(document.raters[name]),
                    }
                )
        return rows
