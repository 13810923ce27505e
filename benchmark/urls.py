from django.urls import path

from benchmark import compare_views, panel_views, views

urlpatterns = [
    path("studies/from-codings/", views.study_of_codings, name="study-from-codings"),
    path("studies/<slug:slug>/", views.study, name="study"),
    path("studies/<slug:slug>/run-model/", views.study_run_model, name="study-run-model"),
    path("studies/<slug:slug>/benchmark/", views.study_benchmark, name="study-benchmark"),
    path("studies/<slug:slug>/export/", views.study_export_view, name="study-export"),
    path("studies/<slug:slug>/export/<int:export_id>/", views.study_export_take, name="study-export-take"),
    path("studies/<slug:slug>/import/", views.study_import, name="study-import"),
    path("studies/<slug:slug>/compare/", compare_views.compare, name="compare"),
    path("studies/<slug:slug>/compare/codes/", compare_views.codes, name="compare-codes"),
    path("studies/<slug:slug>/compare/notes/", compare_views.notes, name="compare-notes"),
    path("studies/<slug:slug>/compare/<slug:table>.<slug:extension>", compare_views.download, name="compare-download"),
    path("studies/<slug:slug>/notes/", views.notes, name="notes"),
    path("studies/<slug:slug>/notes/<int:note_id>/", views.note, name="note"),
    path("adjudicate/", panel_views.adjudicate, name="adjudicate"),
    path("adjudicate/<slug:slug>/", panel_views.settle_next, name="settle-next"),
    path("adjudicate/<slug:slug>/<int:note_id>/", panel_views.settle, name="settle"),
    path("leaderboard/", compare_views.leaderboard, name="leaderboard"),
    path("runs/<int:run_id>/", views.run, name="run"),
    path("runs/<int:run_id>/retry/", views.run_retry, name="run-retry"),
]
