"""Who may do what, in one place, for pages and API alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from annotation.models import Role, Study, User
from annotation.selectors import may_see_reference

LONGEST_NUMBER = 19
"""Digits; a database holds 18 of them."""
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


def whole(text: object) -> int:
    """A number that a form gave as text; -1, which no row has, where it is none.

    >>> whole("12"), whole("abc"), whole("9" * 30), whole(None)
    (12, -1, -1, -1)
    """
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < LONGEST_NUMBER else -1


class IsStaffRole(BasePermission):
    """Researchers and admins. Coders have no API: what they may know is on their queue."""

    message = "The API is for researchers and admins."

    def has_permission(self, request: Request, view: object) -> bool:
        return isinstance(request.user, User) and request.user.is_active and request.user.is_researcher


class IsAdminRole(BasePermission):
    message = "Only an admin may upload notes."

    def has_permission(self, request: Request, view: object) -> bool:
        return isinstance(request.user, User) and request.user.is_active and request.user.is_admin
