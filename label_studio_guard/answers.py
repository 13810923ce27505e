"""One answer and one draft of a coder for a note, and no update of an answer that has changed meanwhile.

Label Studio takes any number of each. The page asks the coder what to do when it is told 409.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from rest_framework.exceptions import APIException
from tasks.api import AnnotationAPI, AnnotationDraftListAPI, AnnotationsListAPI
from tasks.models import Annotation, AnnotationDraft, Task

BASED_ON = "X-Coderbench-Based-On"


class Conflict(APIException):
    """Somebody was here before."""

    status_code = 409
    default_code = "conflict"


class OneAnswer(AnnotationsListAPI):  # type: ignore[misc]
    """Label Studio's view of a note's answers, which takes one of each coder."""

    def perform_create(self, ser: Any) -> Any:
        """Refuse a second answer; the first one ends the drafts that led to it."""
        task, user = self.kwargs["pk"], self.request.user
        with transaction.atomic():
            _one_at_a_time(task)
            if Annotation.objects.filter(task=task, completed_by=user).exists():
                raise Conflict("You have submitted this note already.")
            made = super().perform_create(ser)
            for draft in AnnotationDraft.objects.filter(task=task, user=user, annotation=None):
                draft.delete()
            return made


class OneDraft(AnnotationDraftListAPI):  # type: ignore[misc]
    """Label Studio's view of a note's drafts, which keeps one of each coder: another one takes its place."""

    def perform_create(self, serializer: Any) -> None:
        """A request that is sent again, because its answer was lost, makes no second draft."""
        task, annotation, user = (
            self.kwargs["pk"],
            self.kwargs.get("annotation_id"),
            self.request.user,
        )
        with transaction.atomic():
            _one_at_a_time(task)
            if (
                annotation is None
                and Annotation.objects.filter(task=task, completed_by=user).exists()
            ):
                raise Conflict("You have submitted this note already.")
            there = AnnotationDraft.objects.filter(task=task, annotation=annotation, user=user)
            serializer.instance = there.order_by("-pk").first()
            super().perform_create(serializer)


class SeenAnswer(AnnotationAPI):  # type: ignore[misc]
    """Label Studio's view of an answer, which is changed only by somebody who has seen what it is."""

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The page names when the answer that it shows was changed last; without that nothing is compared."""
        seen = request.headers.get(BASED_ON)
        with transaction.atomic():
            _one_at_a_time(self.get_object().task_id)
            if seen and seen != _written(self.get_object().updated_at):
                raise Conflict("This answer was changed meanwhile.")
            return super().update(request, *args, **kwargs)


def _one_at_a_time(task: int) -> None:
    """Requests about one note wait for each other until the transaction ends: a write comes first, on any database."""
    Task.objects.filter(pk=task).update(updated_at=F("updated_at"))


def _written(moment: Any) -> str:
    """A time as Label Studio's API writes it."""
    text: str = moment.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
