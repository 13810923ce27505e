"""The API's studies: their tables, counts and people, and the import of codings."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from annotation.models import Rater, Reopening, Study, WeightList
from annotation.selectors.queues import CoderProgress, study_progress
from annotation.selectors.studies import may_see_reference, studies_of
from api.imports import (
    CodingsStudySerializer,
    CodingsUploadSerializer,
    DryRunSerializer,
    ImportedSerializer,
    RemarksField,
    import_as_study,
    import_into,
)
from api.notes import RefusedSerializer
from api.permissions import StaffRequest
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import written
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.benchmarks import newest_benchmark
from benchmark.selectors.panel import docket_of
from benchmark.selectors.raters import imported_raters
from benchmark.selectors.work import coder_facts
from benchmark.services.agreements import agreements_found
from benchmark.tables.work import CoderFacts, InterfaceWork
from benchmark.tasks import queue_agreement

PRESET = OpenApiParameter(
    "preset", str, enum=list(PRESETS), description="which benchmark; by default the study's own"
)


def asked_preset(request: Request) -> str | None:
    """The `?preset=` of a request; None without one; 400 where there is no such preset."""
    preset: str | None = request.query_params.get("preset")
    if preset is None:
        return None
    if preset not in PRESETS:
        words = f"there is no preset {preset[:40]}; choose from {', '.join(PRESETS)}"
        raise ValidationError({"preset": [words]})
    return preset


class ReopeningSerializer(serializers.ModelSerializer[Reopening]):
    class Meta:
        model = Reopening
        fields = ("closed_at", "reopened_at", "could_see")


class WeightsSerializer(serializers.ModelSerializer[WeightList]):
    class Meta:
        model = WeightList
        fields = ("name", "sha256")


class StudySerializer(serializers.ModelSerializer[Study]):
    reopenings = ReopeningSerializer(many=True, read_only=True)
    weights = WeightsSerializer(read_only=True, allow_null=True)
    texts_removed_at = serializers.DateTimeField(
        source="batch.removed_at",
        read_only=True,
        allow_null=True,
        help_text="when the texts of its notes were removed for good",
    )

    class Meta:
        model = Study
        fields: tuple[str, ...] = (
            "id",
            "slug",
            "status",
            "batch",
            "code_set",
            "preset",
            "reference",
            "sample",
            "overlap",
            "interface",
            "guideline",
            "seed",
            "protocol_sha256",
            "opened_at",
            "closed_at",
            "reopenings",
            "texts_removed_at",
            "margin",
            "margin_set_at",
            "weights",
            "weights_set_at",
            "title",
        )


class MadeStudySerializer(StudySerializer):
    """A study that was made of a file of codings, and the remarks on that file."""

    remarks = RemarksField(read_only=True, help_text=RemarksField.__doc__)

    class Meta(StudySerializer.Meta):
        fields = (*StudySerializer.Meta.fields, "remarks")


CLOCK_HELP = (
    "what the times are from: active_seconds (without pauses, hidden tabs and more than two idle "
    "minutes), lead_time (Label Studio's clock, pauses included), or nothing"
)


class InterfaceWorkSerializer(serializers.Serializer[InterfaceWork]):
    """What a coder's notes with one interface took, by one clock."""

    interface = serializers.CharField()
    notes = serializers.IntegerField()
    measured = serializers.IntegerField(help_text="notes that the clock measured")
    clock = serializers.CharField(help_text=CLOCK_HELP)
    hours = serializers.FloatField()
    lower_quarter_minutes = serializers.FloatField(allow_null=True)
    median_minutes = serializers.FloatField(allow_null=True)
    upper_quarter_minutes = serializers.FloatField(allow_null=True)
    notes_an_hour = serializers.FloatField(allow_null=True)


class WorkSerializer(serializers.Serializer[CoderFacts]):
    """A coder and the time that the work took, by one clock over all of the coder's notes."""

    rater = serializers.IntegerField(source="rater_id")
    name = serializers.CharField()
    simulated = serializers.BooleanField()
    certification = serializers.CharField()
    years_experience = serializers.IntegerField(allow_null=True)
    notes = serializers.IntegerField()
    days = serializers.IntegerField()
    hours = serializers.FloatField()
    measured = serializers.IntegerField(help_text="notes that the clock measured")
    clock = serializers.CharField(help_text=CLOCK_HELP)
    median_minutes = serializers.FloatField(allow_null=True)
    interfaces = InterfaceWorkSerializer(
        many=True, help_text="the same by interface, each by its own clock"
    )


class CoderProgressSerializer(serializers.Serializer[CoderProgress]):
    rater = serializers.IntegerField(source="rater.pk")
    name = serializers.CharField(source="rater.name")
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    last_activity = serializers.DateTimeField(allow_null=True)


class OutsideProgressSerializer(serializers.Serializer[Rater]):
    rater = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    kind = serializers.CharField()
    coded = serializers.IntegerField()


class WaitSerializer(serializers.Serializer[dict[str, object]]):
    detail = serializers.CharField()


class ProgressSerializer(serializers.Serializer[dict[str, object]]):
    """How far coders and adjudicators are; model runs are in their own list."""

    coders = CoderProgressSerializer(many=True)
    imported = OutsideProgressSerializer(
        many=True, help_text="raters whose codes came from a file alone"
    )
    settled = serializers.IntegerField(help_text="notes that adjudicators settled")
    to_settle = serializers.IntegerField(help_text="notes with text that two or more raters coded")
    quarantined = serializers.IntegerField(help_text="answers in Label Studio that are not counted")


