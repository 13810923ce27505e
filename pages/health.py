"""Addresses for other programs: whether the site is up, and Label Studio's webhook."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from annotation.label_studio.client import WEBHOOK_HEADER
from annotation.services.workstation import workstation
from annotation.tasks import poke
from annotation.work_queue import quick_connection, redis_client


@csrf_exempt
@require_POST
def label_studio_webhook(request: HttpRequest, project_id: int) -> HttpResponse:
    """Label Studio says that an answer of this project has changed. The body is not read."""
    given = request.headers.get(WEBHOOK_HEADER, "").encode()
    secret = settings.WEBHOOK_SECRET.encode()
    if not secret or not secrets.compare_digest(given, secret):
        raise PermissionDenied("wrong webhook secret")
    poke(project_id)
    return HttpResponse(status=204)


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether this process answers: always 200."""
    return JsonResponse({"status": "ok"})


@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether every part that the site needs answers; 503 names those that do not."""
    checks = {"database": _database, "redis": _redis, "label_studio": workstation().health}
    states = {name: _state(check) for name, check in checks.items()}
    if all(state == "ok" for state in states.values()):
        return JsonResponse({"status": "ok", **states})
    return JsonResponse({"status": "not ready", **states}, status=503)


def _state(check: Callable[[], None]) -> str:
    """ok, or the kind of the error that the check ends in."""
    try:
        check()
    except Exception as error:
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    with quick_connection() as queue:
        redis_client(queue).ping()
