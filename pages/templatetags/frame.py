"""The frame of every page: which section of the site it is in, and the way that leads to it."""

from __future__ import annotations

from django import template

register = template.Library()

SECTIONS = {
    "studies": ("home", "study", "results", "notes", "note", "coder", "coders", "run", "import"),
    "data": ("batches", "batch", "upload", "purge"),
    "models": ("models",),
    "help": ("help",),
    "queue": ("queue",),
    "adjudicate": ("adjudicate", "settle"),
    "password": ("password",),
}
"""Section of the navigation -> the first word of the names that its pages have in `pages.urls`."""


@register.simple_tag(takes_context=True)
def section(context: template.Context) -> str:
    """The section that the page is in; "" on a page that is in none, as an error's."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    if match is None or not match.url_name or match.namespaces:
        return ""
    first = match.url_name.split("-")[0]
    for name, firsts in SECTIONS.items():
        if first in firsts:
            return name
    return ""


@register.inclusion_tag("parts/crumbs.html")
def crumbs(*steps: str) -> dict[str, object]:
    """The way to a page: `{% crumbs "Data" batches_url batch.name %}`.

    Words and address of each page above, then the name of this page.
    """
    above = list(zip(steps[:-1:2], steps[1:-1:2], strict=True))
    return {"trail": above, "here": steps[-1]}


@register.filter
def percent(share: float, places: int = 1) -> str:
    """A share as per cent without its sign: `{{ 0.1234|percent:0 }}` is 12."""
    return f"{100 * share:.{places}f}"
