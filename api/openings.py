"""The API's list of who opened which note, for admins."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from annotation.models import NoteOpening
from api.permissions import IsAdminRole


class NoteOpeningSerializer(serializers.ModelSerializer[NoteOpening]):
    class Meta:
        model = NoteOpening
        fields = ("id", "at", "user", "account", "note", "external_id", "way")


class NoteOpeningViewSet(ReadOnlyModelViewSet[NoteOpening]):
    """Who opened which note when, by which way; newest first."""

    queryset = NoteOpening.objects.all()
    serializer_class = NoteOpeningSerializer
    permission_classes = (IsAdminRole,)
    filterset_fields = {
        "note": ("exact",),
        "external_id": ("exact",),
        "user": ("exact",),
        "way": ("exact",),
        "at": ("gte", "lt"),
    }
