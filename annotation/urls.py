from django.urls import path

from annotation import study_life_views, study_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("queue/", views.queue, name="queue"),
    path("queue/next/", views.code_next_anywhere, name="code-next-anywhere"),
    path("queue/<slug:slug>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("queue/<slug:slug>/next/", views.code_next, name="code-next"),
    path("queue/reopen/<int:assignment_id>/", views.reopen, name="reopen"),
    path("label-studio/", views.label_studio_enter, name="label-studio-enter"),
    path("batches/", views.batches, name="batches"),
    path("studies/new/", study_views.study_new, name="study-new"),
    path("studies/<slug:slug>/edit/", study_views.study_edit, name="study-edit"),
    path("studies/<slug:slug>/discard/", study_views.study_discard, name="study-discard"),
    path("studies/<slug:slug>/open/", study_views.study_open_view, name="study-open"),
    path("studies/<slug:slug>/reassign/", study_life_views.study_reassign, name="study-reassign"),
    path("studies/<slug:slug>/close/", study_life_views.study_close_view, name="study-close"),
    path("studies/<slug:slug>/reopen/", study_life_views.study_reopen_view, name="study-reopen"),
    path("webhooks/label-studio/<int:project_id>/", views.label_studio_webhook, name="label-studio-webhook"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
