"""The API's routes, and its answers to errors."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import exception_handler

from annotation.unstorable import unstorable
from api import leave, notes, openings, results, studies

router = DefaultRouter()
router.register("batches", notes.BatchViewSet)
router.register("purges", leave.PurgeViewSet)
router.register("codes", notes.CodeViewSet)
router.register("code-sets", notes.CodeSetViewSet)
router.register("raters", notes.RaterViewSet)
router.register("notes", notes.NoteViewSet)
router.register("assignments", notes.AssignmentViewSet)
router.register("codings", notes.CodingViewSet)
router.register("studies", studies.StudyViewSet)
router.register("model-runs", results.ModelRunViewSet)
router.register("benchmark-runs", results.BenchmarkRunViewSet)
router.register("evidence", results.EvidenceViewSet)
router.register("openings", openings.NoteOpeningViewSet)
router.register("evaluations", results.EvaluationViewSet)


def refused(error: Exception, context: dict[str, Any]) -> Response | None:
    """The framework's answer to an error; 400 for a value that no database column can hold."""
    words = unstorable(error)
    if words:
        error = ValidationError(words)
    return exception_handler(error, context)
