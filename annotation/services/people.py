"""People and their log-ins."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from annotation.event_names import LEAVING_OWED, LEFT
from annotation.label_studio.client import SECONDS, LabelStudioDown, LabelStudioError
from annotation.models import Rater, Role, User
from annotation.selectors.asked import leavings_owed
from annotation.services.events import event_record
from annotation.services.workstation import leave_url, workstation

logger = logging.getLogger(__name__)

LEAVING_SECONDS = 5.0
"""How long a person who logs out waits for Label Studio. After that the log-out there is owed."""


@transaction.atomic
def user_create(
    *, username: str, password: str, role: Role, simulated: bool = False, **details: str
) -> User:
    """Create a person; a coder also becomes a rater. Raises ValidationError on bad values."""
    email = f"{username.lower()}@coderbench.invalid"
    user = User(username=username, email=email, role=role, **details)
    user.is_staff = role == Role.ADMIN
    user.is_superuser = role == Role.ADMIN
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
    """The rater of a coder, made where there is none: the role was given in the admin pages."""
    name = user.first_name or user.username
    if Rater.objects.filter(kind=Rater.Kind.CODER, name=name).exclude(user=user).exists():
        name = user.username
    rater, _ = Rater.objects.get_or_create(
        user=user, defaults={"kind": Rater.Kind.CODER, "name": name, "simulated": simulated}
    )
    return rater


def user_set_active(*, user: User, active: bool, actor: User | None) -> None:
    """Open or close a person's access, here and in Label Studio; closing ends all sessions at once.

    Label Studio comes first: where it cannot be reached LabelStudioError says so, and nothing has
    changed.
    """
    _workstation_access(user, active)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=active)
        if not active:
            sessions_end(user)
        verb = "user.activated" if active else "user.deactivated"
        event_record(actor=actor, verb=verb, object=f"user:{user.pk}")


@dataclass(frozen=True)
class Leaving:
    """How a log-out went in Label Studio.

    `address`: the page through which the coder's browser sends ticks that it still keeps; "" for
    people without an account there. `owed`: Label Studio did not answer, and will be told later.
    """

    address: str = ""
    owed: bool = False


def workstation_leave(*, user: User) -> Leaving:
    """End a person's sessions in Label Studio: who logs out here is logged out there too.

    Where Label Studio does not answer, a sweep or the person's next sign-in does it.
    """
    try:
        _workstation_access(user, True, seconds=LEAVING_SECONDS)
    except LabelStudioError as error:
        logger.warning(
            "user %s logged out here, in Label Studio as soon as it answers: %s", user.pk, error
        )
        event_record(actor=user, verb=LEAVING_OWED, object=f"user:{user.pk}")
        return Leaving(owed=True)
    if not _has_account(user):
        return Leaving()
    return Leaving(address=leave_url(user))


def workstation_leave_owed(user: User | None = None) -> int:
    """Do the log-outs that Label Studio could not be told of before. Returns how many.

    Without `user` everybody's. With `user` that person's alone, before a new sign-in, which the
    late log-out would end otherwise; raises LabelStudioError where it cannot be done.
    """
    done = 0
    for owing in leavings_owed():
        if user not in (None, owing):
            continue
        try:
            _workstation_access(owing, owing.is_active, seconds=LEAVING_SECONDS)
        except LabelStudioDown:
            if user is not None:
                raise
            break  # nor will it answer for the others
        except LabelStudioError:
            if user is not None:
                raise
            continue
        event_record(actor=None, verb=LEFT, object=f"user:{owing.pk}")
        done += 1
    return done


def _workstation_access(user: User, active: bool, seconds: float = SECONDS) -> None:
    """Close or open Label Studio for a coder, or a former one; end the sessions of an admin there.

    Admins share one account there, so all of them have to enter again, by the button on our site.
    """
    client = workstation(seconds)
    if user.is_admin:
        client.end_admin_sessions()
    if _has_account(user):
        client.set_session(user.email, active)


def _has_account(user: User) -> bool:
    """Whether the person is, or once was, a coder with notes in Label Studio."""
    return Rater.objects.filter(user=user, workspaces__account_id__isnull=False).exists()


def sessions_end(user: User) -> None:
    """End every session of a person on our site."""
    for session in Session.objects.filter(expire_date__gte=timezone.now()):
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
