"""Logging out of Label Studio, through a page that sends ticks which the browser still keeps.

Our site ends every session of the coder first, then sends the browser here with a ticket, which
begins a last session of two minutes. Who does not arrive, or walks away from this page, is logged
out all the same.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.html import escape
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from users.models import User
from users.views import logout as label_studio_logout

from label_studio_guard.token import LEAVING, TokenError, verify
from label_studio_guard.typed_settings import settings
from label_studio_guard.views import spend
from label_studio_guard.walls import SESSION_SECONDS

SECONDS = 120
"""How long the last session lasts."""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Logging out</title>
<link rel="stylesheet" href="/guard/page/page.css">
<body data-user="{user}" data-back="{back}">
<p role="status">Logging out: sending what is not saved yet …</p>
<p><a href="{back}">Go on without waiting</a></p>
<script type="module" src="/guard/page/leave.js"></script>
</body>
</html>
"""


@require_GET
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """The page, for a coder with a ticket of our site's log-out, or who is signed in here.

    Others are logged out already, and are sent back.
    """
    back = f"{settings.CODERBENCH_URL}/queue/"
    if "token" in request.GET:
        back = f"{settings.CODERBENCH_URL}/login/"
        try:
            _start_last_session(request)
        except TokenError:
            return HttpResponseRedirect(back)
    if not request.user.is_authenticated or request.user.is_superuser:
        return HttpResponseRedirect(back)
    return HttpResponse(PAGE.format(user=request.user.pk, back=escape(back)))


@require_POST
def left(request: HttpRequest) -> JsonResponse:
    """End every session of the coder: the page has sent what it could.

    Taking the cookie away is not enough, for an answer that is still on its way to the browser
    brings it back. A session holds a hash of the password, so a new (unusable) password ends it.
    """
    user = request.user
    if user.is_authenticated and not user.is_superuser:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    end_session(request)
    return JsonResponse({})


def logout(request: HttpRequest) -> HttpResponse:
    """Label Studio's own log-out, which sends a coder to the page."""
    if request.user.is_authenticated and not request.user.is_superuser:
        return HttpResponseRedirect("/guard/leave")
    response: HttpResponse = label_studio_logout(request)
    return response


def _start_last_session(request: HttpRequest) -> None:
    """Sign the coder in by the ticket, for SECONDS. Raises TokenError.

    The session is dated back: it ends a working day after its beginning, as all do.
    """
    ticket = verify(settings.CODERBENCH_GUARD_SECRET, request.GET["token"], audience=LEAVING)
    coders = User.objects.filter(is_active=True, is_superuser=False)
    user = coders.filter(email__iexact=ticket.email).first()
    if user is None:
        raise TokenError("the ticket names no active coder")
    spend(ticket)
    start_session(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session["last_login"] = datetime.now(UTC).timestamp() - SESSION_SECONDS + SECONDS
