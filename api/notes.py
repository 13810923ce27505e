"""The API's lists of batches, codes, raters, notes, assignments and codings; and the upload."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from annotation.models import (
    Assignment,
    Batch,
    Code,
    CodeSet,
    Coding,
    CodingItem,
    Note,
    NoteOpening,
    Rater,
)
from annotation.selectors.code_search import (
    LONGEST_QUERY,
    MOST_HITS,
    search_list,
    search_system,
)
from annotation.selectors.codings import codings_seen_by
from annotation.selectors.studies import batches_with_counts, notes_seen_by, studies_of
from annotation.selectors.study_life import with_reopening
from annotation.services.custody import opening_record
from annotation.services.notes_in import batch_upload
from annotation.uploaded import refusal, refused_if_too_large
from api.leave import LEAVES, BatchLeaves
from api.permissions import IsAdminRole, IsStaffRole, StaffRequest
from files.problems import FileError
from icd.search import Hit


class BatchSerializer(serializers.ModelSerializer[Batch]):
    notes = serializers.IntegerField(source="note_count", read_only=True)

    class Meta:
        model = Batch
        fields = (
            "id",
            "name",
            "sha256",
            "origin",
            "details",
            "for_practice",
            "created_at",
            "notes",
            "withdrawn_at",
            "removed_at",
        )


class BatchUploadSerializer(serializers.Serializer[None]):
    file = serializers.FileField(
        allow_empty_file=True,
        help_text=(
            "CSV note_id,text[,codes] or JSONL, plain or gzipped; docs/data.md has the format"
        ),
    )
    for_practice = serializers.BooleanField(
        default=False, help_text="coders practise on these notes; no study can have them"
    )


class RowErrorSerializer(serializers.Serializer[dict[str, object]]):
    row = serializers.IntegerField(help_text="the line of the file; 0: the file as a whole")
    message = serializers.CharField()
    cause = serializers.CharField()


class ExampleSerializer(serializers.Serializer[dict[str, object]]):
    message = serializers.CharField()
    count = serializers.IntegerField()


class GroupSerializer(serializers.Serializer[dict[str, object]]):
    cause = serializers.CharField()
    mend = serializers.CharField(
        help_text="what to do about all of them, where their messages do not say so"
    )
    count = serializers.IntegerField()
    rows = serializers.ListField(child=serializers.IntegerField(), help_text="the first of them")
    examples = ExampleSerializer(many=True)


class RefusedSerializer(serializers.Serializer[dict[str, object]]):
    total = serializers.IntegerField(help_text="all errors; `errors` has the first 100,000 of them")
    groups = GroupSerializer(many=True, help_text="the errors by their cause")
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]  # a field, no property


class BatchViewSet(BatchLeaves, ListModelMixin, RetrieveModelMixin, GenericViewSet[Batch]):
    """Batches of notes, newest first."""

    queryset = batches_with_counts()
    serializer_class = BatchSerializer
    parser_classes = [MultiPartParser]

    def get_permissions(self) -> list[BasePermission]:
        """Only admins upload."""
        if self.action in ("create", *LEAVES):
            return [IsAdminRole()]
        return [IsStaffRole()]

    @extend_schema(
        request=BatchUploadSerializer,
        responses={200: BatchSerializer, 201: BatchSerializer, 422: RefusedSerializer},
    )
    def create(self, request: StaffRequest, format: str | None = None) -> Response:
        """Upload a file of notes.

        201: all rows are in; 422: none is, and the answer names the wrong ones; 200: the same file
        was here already.
        """
        form = BatchUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        try:
            refused_if_too_large(file)
            batch, new = batch_upload(
                name=file.name,
                data=file,
                user=request.user,
                for_practice=form.validated_data["for_practice"],
            )
        except FileError as error:
            return Response(refusal(error), status=status.HTTP_422_UNPROCESSABLE_ENTITY)
        body = BatchSerializer(batches_with_counts().get(pk=batch.pk)).data
        code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
        return Response(body, status=code)


class CodeSerializer(serializers.ModelSerializer[Code]):
    class Meta:
        model = Code
        fields = ("id", "code", "kind", "short_title", "long_title", "parent", "chapter", "retired")


class CodeSearchSerializer(serializers.Serializer[None]):
    query = serializers.CharField(
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST_QUERY,
        help_text="a code or its beginning, words in any order, or an abbreviation",
    )
    code_set = serializers.PrimaryKeyRelatedField(
        queryset=CodeSet.objects.all(),
        required=False,
        help_text="a list of codes; without it the whole code system is searched",
    )
    limit = serializers.IntegerField(
        required=False, default=MOST_HITS, min_value=1, max_value=MOST_HITS
    )


class CodeHitSerializer(serializers.Serializer[Hit]):
    code = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField(help_text="dx: a diagnosis; proc: a procedure")
    why = serializers.CharField(help_text="why it matched")
    marks = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="the parts of the title that matched: from, and to which character",
    )


class CodeHitsSerializer(serializers.Serializer[None]):
    codes = CodeHitSerializer(many=True, help_text="best first")


class CodeViewSet(ReadOnlyModelViewSet[Code]):
    """Codes of the code system, retired ones among them."""

    queryset = Code.objects.of_systems().order_by("code", "id")
    serializer_class = CodeSerializer
    filterset_fields = ("code", "kind", "chapter", "codeset")

    @extend_schema(request=CodeSearchSerializer, responses={200: CodeHitsSerializer})
    @action(
        detail=False,
        methods=["post"],
        filterset_fields=None,
        pagination_class=None,
        parser_classes=[JSONParser],
    )
    def search(self, request: StaffRequest, format: str | None = None) -> Response:
        """The codes that a query finds, by the search of the coding page.

        The query comes in the body, and is not logged.
        """
        form = CodeSearchSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        code_set = given.get("code_set")
        if code_set is None:
            hits = search_system(given["query"], given["limit"])
        else:
            hits = search_list(code_set, given["query"], given["limit"])
        return Response(CodeHitsSerializer({"codes": hits}).data)  # type: ignore[arg-type]


class CodeSetSerializer(serializers.ModelSerializer[CodeSet]):
    class Meta:
        model = CodeSet
        fields = ("id", "name", "sha256")


class CodeSetViewSet(ReadOnlyModelViewSet[CodeSet]):
    """Lists of codes to tick from; `/codes/?codeset=` has the codes of one."""

    queryset = CodeSet.objects.order_by("id")
    serializer_class = CodeSetSerializer


class RaterSerializer(serializers.ModelSerializer[Rater]):
    class Meta:
        model = Rater
        fields = (
            "id",
            "kind",
            "name",
            "simulated",
            "certification",
            "years_experience",
            "checkpoint_sha256",
        )


class RaterViewSet(ReadOnlyModelViewSet[Rater]):
    """Everybody who gives codes: coders, models, panels, references."""

    queryset = Rater.objects.order_by("id")
    serializer_class = RaterSerializer
    filterset_fields = ("kind", "simulated")


class NoteSerializer(serializers.ModelSerializer[Note]):
    class Meta:
        model = Note
        fields: tuple[str, ...] = ("id", "external_id", "batch", "sha256", "split")


class NoteWithTextSerializer(NoteSerializer):
    class Meta(NoteSerializer.Meta):
        fields = (*NoteSerializer.Meta.fields, "text")


class NoteViewSet(ReadOnlyModelViewSet[Note]):
    """Notes; the text only in the view of one note."""

    queryset = Note.objects.none()
    filterset_fields = ("batch", "split")

    request: StaffRequest

    def get_queryset(self) -> QuerySet[Note]:
        """The notes that the person may see; their texts are read for one note alone."""
        seen = notes_seen_by(self.request.user).order_by("id")
        if self.action == "retrieve":
            return seen
        return seen.defer("text")

    def get_object(self) -> Note:
        """The note; who asks for it is recorded."""
        note = super().get_object()
        opening_record(user=self.request.user, note=note, way=NoteOpening.Way.API)
        return note

    def get_serializer_class(self) -> type[NoteSerializer]:
        """With the text for one note, without it for lists."""
        if self.action == "retrieve":
            return NoteWithTextSerializer
        return NoteSerializer


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    class Meta:
        model = Assignment
        fields = ("id", "study", "note", "rater", "role", "arm", "position")


class AssignmentViewSet(ReadOnlyModelViewSet[Assignment]):
    """Who codes which note, in studies whose results the person may see."""

    queryset = Assignment.objects.none()
    serializer_class = AssignmentSerializer
    filterset_fields = ("study", "rater", "role", "arm")

    request: StaffRequest

    def get_queryset(self) -> QuerySet[Assignment]:
        return Assignment.objects.filter(study__in=studies_of(self.request.user)).order_by("id")


class CodingSerializer(serializers.ModelSerializer[Coding]):
    codes = serializers.SerializerMethodField()
    after_reopening = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="when the study had been reopened before its coder gave this",
    )

    class Meta:
        model = Coding
        fields = (
            "id",
            "note",
            "rater",
            "study",
            "revision",
            "submitted_at",
            "active_seconds",
            "lead_time",
            "codes",
            "after_reopening",
        )

    def get_codes(self, coding: Coding) -> list[str]:
        return sorted(item.code.code for item in coding.items.all())


class CodingViewSet(ReadOnlyModelViewSet[Coding]):
    """Codings, every revision of them, the reference's included."""

    queryset = Coding.objects.none()
    serializer_class = CodingSerializer
    filterset_fields = ("study", "rater", "note")

    request: StaffRequest

    def get_queryset(self) -> QuerySet[Coding]:
        seen = with_reopening(codings_seen_by(self.request.user))
        items = Prefetch("items", CodingItem.objects.select_related("code"))
        return seen.prefetch_related(items).order_by("id")
