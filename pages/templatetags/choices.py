"""Links within a study, which carry what is compared; and the marks of the two raters."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from benchmark.tables.answer import bare
from pages.choices import Choice, carried, study_link

register = template.Library()


@register.simple_tag(takes_context=True)
def link(context: template.Context, name: str, *args: object, **more: object) -> str:
    """The address of a page of the context's `study`: `{% link 'results-code' code='428.0' %}`.

    It carries the choices of the page's `choice`; on a page that compares nobody those of its own
    address.
    """
    choice: Choice | None = context.get("choice")
    if choice is not None:
        return choice.link(name, *args, **more)
    request = context.get("request")
    params = {} if request is None else carried(request)
    return study_link(context["study"], params, name, *args, **more)


@register.simple_tag(takes_context=True)
def badge(context: template.Context, name: str) -> SafeString | str:
    """The mark of a rater that is compared: A or B; nothing for others."""
    choice: Choice | None = context.get("choice")
    if choice is None or name not in (choice.a, choice.b):
        return ""
    if name == choice.a:
        return format_html('<span class="badge" title="the first rater">{}</span>', "A")
    return format_html('<span class="badge b" title="the second rater">{}</span>', "B")


@register.filter
def link_of(links: Mapping[str, str], name: str) -> str:
    """The address behind a rater's name; "" where there is none."""
    return links.get(name, "")


@register.filter
def bare_name(name: str) -> str:
    """A rater's name without the word that it is a program's."""
    return bare(name)


@register.filter
def is_simulated(name: str) -> bool:
    """Whether a rater's name says that it is a program's."""
    return bare(name) != name
