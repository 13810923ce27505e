"""What a coder's page shows many times: a code with its title, a figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from benchmark.metrics.certainty.influence import Estimate
from benchmark.tables.coder_figures import Figures

register = template.Library()


@register.inclusion_tag("coders/code.html", takes_context=True)
def code(context: template.Context, name: str, titled: bool = True) -> dict[str, Any]:
    """A code, its title behind it; a link to its page where the reader has links.

    The context has `titles` and `links`.
    """
    titles: Mapping[str, str] = context["titles"]
    return {
        "name": name,
        "title": titles.get(name, "") if titled else "",
        "links": context["links"],
        "choice": context.get("choice"),
        "study": context["study"],
    }


@register.inclusion_tag("coders/count.html", takes_context=True)
def count_of(
    context: template.Context, count: int, show: str, of: str, by: str = "code"
) -> dict[str, Any]:
    """How many: a link to the notes it counts, where the reader has links."""
    return {
        "count": count,
        "show": show,
        "of": of,
        "by": by,
        "links": context["links"],
        "choice": context.get("choice"),
        "study": context["study"],
    }


@register.filter
def percent(share: float | str | None) -> str:
    """A fraction in per cent; a hyphen where there is none, for which templates have "" too.

    >>> percent(0.2104), percent(None)
    ('21.0', '-')
    """
    if share is None or isinstance(share, str):
        return "-"
    return f"{100 * share:.1f}"


@register.filter
def limits(estimate: Estimate | str | None) -> str:
    """Its interval in per cent, as "19.6 to 22.5"; "" without one."""
    if not isinstance(estimate, Estimate) or estimate.interval is None:
        return ""
    return f"{100 * estimate.interval.low:.1f} to {100 * estimate.interval.high:.1f}"


@register.simple_tag
def others_words(others: Sequence[Figures], figure: str) -> str:
    """Other coders' figures in a line: one by name, several by their range."""
    values = []
    for each in others:
        value = getattr(each, figure)
        if isinstance(value, Estimate):
            value = 100 * value.value
        if value is not None:
            values.append(value)
    if not values:
        return ""
    if len(others) == 1:
        return f"{others[0].name} {values[0]:.1f}"
    return f"{len(values)} other coders {min(values):.1f} to {max(values):.1f}"
