"""The scripts of the coding page, for its head: a browser asks for all of them at once, instead of
finding out about one after the other."""

from __future__ import annotations

from functools import cache

from django import template
from django.conf import settings

register = template.Library()

ELSEWHERE = ("desk/leave.js", "desk/resend.js")
"""What other pages use and the coding page does not."""


@register.simple_tag
def desk_modules() -> tuple[str, ...]:
    """Names of static files, in any order."""
    return _modules()


@cache
def _modules() -> tuple[str, ...]:
    static = settings.ROOT / "static"
    found = sorted(str(path.relative_to(static)) for path in (static / "desk").rglob("*.js"))
    return tuple(name for name in found if name not in ELSEWHERE)
