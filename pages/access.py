"""Who may open which page, and who may see which study's results."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from annotation.models import Role, Study, User
from annotation.selectors.studies import may_see_reference


class AuthedRequest(HttpRequest):
    """For types alone: a request of somebody who is logged in. Views behind `roles` get it."""

    user: User
    htmx: HtmxDetails
    """Put there by django_htmx's middleware."""


Given = ParamSpec("Given")
Page = Callable[Concatenate[AuthedRequest, Given], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]


def roles(*allowed: Role) -> Callable[[Page[Given]], Guarded[Given]]:
    """A decorator that lets these roles into a page, and admins always.

    People with other roles get 403, people who are not logged in the log-in page.
    """

    def decorate(page: Page[Given]) -> Guarded[Given]:
        @wraps(page)
        def guarded(
            request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not has_role(request.user, *allowed):
                raise PermissionDenied("this page is not for your role")
            return page(cast(AuthedRequest, request), *args, **kwargs)

        return guarded

    return decorate


def has_role(user: User, *allowed: Role) -> bool:
    """Whether a person has one of these roles; admins may do what everybody may."""
    return user.is_admin or user.role in allowed


def visible_study(request: AuthedRequest, slug: str) -> Study:
    """The study, for people who may see its results; its coders get 403 until it is closed."""
    studies = Study.objects.select_related("batch", "code_set", "reference")
    study = get_object_or_404(studies, slug=slug)
    if not may_see_reference(request.user, study):
        raise PermissionDenied(
            "this study is open and you code in it: its results stay hidden until it closes"
        )
    return study
