"""The guard's own addresses; whatever is not among them is Label Studio's."""

from __future__ import annotations

from django.urls import include, path, re_path

from label_studio_guard import leave, purge, views
from label_studio_guard.answers import OneAnswer, OneDraft, SeenAnswer

urlpatterns = [
    path("guard/login", views.login),
    path("guard/admin", views.login_admin),
    path("guard/page/<str:name>", views.page_file),
    path("guard/leave", leave.leave),
    path("guard/left", leave.left),
    path("guard/accounts", views.accounts),
    path("guard/projects", views.projects),
    path("guard/find-project", views.find_project),
    path("guard/openings", views.openings),
    path("guard/end-sessions", views.end_sessions),
    path("guard/end-admin-sessions", views.end_admin_sessions),
    path("guard/forget", purge.forget),
    path("guard/clean", purge.clean_pages),
    # These replace Label Studio's own views of the same addresses.
    re_path("^logout/?$", leave.logout),
    path("api/tasks/<int:pk>/annotations/", OneAnswer.as_view()),
    path("api/tasks/<int:pk>/drafts", OneDraft.as_view()),
    path("api/tasks/<int:pk>/annotations/<int:annotation_id>/drafts", OneDraft.as_view()),
    path("api/annotations/<int:pk>/", SeenAnswer.as_view()),
    path("", include("core.urls")),
]
