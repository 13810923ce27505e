"""Studies, runs and Tables 1 and 2 for scripts. The same walls as on the pages."""

from __future__ import annotations

from django.db.models import QuerySet
from django_filters.rest_framework import CharFilter, FilterSet, NumberFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from annotation.api import RefusedSerializer
from annotation.models import Study
from annotation.selectors import may_see_reference, studies_of
from annotation.upload import UploadError
from benchmark.models import BenchmarkRun, EvaluationTable, Evidence, ModelRun
from benchmark.presets import PRESETS
from benchmark.selectors import evidence_seen_by, newest_benchmark, run_progress
from benchmark.services.imports import KINDS, codings_import

PRESET = OpenApiParameter("preset", str, enum=list(PRESETS), description="which benchmark; by default the paper's")


class StudySerializer(serializers.ModelSerializer):
    class Meta:
        model = Study
        fields = (
            "id", "slug", "status", "batch", "code_set", "reference", "sample", "overlap", "interface", "guideline",
            "seed", "protocol_sha256", "opened_at", "closed_at",
        )  # fmt: skip


class CodingsUploadSerializer(serializers.Serializer):
    file = serializers.FileField()
    rater = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(choices=[str(kind) for kind in KINDS])


class ImportedSerializer(serializers.Serializer):
    rater = serializers.IntegerField()
    new = serializers.IntegerField()


class StudyViewSet(ReadOnlyModelViewSet):
    queryset = Study.objects.order_by("id")
    serializer_class = StudySerializer
    lookup_field = "slug"
    filterset_fields = ("status",)

    def get_queryset(self) -> QuerySet[Study]:
        return studies_of(self.request.user).order_by("id")

    def get_object(self) -> Study:
        study = Study.objects.filter(slug=self.kwargs["slug"]).first()
        if study is None:
            raise NotFound("no such study")
        if not may_see_reference(self.request.user, study):
            raise PermissionDenied("this study is open and you code in it: its results stay hidden until it closes")
        return study

    @extend_schema(parameters=[PRESET], responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, url_path="table1", filterset_fields=None, pagination_class=None)
    def table1(self, request: Request, slug: str) -> Response:
        """The newest benchmark of the study, as `run_benchmark --format json` prints it."""
        return Response(self._newest(request).result)

    @extend_schema(parameters=[PRESET], responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, url_path="counts", filterset_fields=None, pagination_class=None)
    def counts(self, request: Request, slug: str) -> Response:
        """That benchmark's counts by note and by code: of each rater, [in common, given, the reference's], in the order
        of `notes` and `codes`."""
        tally = self._newest(request).tally
        if tally is None:
            raise NotFound("the newest benchmark has no counts; run it again")
        return Response(tally.to_json())

    def _newest(self, request: Request) -> BenchmarkRun:
        study, preset = self.get_object(), request.query_params.get("preset", "paper")
        if preset not in PRESETS:
            raise ValidationError({"preset": [f"{preset[:40]} is none; choose from {', '.join(PRESETS)}"]})
        newest = newest_benchmark(study, preset)
        if newest is None:
            raise NotFound(f"this study has no {preset} benchmark yet; run one on its page or with run_benchmark")
        return newest

    @extend_schema(
        request=CodingsUploadSerializer,
        responses={200: ImportedSerializer, 201: ImportedSerializer, 422: RefusedSerializer},
    )
    @action(
        detail=True, methods=["post"], parser_classes=[MultiPartParser], filterset_fields=None, pagination_class=None
    )
    def codings(self, request: Request, slug: str) -> Response:
        """Import a file of codings as a rater: all rows (201), or none (422 names them). The same file again: 200."""
        form, study = CodingsUploadSerializer(data=request.data), self.get_object()
        form.is_valid(raise_exception=True)
        given = form.validated_data
        try:
            rater, new = codings_import(
                study=study, name=given["rater"], kind=given["kind"], file=given["file"].name,
                data=given["file"].read(), actor=request.user,
            )  # fmt: skip
        except UploadError as error:
            errors = [{"row": each.row, "message": each.message} for each in error.errors]
            return Response({"errors": errors}, status=status.HTTP_422_UNPROCESSABLE_ENTITY)
        except ValueError as error:
            raise serializers.ValidationError({"rater": [str(error)]}) from error
        return Response({"rater": rater.pk, "new": new}, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)


