"""People and their log-ins."""

from __future__ import annotations

import logging

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from annotation.label_studio import LabelStudioError
from annotation.models import Rater, Role, User
from annotation.services.events import event_record
from annotation.services.workstation import leave_url, workstation

logger = logging.getLogger(__name__)


@transaction.atomic
def user_create(*, username: str, password: str, role: Role, simulated: bool = False, **details: str) -> User:
    """A person; a coder also becomes a rater of the same name. Raises ValidationError on bad values."""
    user = User(username=username, email=f"{username.lower()}@coderbench.invalid", role=role, **details)
    user.is_staff = user.is_superuser = role == Role.ADMIN
    user.first_name = user.first_name or username.capitalize()
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    if role == Role.CODER:
        rater_ensure(user=user, simulated=simulated)
    event_record(actor=None, verb="user.created", object=f"user:{user.pk}", role=str(role))
    return user


def rater_ensure(*, user: User, simulated: bool = False) -> Rater:
    """The rater that a coder is; made when the person was given the role in the admin pages."""
    name = user.first_name or user.username
    if Rater.objects.filter(kind=Rater.Kind.CODER, name=name).exclude(user=user).exists():
        name = user.username
    rater, _ = Rater.objects.get_or_create(
        user=user, defaults={"kind": Rater.Kind.CODER, "name": name, "simulated": simulated}
    )
    return rater


def user_set_active(*, user: User, active: bool, actor: User | None) -> None:
    """Open or close a person's access, here and in Label Studio; closing ends the sessions of both at once.

    Label Studio comes first: when it cannot be reached nothing changes and the error says so.
    """
    _workstation_access(user, active)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=active)
        if not active:
            sessions_end(user)
        event_record(actor=actor, verb="user.activated" if active else "user.deactivated", object=f"user:{user.pk}")


def workstation_leave(*, user: User) -> str | None:
    """End a coder's sessions in Label Studio: logging out here is logging out there.

    Gives the address where the coder's browser sends what it still keeps of ticks; None for people without an account
    there. Raises LabelStudioError when Label Studio does not answer.
    """
    if not _has_account(user):
        return None
    try:
        workstation().set_session(user.email, True)
    except LabelStudioError as error:
        logger.warning("user %s logged out here, but not in Label Studio: %s", user.pk, error)
        raise
    return leave_url(user)


def _workstation_access(user: User, active: bool) -> None:
    """Close or open Label Studio for a person who has an account there."""
    if _has_account(user):
        workstation().set_session(user.email, active)


def _has_account(user: User) -> bool:
    """Whether the person is, or once was, a coder with notes in Label Studio."""
    return Rater.objects.filter(user=user, workspaces__account_id__isnull=False).exists()


def sessions_end(user: User) -> None:
    for session in Session.objects.filter(expire_date__gte=timezone.now()):
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
