"""The API's way out for batches: withdrawn, put back, their notes removed; and the receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from annotation.models import Batch, Purge
from annotation.services.withdraw import batch_put_back, batch_withdraw
from api.permissions import IsAdminRole, StaffRequest
from benchmark.selectors.purges import name_to_type
from benchmark.services.purge import purge_ask
from benchmark.tasks import queue_purge

if TYPE_CHECKING:
    OfBatches = GenericViewSet[Batch]
else:
    OfBatches = object

LEAVES = ("withdraw", "put_back", "purge")
"""The actions of `BatchLeaves`: for admins alone."""
ANY = [JSONParser, MultiPartParser, FormParser]


class PurgeSerializer(serializers.ModelSerializer[Purge]):
    """A removal: what was asked for, what is done, and what could not be reached."""

    batch = serializers.IntegerField(source="number", help_text="id of the batch")

    class Meta:
        model = Purge
        fields = (
            "id",
            "batch",
            "name",
            "notes",
            "studies",
            "asked_at",
            "done",
            "trouble",
            "beyond",
            "finished_at",
        )


class NameSerializer(serializers.Serializer[None]):
    name = serializers.CharField(help_text="the batch's name, to say that it is meant")


class LeftSerializer(serializers.ModelSerializer[Batch]):
    class Meta:
        model = Batch
        fields = ("id", "name", "withdrawn_at", "removed_at")


class BatchLeaves(OfBatches):
    """What takes a batch away."""

    @extend_schema(request=None, responses={200: LeftSerializer})
    @action(detail=True, methods=["post"], parser_classes=ANY)
    def withdraw(self, request: StaffRequest, pk: str) -> Response:
        """No new study can have the batch; 400 where a draft or an open study uses it."""
        batch = self.get_object()
        try:
            batch_withdraw(batch=batch, actor=request.user)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        batch.refresh_from_db()
        return Response(LeftSerializer(batch).data)

    @extend_schema(request=None, responses={200: LeftSerializer})
    @action(detail=True, methods=["post"], url_path="put-back", parser_classes=ANY)
    def put_back(self, request: StaffRequest, pk: str) -> Response:
        """New studies can have the batch again."""
        batch = self.get_object()
        try:
            batch_put_back(batch=batch, actor=request.user)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        batch.refresh_from_db()
        return Response(LeftSerializer(batch).data)

    @extend_schema(request=NameSerializer, responses={202: PurgeSerializer})
    @action(detail=True, methods=["post"], parser_classes=ANY)
    def purge(self, request: StaffRequest, pk: str) -> Response:
        """Remove the batch's notes for good; a worker does it, /purges/<id>/ is the receipt.

        400 where the name is not the batch's, or the batch is in use.
        """
        batch = self.get_object()
        given = NameSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if given.validated_data["name"].strip() != name_to_type(batch):
            raise ValidationError({"name": ["this is not the batch's name; nothing was removed"]})
        try:
            purge = purge_ask(batch=batch, actor=request.user, queue=queue_purge)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        return Response(PurgeSerializer(purge).data, status=status.HTTP_202_ACCEPTED)


class PurgeViewSet(ReadOnlyModelViewSet[Purge]):
    """Removals of notes, newest first: the receipts."""

    queryset = Purge.objects.order_by("-pk")
    serializer_class = PurgeSerializer

    def get_permissions(self) -> list[BasePermission]:
        return [IsAdminRole()]
