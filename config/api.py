"""The API's routes, from both sides."""

from rest_framework.routers import DefaultRouter

from annotation import api as annotation_api
from benchmark import api as benchmark_api

router = DefaultRouter()
router.register("batches", annotation_api.BatchViewSet)
router.register("codes", annotation_api.CodeViewSet)
router.register("code-sets", annotation_api.CodeSetViewSet)
router.register("raters", annotation_api.RaterViewSet)
router.register("notes", annotation_api.NoteViewSet)
router.register("assignments", annotation_api.AssignmentViewSet)
router.register("codings", annotation_api.CodingViewSet)
router.register("studies", benchmark_api.StudyViewSet)
router.register("model-runs", benchmark_api.ModelRunViewSet)
router.register("benchmark-runs", benchmark_api.BenchmarkRunViewSet)
router.register("evidence", benchmark_api.EvidenceViewSet)
router.register("evaluations", benchmark_api.EvaluationViewSet)
