"""Signed tickets, which take people from our site into Label Studio. Good for 60 seconds, once.

A ticket is for one purpose (its audience): a coder's opens one note, an admin's the projects, a
log-out's the page that sends unsaved ticks. It is base64url(payload).base64url(HMAC-SHA256). Label
Studio writes whole addresses to its log, so a ticket must be worthless once it was used: the guard
stores its nonce. Both sites import this file; it needs the standard library alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

AUDIENCE = "label-studio"
ADMIN_AUDIENCE = "label-studio admin"
LEAVING = "label-studio: log out"
GUARD_HEADER = "X-Coderbench-Guard"
LIFETIME = 60
"""Seconds."""


class TokenError(ValueError):
    """The ticket does not count; the message says why and names nobody."""


@dataclass(frozen=True)
class Ticket:
    """A coder's ticket, to the note (`task`) that it opens."""

    email: str
    project: int
    task: int
    nonce: str
    expires: int
    """Seconds since 1970."""


@dataclass(frozen=True)
class AdminTicket:
    """An admin's ticket. Admins share one account in Label Studio."""

    user: int
    """The person's id on our site, for the record of who opened which note; 0: not told."""
    nonce: str
    expires: int
    """Seconds since 1970."""


def sign(
    secret: str,
    email: str,
    project: int,
    task: int,
    *,
    now: float | None = None,
    audience: str = AUDIENCE,
) -> str:
    """A new ticket for one coder and one task. `now`: seconds since 1970, for tests."""
    return _sign(secret, audience, now, email=email, project=project, task=task)


def sign_admin(secret: str, user: int = 0, *, now: float | None = None) -> str:
    """A new ticket for an administrator, the person of that id on our site."""
    return _sign(secret, ADMIN_AUDIENCE, now, user=user)


def verify(
    secret: str, token: str, *, now: float | None = None, audience: str = AUDIENCE
) -> Ticket:
    """The ticket in `token`. Raises TokenError where it is forged, expired or for another purpose.

    Whether it was used before is not known here.
    """
    claims = _verify(secret, token, audience, now)
    return Ticket(
        email=claims["email"],
        project=claims["project"],
        task=claims["task"],
        nonce=claims["nonce"],
        expires=claims["exp"],
    )


def verify_admin(secret: str, token: str, *, now: float | None = None) -> AdminTicket:
    """The administrator's ticket in `token`; raises TokenError as `verify` does."""
    claims = _verify(secret, token, ADMIN_AUDIENCE, now)
    return AdminTicket(claims.get("user", 0), claims["nonce"], claims["exp"])


def _sign(secret: str, audience: str, now: float | None, **named: str | int) -> str:
    if now is None:
        now = time.time()
    claims = {
        "aud": audience,
        **named,
        "nonce": secrets.token_hex(16),
        "exp": int(now) + LIFETIME,
    }
    payload = _encode(json.dumps(claims, separators=(",", ":")).encode())
    return f"{payload}.{_encode(_mac(secret, payload))}"


def _verify(secret: str, token: str, audience: str, now: float | None) -> dict[str, Any]:
    if now is None:
        now = time.time()
    payload, _, mac = token.partition(".")
    try:
        genuine = hmac.compare_digest(_decode(mac), _mac(secret, payload))
    except (binascii.Error, ValueError) as error:
        raise TokenError("the ticket is malformed") from error
    if not genuine:
        raise TokenError("the ticket is not signed by this site")
    claims: dict[str, Any] = json.loads(_decode(payload))
    if claims["aud"] != audience:
        raise TokenError("the ticket is for another site")
    if claims["exp"] <= now:
        raise TokenError("the ticket has expired")
    return claims


def _mac(secret: str, payload: str) -> bytes:
    """The signature. Its key is derived from the secret for this purpose alone."""
    key = hashlib.sha256(b"coderbench single sign-on\0" + secret.encode()).digest()
    return hmac.new(key, payload.encode(), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