class StudyViewSet(ReadOnlyModelViewSet[Study]):
    """Studies whose results the person may see."""

    queryset = Study.objects.order_by("id")
    serializer_class = StudySerializer
    lookup_field = "slug"
    filterset_fields = ("status",)
    parser_classes = (MultiPartParser,)

    request: StaffRequest

    def get_queryset(self) -> QuerySet[Study]:
        return (
            studies_of(self.request.user)
            .order_by("id")
            .select_related("batch", "weights")
            .prefetch_related("reopenings")
        )

    def get_object(self) -> Study:
        """The study, where the person may see its results: 404 and 403 say why not."""
        study = Study.objects.filter(slug=self.kwargs["slug"]).first()
        if study is None:
            raise NotFound("no such study")
        if not may_see_reference(self.request.user, study):
            raise PermissionDenied(
                "this study is open and you code in it: its results stay hidden until it closes"
            )
        return study

    @extend_schema(
        request=CodingsStudySerializer,
        responses={200: DryRunSerializer, 201: MadeStudySerializer, 422: RefusedSerializer},
    )
    def create(self, request: StaffRequest, format: str | None = None) -> Response:
        """Make a study of a file of reference codings; its notes are known by their ids alone.

        200: what a dry run would store.
        """
        made = import_as_study(request)
        if isinstance(made, Response):
            return made
        study, plan = made
        body = {**StudySerializer(study).data, "remarks": plan.said()}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[PRESET], responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, url_path="table1", filterset_fields=None, pagination_class=None)
    def table1(self, request: StaffRequest, slug: str, format: str | None = None) -> Response:
        """The newest benchmark of the study, as `run_benchmark --format json` prints it."""
        return Response(self._newest(request).result.to_json())

    @extend_schema(parameters=[PRESET], responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, url_path="counts", filterset_fields=None, pagination_class=None)
    def counts(self, request: StaffRequest, slug: str, format: str | None = None) -> Response:
        """The counts of that benchmark, by note and by code, in the order of `notes` and `codes`.

        Of each rater [codes in common, codes given, codes of the reference]; `dropped` is the
        number of codes of each note that lie outside the label space.
        """
        tally = self._newest(request).tally
        if tally is None:
            raise NotFound("the newest benchmark has no counts; run it again")
        return Response(tally.to_json())

    @extend_schema(responses={200: ProgressSerializer})
    @action(detail=True, filterset_fields=None, pagination_class=None)
    def progress(self, request: StaffRequest, slug: str, format: str | None = None) -> Response:
        """How far coders and adjudicators are."""
        study = self.get_object()
        docket = docket_of(study)
        found = {
            "coders": study_progress(study),
            "imported": imported_raters(study),
            "settled": docket.done,
            "to_settle": docket.total,
            "quarantined": study.quarantined.count(),
        }
        return Response(ProgressSerializer(found).data)

    @extend_schema(responses={200: WorkSerializer(many=True)})
    @action(detail=True, filterset_fields=None, pagination_class=None)
    def work(self, request: StaffRequest, slug: str, format: str | None = None) -> Response:
        """The coders and their work."""
        facts = coder_facts(self.get_object())
        rows = WorkSerializer(facts, many=True)  # type: ignore[arg-type]  # the stubs know one row
        return Response(rows.data)

    @extend_schema(responses={200: OpenApiTypes.OBJECT, 202: WaitSerializer})
    @action(detail=True, filterset_fields=None, pagination_class=None)
    def agreement(self, request: StaffRequest, slug: str, format: str | None = None) -> Response:
        """The raters compared with each other, by their newest codings; it needs no reference.

        202 where there are many codings: a worker computes it, ask again.
        """
        found = agreements_found(self.get_object(), queue_agreement, request.user)
        if found.document is not None:
            return Response(written(found.document))
        words = "being computed"
        if found.asked and found.asked.error:
            words = f"it failed: {found.asked.error}"
        body = {"detail": f"{words}; ask again in some seconds"}
        return Response(body, status=status.HTTP_202_ACCEPTED)

    def _newest(self, request: Request) -> BenchmarkRun:
        """The newest benchmark of the study by the preset that is asked for; 404 without one."""
        study = self.get_object()
        preset = asked_preset(request) or study.preset
        newest = newest_benchmark(study, preset)
        if newest is None:
            raise NotFound(
                f"this study has no {preset} benchmark yet; "
                "run one on its page or with run_benchmark"
            )
        return newest

    @extend_schema(
        request=CodingsUploadSerializer,
        responses={
            200: PolymorphicProxySerializer(
                "ImportedOrDryRun", [ImportedSerializer, DryRunSerializer], None
            ),
            201: ImportedSerializer,
            422: RefusedSerializer,
        },
    )
    @action(detail=True, methods=["post"], filterset_fields=None, pagination_class=None)
    def codings(self, request: StaffRequest, slug: str, format: str | None = None) -> Response:
        """Import a file of codings as a rater, or as the raters that it names.

        201: all rows are in; 422: none is, and the answer names the wrong ones; 200: the same file
        was here already, or what a dry run would store.
        """
        return import_into(request, self.get_object())
