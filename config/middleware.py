"""The content security policy: pages load nothing from anywhere but this site."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
