"""Addresses of before that lead to where their pages are now, with what they asked for."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

RENAMED = {"rater": "a"}
SHOW = {
    "missed": "missed-a",
    "added": "added-a",
    "agreed": "found-a",
    "given": "given-a",
}
"""What a list of notes was called -> what it is called now."""


@require_GET
def moved(request: HttpRequest, to: str, **kwargs: object) -> HttpResponsePermanentRedirect:
    """Where the page of that name is now."""
    asked = {}
    for name, value in request.GET.items():
        if name == "show":
            value = SHOW.get(str(value), value)
        asked[RENAMED.get(name, name)] = value
    address = reverse(to, kwargs=kwargs)
    if asked:
        address = f"{address}?{urlencode(asked)}"
    return HttpResponsePermanentRedirect(address)
