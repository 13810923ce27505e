"""The list of codes that the coding page searches and shows, with the search's tables: one file."""

from __future__ import annotations

import gzip

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotation.models import CodeSet
from annotation.selectors.code_search import list_for_browser, list_hash

KEPT_FOR_EVER = "private, max-age=31536000, immutable"
"""For the browser alone; config/middleware.py lets it through."""


def codes_url(code_set: CodeSet) -> str:
    """Address of the list's file. It changes with what is in the file, so browsers may keep it."""
    return reverse("desk-codes", args=[code_set.pk, list_hash(code_set)])


@require_GET
def desk_codes(request: HttpRequest, code_set_id: int, digest: str) -> HttpResponse:
    """The file. 401 without a log-in; 404 for a hash that is not the present one."""
    if not request.user.is_authenticated:
        return JsonResponse({"reason": "login", "detail": "your session has ended"}, status=401)
    code_set = get_object_or_404(CodeSet, pk=code_set_id)
    if digest != list_hash(code_set):
        return JsonResponse({"detail": "this list of codes has changed: reload"}, status=404)
    file = list_for_browser(code_set)
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(
        file if takes_gzip else gzip.decompress(file), content_type="application/json"
    )
    if takes_gzip:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = KEPT_FOR_EVER
    return answer