class ModelRunSerializer(serializers.ModelSerializer):
    state = serializers.SerializerMethodField()
    notes_done = serializers.SerializerMethodField()
    notes_truncated = serializers.SerializerMethodField()

    class Meta:
        model = ModelRun
        fields = (
            "id", "study", "rater", "checkpoint_sha256", "threshold", "created_at", "state", "notes_done",
            "notes_truncated",
        )  # fmt: skip

    def get_state(self, run: ModelRun) -> str:
        return run_progress(run).state

    def get_notes_done(self, run: ModelRun) -> int:
        return run_progress(run).done

    def get_notes_truncated(self, run: ModelRun) -> int:
        return run_progress(run).truncated


class ModelRunViewSet(ReadOnlyModelViewSet):
    queryset = ModelRun.objects.none()
    serializer_class = ModelRunSerializer
    filterset_fields = ("study", "rater")

    def get_queryset(self) -> QuerySet[ModelRun]:
        return ModelRun.objects.filter(study__in=studies_of(self.request.user)).order_by("id")


class BenchmarkRunSerializer(serializers.ModelSerializer):
    result = serializers.DictField(read_only=True)

    class Meta:
        model = BenchmarkRun
        fields = ("id", "study", "preset", "input_sha256", "notes", "interim", "result", "asked_at")


class BenchmarkRunViewSet(ReadOnlyModelViewSet):
    queryset = BenchmarkRun.objects.none()
    serializer_class = BenchmarkRunSerializer
    filterset_fields = ("study", "interim")

    def get_queryset(self) -> QuerySet[BenchmarkRun]:
        return BenchmarkRun.objects.filter(study__in=studies_of(self.request.user)).order_by("id")


class SpanSerializer(serializers.Serializer):
    """A place in the note, in characters, and its share of the logit."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    weight = serializers.FloatField()


class EvidenceSerializer(serializers.ModelSerializer):
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
        fields = ("id", "coding", "note", "rater", "study", "code", "probability", "logit", "bias", "rest", "spans")

    @extend_schema_field(SpanSerializer(many=True))
    def get_spans(self, evidence: Evidence) -> list[dict[str, float]]:
        return [{"start": start, "end": end, "weight": weight} for start, end, weight in evidence.spans]


class EvidenceFilter(FilterSet):
    coding = NumberFilter(field_name="item__coding")
    note = NumberFilter(field_name="item__coding__note")
    rater = NumberFilter(field_name="item__coding__rater")
    study = NumberFilter(field_name="item__coding__study")
    code = CharFilter(field_name="item__code__code")


class EvidenceViewSet(ReadOnlyModelViewSet):
    """Where models looked, a code at a time; ask with `?note=`."""

    queryset = Evidence.objects.none()
    serializer_class = EvidenceSerializer
    filterset_class = EvidenceFilter

    def get_queryset(self) -> QuerySet[Evidence]:
        return evidence_seen_by(self.request.user).order_by("id")


class EvaluationSerializer(serializers.ModelSerializer):
    """A Table 2; `result` is the document of `python -m rac_model evaluate --format json`."""

    result = serializers.DictField(read_only=True)

    class Meta:
        model = EvaluationTable
        fields = ("id", "sha256", "imported_by", "imported_at", "result")


class EvaluationViewSet(ReadOnlyModelViewSet):
    queryset = EvaluationTable.objects.prefetch_related("rows").distinct()
    serializer_class = EvaluationSerializer
    filterset_fields = {"sha256": ("exact",), "rows__checkpoint_sha256": ("exact",)}
