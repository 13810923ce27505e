"""What is done to every request and answer.

The content security policy, what browsers may keep, values that no database can hold; and the
address and name that failed log-ins are counted by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from django.conf import settings
from django.core.exceptions import BadRequest, ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from annotation.services.custody import NotRecordedError
from annotation.services.events import proxy_noticed
from annotation.unstorable import unstorable
from annotation.uploaded import refusal
from files.problems import refused
from files.source import over_limit

Answer = Callable[[HttpRequest], HttpResponse]
BESIDES_THE_FILE = 2**20
"""Bytes that a form may have besides its file."""


def client_address(request: HttpRequest) -> str:
    """The browser's address: behind our proxy the last one that the proxy names, else the sender's.

    Only the last one is the proxy's own word; those before it a browser can make up.
    """
    sender: str = request.META.get("REMOTE_ADDR", "")
    if not settings.BEHIND_PROXY:
        return sender
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    last = forwarded.rsplit(",", 1)[-1].strip()
    if is_address(last):
        return last
    return sender


def counted_name(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """The name that a failed log-in is counted for.

    The API counts apart: wrong passwords of a script lock the API, not the person's log-in page.
    """
    given = credentials or request.POST
    name = str(given.get("username", ""))
    if request.path.startswith("/api/"):
        return f"api: {name}"
    return name


def notice_proxy(get_response: Answer) -> Answer:
    """Record, once a day, that a proxy stands before the site and the settings do not say so.

    All browsers would then seem to have the proxy's address, and share one count of failed
    log-ins. The command `doctor` reads the event.
    """
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


STRICT = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
WITH_INLINE_STYLE = STRICT + "; style-src 'self' 'unsafe-inline'"
API_EXPLORER = WITH_INLINE_STYLE + "; script-src 'self' 'unsafe-inline'"


def policy_for(path: str) -> str:
    """The content security policy of a page. Only the API explorer may have an inline script."""
    if path == "/api/v1/schema/ui/":
        return API_EXPLORER
    return WITH_INLINE_STYLE


def content_security_policy(get_response: Answer) -> Answer:
    """Give every answer a content security policy, unless its page has set one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path))
        return response

    return middleware


def no_store(get_response: Answer) -> Answer:
    """Forbid browsers and proxies to keep an answer: it may show a note's text or a coding.

    Static files are served before this middleware, and may be kept; so may an answer that says
    itself that it is immutable: its address changes with what is in it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "immutable" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


def refuse_too_large(get_response: Answer) -> Answer:
    """Answer 413 to a request that is larger than any upload may be, without reading it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) <= settings.UPLOAD_LIMIT + BESIDES_THE_FILE:
            return get_response(request)
        words = over_limit(settings.UPLOAD_LIMIT)
        if request.path.startswith("/api/"):
            return JsonResponse(refusal(refused(words)), status=413)
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"error": words}, status=413)
        return render(request, "413.html", {"words": words}, status=413)

    return middleware


class RefuseUnstorable:
    """Answer 400, not 500, to a request with a value that the database cannot hold."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return _bad(request, unstorable(ValueError("NUL")))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """400 for such a value, or where a page says so itself; other errors go their way."""
        if isinstance(error, BadRequest):
            words = str(error)
        else:
            words = unstorable(error)
        if not words:
            return None
        return _bad(request, words)


class NotShown:
    """Answer 503 where a note is not shown because who opens it could not be recorded."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, NotRecordedError):
            return None
        return render(request, "503.html", status=503)


def _bad(request: HttpRequest, words: str) -> HttpResponse:
    """The page of a 400, which says what was wrong."""
    return render(request, "400.html", {"words": words}, status=400)
