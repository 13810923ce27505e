"""Label Studio's views of answers and drafts, made to keep one of each for a coder and a note.

Label Studio itself takes any number. An answer that was changed meanwhile is not overwritten. A
request that would break these rules gets 409, and the page asks the coder what to do.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from rest_framework.exceptions import APIException
from tasks.api import AnnotationAPI, AnnotationDraftListAPI, AnnotationsListAPI
from tasks.models import Annotation, AnnotationDraft, Task

BASED_ON = "X-Coderbench-Based-On"
"""The header in which the page says when the answer that it shows was changed last."""


class Conflict(APIException):
    """The answer was given, or changed, before this request arrived."""

    status_code = 409
    default_code = "conflict"


class OneAnswer(AnnotationsListAPI):  # type: ignore[misc]
    """The view of a note's answers. It takes one of each coder."""

    def perform_create(self, ser: Any) -> Any:
        """Store a first answer and delete the drafts that led to it; refuse a second one."""
        task = self.kwargs["pk"]
        user = self.request.user
        with transaction.atomic():
            _one_at_a_time(task)
            if Annotation.objects.filter(task=task, completed_by=user).exists():
                raise Conflict("You have submitted this note already.")
            made = super().perform_create(ser)
            for draft in AnnotationDraft.objects.filter(task=task, user=user, annotation=None):
                draft.delete()
            return made


class OneDraft(AnnotationDraftListAPI):  # type: ignore[misc]
    """The view of a note's drafts. It keeps one of each coder, which a new one replaces."""

    def perform_create(self, serializer: Any) -> None:
        """Store a draft over the one that is there.

        So a request that was sent twice, because its answer was lost, makes no second draft.
        """
        task = self.kwargs["pk"]
        annotation = self.kwargs.get("annotation_id")
        user = self.request.user
        with transaction.atomic():
            _one_at_a_time(task)
            submitted = Annotation.objects.filter(task=task, completed_by=user)
            if annotation is None and submitted.exists():
                raise Conflict("You have submitted this note already.")
            there = AnnotationDraft.objects.filter(task=task, annotation=annotation, user=user)
            serializer.instance = there.order_by("-pk").first()
            super().perform_create(serializer)


class SeenAnswer(AnnotationAPI):  # type: ignore[misc]
    """The view of one answer. Only who has seen the answer as it is now can change it."""

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Refuse a change to an answer that is not the one the page shows, by the header BASED_ON.

        Without that header nothing is compared.
        """
        seen = request.headers.get(BASED_ON)
        with transaction.atomic():
            _one_at_a_time(self.get_object().task_id)
            if seen and seen != _written(self.get_object().updated_at):
                raise Conflict("This answer was changed meanwhile.")
            return super().update(request, *args, **kwargs)


def _one_at_a_time(task: int) -> None:
    """Have other requests about this note wait until the transaction ends.

    A write does that on any database, so this writes what is there already.
    """
    Task.objects.filter(pk=task).update(updated_at=F("updated_at"))


def _written(moment: Any) -> str:
    """A time as Label Studio's API writes it."""
    text: str = moment.isoformat()
    if text.endswith("+00:00"):
        return text.removesuffix("+00:00") + "Z"
    return text
