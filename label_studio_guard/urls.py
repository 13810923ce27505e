"""The guard's own pages in front of all of Label Studio's."""

from __future__ import annotations

from django.urls import include, path

from label_studio_guard import views

urlpatterns = [
    path("guard/login", views.login),
    path("guard/admin", views.login_admin),
    path("guard/page.js", views.page_script),
    path("guard/accounts", views.accounts),
    path("guard/projects", views.projects),
    path("guard/find-project", views.find_project),
    path("guard/end-sessions", views.end_sessions),
    path("guard/end-admin-sessions", views.end_admin_sessions),
    path("", include("core.urls")),
]
