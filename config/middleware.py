"""What is done to every request: the content security policy, and whose address a failed log-in counts for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def client_address(request: HttpRequest) -> str:
    """The browser's address: behind our proxy the last one it names, else the connection's."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")


STRICT = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
WITH_INLINE_STYLE = STRICT + "; style-src 'self' 'unsafe-inline'"
API_EXPLORER = WITH_INLINE_STYLE + "; script-src 'self' 'unsafe-inline'"


def policy_for(path: str) -> str:
    """The API explorer (swagger-ui) starts from an inline script; no other page may have one."""
    return API_EXPLORER if path == "/api/v1/schema/ui/" else WITH_INLINE_STYLE


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path))
        return response

    return middleware
