"""What is done to every request: the content security policy, what browsers may keep, values that no database holds,
and whose address a failed log-in counts for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from django.conf import settings
from django.core.exceptions import BadRequest, ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.services.events import proxy_noticed
from annotation.unstorable import unstorable

Answer = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str:
    """The browser's address: behind our proxy the last one it names, else the connection's."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    last = forwarded.rsplit(",", 1)[-1].strip()
    return last if is_address(last) else request.META.get("REMOTE_ADDR", "")


def counted_name(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """Whose failed log-in it is: wrong passwords of scripts on the API lock the API, not the log-in page."""
    given = credentials if credentials else request.POST
    name = str(given.get("username", ""))
    return f"api: {name}" if request.path.startswith("/api/") else name


def notice_proxy(get_response: Answer) -> Answer:
    """Say once where a proxy names the browsers' addresses and nobody told this site so: all of them would share one
    lock of failed log-ins. `doctor` reads the event."""
    noticed: date | None = None

    def middleware(request: HttpRequest) -> HttpResponse:
        nonlocal noticed
        unnamed = not settings.BEHIND_PROXY and "HTTP_X_FORWARDED_FOR" in request.META
        if unnamed and noticed != date.today():
            noticed = date.today()
            proxy_noticed()
        return get_response(request)

    return middleware


def is_address(text: str) -> bool:
    try:
        validate_ipv46_address(text)
    except ValidationError:
        return False
    return True


STRICT = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
WITH_INLINE_STYLE = STRICT + "; style-src 'self' 'unsafe-inline'"
API_EXPLORER = WITH_INLINE_STYLE + "; script-src 'self' 'unsafe-inline'"


def policy_for(path: str) -> str:
    """The API explorer (swagger-ui) starts from an inline script; no other page may have one."""
    return API_EXPLORER if path == "/api/v1/schema/ui/" else WITH_INLINE_STYLE


def content_security_policy(get_response: Answer) -> Answer:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path))
        return response

    return middleware


def no_store(get_response: Answer) -> Answer:
    """No browser or proxy keeps an answer: any may show a note's text or a coding. Static files are served before this
    and are kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


class RefuseUnstorable:
    """A value that the database cannot hold is the asker's mistake: 400 with words, not 500."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return _bad(request, unstorable(ValueError("NUL")))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        words = str(error) if isinstance(error, BadRequest) else unstorable(error)
        return _bad(request, words) if words else None


def _bad(request: HttpRequest, words: str) -> HttpResponse:
    return render(request, "400.html", {"words": words}, status=400)
