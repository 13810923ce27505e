"""Who may open which page, and whose results."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from annotation.models import Role, Study
from annotation.selectors.studies import may_see_reference

View = Callable[..., HttpResponse]


def roles(*allowed: Role) -> Callable[[View], View]:
    """Let these roles in; admins always. Others get 403, people who are not logged in the log-in page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not (request.user.is_admin or request.user.role in allowed):
                raise PermissionDenied("this page is not for your role")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def visible_study(request: HttpRequest, slug: str) -> Study:
    """The study, for those who may see results; a coder of it gets 403 while it is open."""
    study = get_object_or_404(Study.objects.select_related("batch", "code_set", "reference"), slug=slug)
    if not may_see_reference(request.user, study):
        raise PermissionDenied("this study is open and you code in it: its results stay hidden until it closes")
    return study
