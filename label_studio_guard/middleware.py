"""The walls in front of every view of Label Studio.

They find out who asks, what the table (`walls`) says, and whether the objects are the coder's own.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from jwt_auth.auth import TokenAuthenticationPhaseout
from rest_framework.exceptions import AuthenticationFailed

from label_studio_guard.answer import Forged, ids_in
from label_studio_guard.custody import openings_recorded
from label_studio_guard.faster import remember_label_configs
from label_studio_guard.ownership import people, project_access, with_parents
from label_studio_guard.typed_settings import settings
from label_studio_guard.walls import SAFE, Decision, Role, Verdict, decide, merge, session_lasts

log = logging.getLogger(__name__)
STYLE = b'<link rel="stylesheet" href="/guard/page/page.css">'
SCRIPT = b'<script type="module" src="/guard/page/main.js"></script>'


NOT_RECORDED = "Not shown: who opens a note is recorded, and that could not be written down."


class Walls:
    """The innermost middleware: Label Studio's own have read the session before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        remember_label_configs()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse the request, send the browser to our site, or let the request through."""
        try:
            user = _caller(request)
        except AuthenticationFailed:
            return _refuse(request, "the token is not valid here")
        refusal = _refusal(request, user)
        if refusal:
            return refusal
        response = self.get_response(request)
        if _is_person(request, user) and not openings_recorded(request, response, user):
            return JsonResponse({"detail": NOT_RECORDED}, status=503)
        return _with_script(response, user)


def _caller(request: Any) -> Any:
    """The account that asks: that of the token if one is sent, else that of the session, or None.

    Raises AuthenticationFailed where the two are different accounts.
    """
    by_token = TokenAuthenticationPhaseout().authenticate(request)
    session_user = _session_user(request)
    if not by_token:
        return session_user
    token_user, _ = by_token
    if session_user and session_user.pk != token_user.pk:
        raise AuthenticationFailed
    return token_user


def _session_user(request: Any) -> Any:
    """The account of the session, if a ticket began it and it is not over; else None.

    A JSON web token is no way in.
    """
    if not request.user.is_authenticated or getattr(request, "is_jwt", False):
        return None
    if not session_lasts(request.session.get("last_login"), time.time()):
        return None
    return request.user


def _is_person(request: Any, user: Any) -> bool:
    """Whether a person gets the answer. The administrator's token is our own site's alone."""
    if user is None:
        return False
    return not user.is_superuser or _session_user(request) is not None


def _role(user: Any) -> Role:
    if user is None:
        return Role.NOBODY
    if user.is_superuser:
        return Role.ADMIN
    return Role.CODER


def _refusal(request: Any, user: Any) -> HttpResponse | None:
    """The answer to a request that may not pass, or None where it may."""
    sender = request.headers.get("Sec-Fetch-Site", "none")
    if request.method not in SAFE and sender not in {"same-origin", "none"}:
        return _refuse(request, "sent by another site")
    role = _role(user)
    found = decide(request.method, request.path_info, dict(request.GET.lists()), role)
    if found.verdict is Verdict.HOME:
        return _to_our_site()
    if found.verdict is Verdict.STAND_IN:
        return _stand_in(request, user)
    if found.verdict is Verdict.DENY:
        if role is Role.NOBODY and _is_page(request):
            return _to_our_site()
        return _refuse(request, "not open to this account")
    if role is Role.ADMIN and _fetches(request):
        return _refuse(request, "Label Studio fetches nothing from outside")
    if role is Role.CODER:
        return _coder_refusal(request, user, found)
    return None


def _to_our_site() -> HttpResponse:
    return HttpResponseRedirect(f"{settings.CODERBENCH_URL}/queue/")


def _stand_in(request: Any, user: Any) -> HttpResponse:
    """The guard's own answer, where the page needs one that must not be Label Studio's."""
    if request.path_info.startswith("/api/users"):
        return JsonResponse(people(user), safe=False)
    return JsonResponse([], safe=False)


def _coder_refusal(request: Any, user: Any, found: Decision) -> HttpResponse | None:
    """The answer to a coder's request that may not pass, or None where it may.

    Every id in path, query and body must be the coder's own, and all of them about one note.
    """
    try:
        charset = request.content_params.get("charset", "")
        in_body = ids_in(request.body, request.content_type, charset, found.body)
    except Forged as forged:
        return _refuse(request, str(forged))
    foreign = "not this account's, or not of this note"
    named = merge(found.ids, in_body)
    if named is None:
        return _refuse(request, foreign)
    objects = with_parents(named, user)
    if objects is None:
        return _refuse(request, foreign)
    if "project" not in objects:
        return None
    access = project_access(objects["project"], user)
    if access is None:
        return _refuse(request, "not this account's project")
    if found.writes and not access:
        return _refuse(request, "the study is closed")
    return None


def _fetches(request: Any) -> bool:
    """Whether the server would fetch something: it does for an import by URL.

    Our own imports send a list of tasks.
    """
    if "import" not in request.path_info or request.method in SAFE:
        return False
    if request.content_type == "application/json":
        sent = _json(request)
    else:
        sent = request.POST
    if not sent or isinstance(sent, list):
        return False
    return "url" in sent


def _json(request: Any) -> Any:
    """The JSON of a body; None where it is none."""
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def _is_page(request: Any) -> bool:
    """Whether a browser asks for a page, not a script for data."""
    return request.method in SAFE and "text/html" in request.headers.get("Accept", "")


def _refuse(request: Any, reason: str) -> HttpResponse:
    """403 with the reason, which is logged too: neither has any word of a note."""
    log.warning("guard refused %s %s: %s", request.method, request.path_info, reason)
    return JsonResponse({"detail": f"Refused by the guard: {reason}."}, status=403)


def _with_script(response: HttpResponse, user: Any) -> HttpResponse:
    """Put our script (page/main.js) and style into a coder's page."""
    if not user or user.is_superuser:
        return response
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.content = response.content.replace(b"</head>", STYLE + SCRIPT + b"</head>", 1)
    return response
