"""The walls in front of every view of Label Studio: who asks, what the table says, and whether the object is his."""

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
from label_studio_guard.faster import remember_label_configs
from label_studio_guard.ownership import people, project_access, whole_line
from label_studio_guard.typed_settings import settings
from label_studio_guard.walls import SAFE, Decision, Role, Verdict, decide, merge, session_lasts

log = logging.getLogger(__name__)
STYLE = b'<link rel="stylesheet" href="/guard/page/page.css">'
SCRIPT = b'<script type="module" src="/guard/page/main.js"></script>'


class Walls:
    """Innermost middleware: Label Studio's own have read the session by now."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        remember_label_configs()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse, send to our site, or let through."""
        try:
            user = _caller(request)
        except AuthenticationFailed:
            return _refuse(request, "the token is not valid here")
        refusal = _refusal(request, user)
        return refusal or _with_script(self.get_response(request), user)


def _caller(request: Any) -> Any:
    """The account that acts: of the token if one is sent, else of the session. Two different ones are refused."""
    by_token = TokenAuthenticationPhaseout().authenticate(request)
    session_user = _session_user(request)
    if by_token and session_user and by_token[0].pk != session_user.pk:
        raise AuthenticationFailed
    return by_token[0] if by_token else session_user


def _session_user(request: Any) -> Any:
    """Whose session it is, if a ticket began it and it lasts. A JSON web token is no way in."""
    if not request.user.is_authenticated or getattr(request, "is_jwt", False):
        return None
    return request.user if session_lasts(request.session.get("last_login"), time.time()) else None


def _refusal(request: Any, user: Any) -> HttpResponse | None:
    """The answer that keeps this request out, or None when it may pass."""
    sender = request.headers.get("Sec-Fetch-Site", "none")
    if request.method not in SAFE and sender not in {"same-origin", "none"}:
        return _refuse(request, "sent by another site")
    role = Role.NOBODY if user is None else Role.ADMIN if user.is_superuser else Role.CODER
    found = decide(request.method, request.path_info, dict(request.GET.lists()), role)
    if found.verdict is Verdict.HOME or (
        found.verdict is Verdict.DENY and role is Role.NOBODY and _is_page(request)
    ):
        return HttpResponseRedirect(f"{settings.CODERBENCH_URL}/queue/")
    if found.verdict is Verdict.STAND_IN:
        return JsonResponse(
            people(user) if request.path_info.startswith("/api/users") else [], safe=False
        )
    if found.verdict is Verdict.DENY:
        return _refuse(request, "not open to this account")
    if role is Role.ADMIN:
        return (
            _refuse(request, "Label Studio fetches nothing from outside")
            if _fetches(request)
            else None
        )
    return _coder_refusal(request, user, found) if role is Role.CODER else None


def _coder_refusal(request: Any, user: Any, found: Decision) -> HttpResponse | None:
    """Every id of path, query and body must be the coder's own, and all of them about one note."""
    try:
        charset = request.content_params.get("charset", "")
        in_body = ids_in(request.body, request.content_type, charset, found.body)
    except Forged as forged:
        return _refuse(request, str(forged))
    named = merge(found.ids, in_body)
    line = None if named is None else whole_line(named, user)
    if line is None:
        return _refuse(request, "not this account's, or not of this note")
    if "project" not in line:
        return None
    access = project_access(line["project"], user)
    if access is None:
        return _refuse(request, "not this account's project")
    return _refuse(request, "the study is closed") if found.writes and not access else None


def _fetches(request: Any) -> bool:
    """Importing by URL makes the server fetch it; our own pushes send a list of tasks."""
    if "import" not in request.path_info or request.method in SAFE:
        return False
    sent = _json(request) if request.content_type == "application/json" else request.POST
    return not isinstance(sent, list) and "url" in (sent or {})


def _json(request: Any) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def _is_page(request: Any) -> bool:
    return request.method in SAFE and "text/html" in request.headers.get("Accept", "")


def _refuse(request: Any, reason: str) -> HttpResponse:
    log.warning("guard refused %s %s: %s", request.method, request.path_info, reason)
    return JsonResponse({"detail": f"Refused by the guard: {reason}."}, status=403)


def _with_script(response: HttpResponse, user: Any) -> HttpResponse:
    """Coders' pages get the way back to our queue and the Enter stop."""
    if (
        user
        and not user.is_superuser
        and response.headers.get("Content-Type", "").startswith("text/html")
    ):
        response.content = response.content.replace(b"</head>", STYLE + SCRIPT + b"</head>", 1)
    return response
