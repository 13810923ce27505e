"""The API's routes, from both sides."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import exception_handler

from annotation.unstorable import unstorable
from api import notes as annotation_api
from api import results as benchmark_api
from api import studies

router = DefaultRouter()
router.register("batches", annotation_api.BatchViewSet)
router.register("codes", annotation_api.CodeViewSet)
router.register("code-sets", annotation_api.CodeSetViewSet)
router.register("raters", annotation_api.RaterViewSet)
router.register("notes", annotation_api.NoteViewSet)
router.register("assignments", annotation_api.AssignmentViewSet)
router.register("codings", annotation_api.CodingViewSet)
router.register("studies", studies.StudyViewSet)
router.register("model-runs", benchmark_api.ModelRunViewSet)
router.register("benchmark-runs", benchmark_api.BenchmarkRunViewSet)
router.register("evidence", benchmark_api.EvidenceViewSet)
router.register("evaluations", benchmark_api.EvaluationViewSet)


def refused(error: Exception, context: dict[str, Any]) -> Response | None:
    """The framework's answer to an error; a value that no database column can hold is the asker's mistake, a 400."""
    words = unstorable(error)
    if words:
        error = ValidationError(words)
    return exception_handler(error, context)
