"""`{{ term|explained }}`: a term of the glossary with its meaning; any other word as it is."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages.glossary import meaning_of

register = template.Library()


@register.filter
def explained(term: str) -> SafeString | str:
    """The term as `<abbr>`: a pointer shows its meaning, a screen reader reads it."""
    meaning = meaning_of(term)
    if not meaning:
        return term
    return format_html('<abbr title="{}">{}</abbr>', meaning, term)
