"""`{{ term|explained }}`: a term of the glossary with its meaning on it, any other word as it is."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages.glossary import meaning_of

register = template.Library()


@register.filter
def explained(term: str) -> SafeString | str:
    """The term as `<abbr>` with its meaning as title, which a pointer shows and a screen reader reads."""
    meaning = meaning_of(term)
    if not meaning:
        return term
    return format_html('<abbr title="{}">{}</abbr>', meaning, term)
