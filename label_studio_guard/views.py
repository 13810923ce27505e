"""The guard's own pages: signing in with a ticket, and what our site asks for with the secret."""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

from django.contrib.auth import login as start_session
from django.contrib.sessions.models import Session
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.http import require_GET, require_POST
from organizations.models import Organization
from projects.models import Project
from rest_framework.authtoken.models import Token
from tasks.models import Task
from users.models import User

from label_studio_guard import custody
from label_studio_guard.ownership import name_coder, project_access
from label_studio_guard.token import (
    GUARD_HEADER,
    AdminTicket,
    Ticket,
    TokenError,
    verify,
    verify_admin,
)
from label_studio_guard.typed_settings import settings

log = logging.getLogger(__name__)
TRIES = 3
"""How often a change is tried where the database is busy."""
PAGE = Path(__file__).with_name("page")
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


class Refused(Exception):
    """The guard will not do what our site asks for; the answer has this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def with_secret(
    act: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[[HttpRequest], HttpResponse]:
    """A decorator: a view for our site alone, which sends JSON and the secret and gets JSON."""

    @require_POST
    @wraps(act)
    def view(request: HttpRequest) -> HttpResponse:
        return our_site_alone(request, lambda data: _in_turn(lambda: act(data)))

    return view


def our_site_alone(
    request: HttpRequest, act: Callable[[dict[str, Any]], dict[str, Any]]
) -> HttpResponse:
    """What `act` answers to the request's JSON; 403 to whoever does not have the secret."""
    given = request.headers.get(GUARD_HEADER, "")
    if not hmac.compare_digest(given.encode(), settings.CODERBENCH_GUARD_SECRET.encode()):
        return JsonResponse({"detail": "The guard's secret is missing or wrong."}, status=403)
    try:
        return JsonResponse(act(json.loads(request.body)))
    except Refused as refusal:
        return JsonResponse({"detail": str(refusal)}, status=refusal.status)


