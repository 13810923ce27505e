"""The signed tickets that take people from our site into Label Studio: 60 seconds, one door, one use.

There are two doors, and a ticket names its own: a coder's opens one note, an admin's the projects.
Both sites import this file; it needs only the standard library. A ticket is
base64url(payload).base64url(HMAC-SHA256). Label Studio writes full URLs to its log, so a ticket must
be worthless once used: its nonce is spent in the guard.
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


class TokenError(ValueError):
    """A ticket that must not be honoured; the message says why and names nobody."""


@dataclass(frozen=True)
class Ticket:
    """email of the coder, the project and the task to open, nonce, and expiry in seconds since 1970."""

    email: str
    project: int
    task: int
    nonce: str
    expires: int


@dataclass(frozen=True)
class AdminTicket:
    """Nonce, and expiry in seconds since 1970. It names nobody: admins share one account there."""

    nonce: str
    expires: int


def sign(
    secret: str,
    email: str,
    project: int,
    task: int,
    *,
    now: float | None = None,
    audience: str = AUDIENCE,
) -> str:
    """A fresh ticket for one coder and one task."""
    return _sign(secret, audience, now, email=email, project=project, task=task)


def sign_admin(secret: str, *, now: float | None = None) -> str:
    """A fresh ticket for an administrator."""
    return _sign(secret, ADMIN_AUDIENCE, now)


def verify(
    secret: str, token: str, *, now: float | None = None, audience: str = AUDIENCE
) -> Ticket:
    """The ticket in `token`, not spent yet. Raises TokenError when forged, expired or for another door."""
    claims = _verify(secret, token, audience, now)
    return Ticket(
        claims["email"], claims["project"], claims["task"], claims["nonce"], claims["exp"]
    )


def verify_admin(secret: str, token: str, *, now: float | None = None) -> AdminTicket:
    """The administrator's ticket in `token`; raises TokenError as `verify` does."""
    claims = _verify(secret, token, ADMIN_AUDIENCE, now)
    return AdminTicket(claims["nonce"], claims["exp"])


def _sign(secret: str, audience: str, now: float | None, **named: str | int) -> str:
    issued = time.time() if now is None else now
    claims = {
        "aud": audience,
        **named,
        "nonce": secrets.token_hex(16),
        "exp": int(issued) + LIFETIME,
    }
    payload = _encode(json.dumps(claims, separators=(",", ":")).encode())
    return f"{payload}.{_encode(_mac(secret, payload))}"


def _verify(secret: str, token: str, audience: str, now: float | None) -> dict[str, Any]:
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
    if claims["exp"] <= (time.time() if now is None else now):
        raise TokenError("the ticket has expired")
    return claims


def _mac(secret: str, payload: str) -> bytes:
    key = hashlib.sha256(b"coderbench single sign-on\0" + secret.encode()).digest()
    return hmac.new(key, payload.encode(), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
