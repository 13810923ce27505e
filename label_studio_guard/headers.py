"""The headers of every answer of Label Studio: browsers shall ask nobody else for anything."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from label_studio_guard.typed_settings import settings

# Label Studio's pages have inline scripts and styles; its editor compiles functions and starts
# workers from blobs.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data:",
        "worker-src 'self' blob:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

# The program itself, which browsers may keep. All the rest can show a note or an answer.
PROGRAM = (
    "/static/",
    "/react-app/",
    "/label-studio-frontend/",
    "/dm/",
    "/favicon.ico",
    "/sw.js",
    "/sw-fallback.js",
    "/guard/page/",
)
A_YEAR = 365 * 24 * 3600


class Headers:
    """The outermost middleware: content policy, no referrer for others, no kept copy of a note."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to the answer."""
        response = self.get_response(request)
        _keep_sessions_apart(request, response)
        del response["Content-Security-Policy-Report-Only"]
        response["Content-Security-Policy"] = POLICY
        # Not no-referrer: browsers then send forms with "Origin: null", which is refused as forged.
        response["Referrer-Policy"] = "same-origin"
        response["X-Content-Type-Options"] = "nosniff"
        if not request.path_info.startswith(PROGRAM):
            response["Cache-Control"] = "no-store"
        if settings.SERVED_OVER_HTTPS:
            response["Strict-Transport-Security"] = f"max-age={A_YEAR}"
        return response


def _keep_sessions_apart(request: HttpRequest, response: HttpResponse) -> None:
    """Give no session to anybody who is not signed in.

    Label Studio numbers every visitor in the session, which is a cookie. The answer to a request
    that was on its way when its sender signed in would replace the cookie of the new session.
    """
    session = getattr(request, "session", None)
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    if session is None or cookie is None or not cookie.value:  # an empty one takes a session away
        return
    if SESSION_KEY not in session:
        del response.cookies[settings.SESSION_COOKIE_NAME]