def _in_turn(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do it in one transaction; try again where the database is busy with others for too long."""
    for _ in range(TRIES - 1):
        try:
            with transaction.atomic():
                return act()
        except OperationalError:
            log.warning("the database was busy; trying again")
            time.sleep(0.5)
    with transaction.atomic():
        return act()


@require_GET
def login(request: HttpRequest) -> HttpResponse:
    """Sign a coder in by a ticket of our site, and open the note that it names."""
    try:
        ticket = verify(settings.CODERBENCH_GUARD_SECRET, request.GET.get("token", ""))
        user = _ticket_user(ticket)
        spend(ticket)
    except TokenError as refusal:
        return _refuse_ticket(refusal, "queue/")
    _begin_session(request, user)
    note = f"/projects/{ticket.project}/data/?task={ticket.task}"
    return HttpResponseRedirect(note)


@require_GET
def login_admin(request: HttpRequest) -> HttpResponse:
    """Sign an admin in by a ticket of our site, and show the projects."""
    try:
        ticket = verify_admin(settings.CODERBENCH_GUARD_SECRET, request.GET.get("token", ""))
        user = _admin()
        spend(ticket)
    except (TokenError, Refused) as refusal:
        return _refuse_ticket(refusal, "")
    _begin_session(request, user)
    request.session[custody.PERSON] = ticket.user
    return HttpResponseRedirect("/projects/")


@require_GET
def page_file(request: HttpRequest, name: str) -> HttpResponse:
    """A script or the style of the coders' pages; our site's address is put in."""
    files = {file.name: file for file in PAGE.iterdir() if file.suffix in KINDS}
    if name not in files:
        return HttpResponse(status=404)
    text = files[name].read_text().replace('"SITE_URL"', json.dumps(settings.CODERBENCH_URL))
    response = HttpResponse(text, content_type=KINDS[files[name].suffix])
    response["Cache-Control"] = "no-cache"  # a new version of the page counts at once
    return response


@with_secret
def accounts(data: dict[str, Any]) -> dict[str, Any]:
    """The coder's account, made where there is none: {email, name} -> {id, token}.

    It never has a password.
    """
    email = User.objects.normalize_email(data["email"])
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email=email)
    _must_be_coder(user)
    organization = Organization.objects.order_by("pk").first()
    organization.add_user(user)
    user.first_name = data["name"]
    user.username = email
    user.active_organization = organization
    user.save(update_fields=["first_name", "username", "active_organization"])
    token, _ = Token.objects.get_or_create(user=user)
    return {"id": user.pk, "token": token.key}


@with_secret
def projects(data: dict[str, Any]) -> dict[str, Any]:
    """Name the one coder of a project: {project, email, open} -> {}.

    With open=false the coder can look, not answer.
    """
    project = Project.objects.filter(pk=data["project"]).first()
    if project is None:
        raise Refused(404, f"there is no project {int(data['project'])}")
    name_coder(project, _coder(data["email"]), bool(data["open"]))
    return {}


@with_secret
def find_project(data: dict[str, Any]) -> dict[str, Any]:
    """Find a project by the mark in its description: {mark} -> {project}, its id or null."""
    found = Project.objects.filter(description=str(data["mark"])).order_by("pk")
    return {"project": found.values_list("pk", flat=True).first()}


@with_secret
def end_sessions(data: dict[str, Any]) -> dict[str, Any]:
    """End every session of a coder: {email, active} -> {}.

    With active=false the account is closed, for its token too.
    """
    user = _coder(data["email"])
    # Sessions are signed cookies with a hash of the password in them: a new (unusable) password
    # ends them all.
    user.set_unusable_password()
    user.is_active = bool(data["active"])
    user.save(update_fields=["password", "is_active"])
    return {}


@with_secret
def end_admin_sessions(data: dict[str, Any]) -> dict[str, Any]:
    """End every session of the administrator's account: {} -> {}. Its token, our site's, stays."""
    user = _admin()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return {}


@with_secret
def openings(data: dict[str, Any]) -> dict[str, Any]:
    """Who opened which note: {taken} -> {openings}. Those that are named as taken are forgotten."""
    return custody.openings(data)


def _admin() -> Any:
    """The account that all admins of our site share: the one of the server's first start."""
    email = settings.CODERBENCH_ADMIN_EMAIL
    user = User.objects.filter(email__iexact=email, is_superuser=True, is_active=True).first()
    if user is None:
        raise Refused(404, "there is no administrator's account")
    return user


def _coder(email: str) -> Any:
    """The account of a coder. Raises Refused where there is none, or it is an administrator's."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise Refused(404, "there is no such account")
    _must_be_coder(user)
    return user


def _must_be_coder(user: Any) -> None:
    if user.is_superuser or user.is_staff:
        raise Refused(409, "this is an administrator's account")


def _ticket_user(ticket: Ticket) -> Any:
    """The coder whom a ticket names. Raises TokenError where the note is not this coder's."""
    coders = User.objects.filter(is_active=True, is_superuser=False)
    user = coders.filter(email__iexact=ticket.email).first()
    if user is None or project_access(ticket.project, user) is None:
        raise TokenError("the ticket names no active coder of this project")
    if not Task.objects.filter(pk=ticket.task, project_id=ticket.project).exists():
        raise TokenError("the ticket names no note of this project")
    return user


def _begin_session(request: HttpRequest, user: Any) -> None:
    """Sign in, and note when: a session lasts a working day from then on."""
    start_session(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session["last_login"] = datetime.now(UTC).timestamp()


def spend(ticket: Ticket | AdminTicket) -> None:
    """Store the ticket's nonce. Raises TokenError where it is there: the ticket was used before.

    Sessions are cookies here, so the table of sessions is unused; its key is unique.
    """
    now = datetime.now(UTC)
    Session.objects.filter(expire_date__lt=now).delete()
    key = f"ticket{ticket.nonce}"
    expires = datetime.fromtimestamp(ticket.expires, UTC)
    try:
        with transaction.atomic():
            Session.objects.create(session_key=key, session_data="", expire_date=expires)
    except IntegrityError as error:
        raise TokenError("the ticket has been used") from error


def _refuse_ticket(refusal: Exception, way_back: str) -> HttpResponse:
    """A page that says why nobody was signed in, with a link to `way_back` on our site."""
    log.warning("guard refused a ticket: %s", refusal)
    address = f"{settings.CODERBENCH_URL}/{way_back}"
    page = (
        '<!doctype html><meta charset="utf-8"><title>Sign in again</title>'
        f"<p>You are not signed in: {refusal}.</p>"
        f'<p><a href="{address}">Back to Coderbench</a></p>'
    )
    return HttpResponse(page, status=403)
