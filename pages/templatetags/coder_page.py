"""What a coder's page shows many times: a code with its title, a figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from benchmark.metrics.certainty.influence import Estimate
from benchmark.tables.coder.figures import Figures
from pages.templatetags.choices import link

register = template.Library()


@register.simple_tag(takes_context=True)
def code(context: template.Context, name: str, titled: bool = True) -> SafeString:
    """A code, its title behind it; a link to its page where the reader has links.

    The context has `titles` and `links`.
    """
    titles: Mapping[str, str] = context["titles"]
    shown = format_html('<span class="mono">{}</span>', name)
    if context["links"]:
        address = link(context, "results-code", code=name)
        shown = format_html('<a class="mono" href="{}">{}</a>', address, name)
    if not titled or name not in titles:
        return shown
    return format_html('{} <span class="code-title">{}</span>', shown, titles[name])


@register.simple_tag(takes_context=True)
def code_list(context: template.Context, names: Sequence[str]) -> SafeString:
    """Codes as a sentence lists them, with an "and" before the last."""
    found = [code(context, name, titled=False) for name in names]
    if len(found) < 2:
        return format_html_join("", "{}", [(each,) for each in found])
    first = format_html_join(", ", "{}", [(each,) for each in found[:-1]])
    return format_html("{} and {}", first, found[-1])


@register.simple_tag(takes_context=True)
def count_of(
    context: template.Context, count: int, show: str, of: str, by: str = "code"
) -> SafeString | int:
    """How many: a link to the notes it counts, where the reader has links."""
    if not context["links"] or not count:
        return count
    beside = context["page"].lists_beside
    address = link(context, "results-notes", b=beside, by=by, of=of, show=show)
    words = format_html('<span class="out-of-sight"> notes, {} {}</span>', of, show[:-2])
    return format_html('<a href="{}">{}{}</a>', address, count, words)


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
