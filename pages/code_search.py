"""Search in the whole code system, for the coding page and for others.

A query may be words of a patient's note: it comes in the body of a POST, which nothing logs, and
stands in no address and in no answer but as codes.
"""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from annotation.selectors.code_search import LONGEST_QUERY, search_system

LARGEST_BODY = 2_000
"""Bytes of a request; a query of 60 characters fits, however they are written."""


@require_POST
def code_search(request: HttpRequest) -> HttpResponse:
    """{query} -> {codes: [{code, title, kind, why, marks}]}, best first.

    401 without a log-in; 400 for a body that is none, and for a query that is too long.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"reason": "login", "detail": "your session has ended"}, status=401)
    query = _query(request)
    if query is None:
        words = f"a query of at most {LONGEST_QUERY} characters is wanted"
        return JsonResponse({"reason": "value", "detail": words}, status=400)
    found = []
    for hit in search_system(query):
        found.append(
            {
                "code": hit.code,
                "title": hit.title,
                "kind": hit.kind,
                "why": hit.why,
                "marks": hit.marks,
            }
        )
    return JsonResponse({"codes": found})


def _query(request: HttpRequest) -> str | None:
    """What is searched for; None where the body has no such thing."""
    raw = request.body
    try:
        body = json.loads(raw) if len(raw) <= LARGEST_BODY else None
    except (ValueError, RecursionError):
        return None
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, str) or len(query) > LONGEST_QUERY:
        return None
    return query
