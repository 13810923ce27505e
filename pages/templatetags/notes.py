"""A note's text on a page."""

from __future__ import annotations

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from benchmark.tables.notes.soft_breaks import SOFT

register = template.Library()
BREAK = SafeString('<span class="soft-break">\n</span>')
"""A line break that narrow screens show as a space."""


@register.filter
def breaks(text: str) -> SafeString:
    """Escaped, with the line breaks that only the width had made marked as such."""
    parts = text.replace(f"\r{SOFT}", SOFT).split(SOFT)
    return format_html_join(BREAK, "{}", ((part,) for part in parts))
