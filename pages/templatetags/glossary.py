"""Terms of the glossary with their meanings.

`{{ term|explained }}` for one term, such as the head of a column; any other word stays as it is.
`{% explain sentence %}` for running text: each term once a page, where it comes first.
"""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from pages.glossary import IN_A_SENTENCE, meaning_of

register = template.Library()


@register.filter
def explained(term: str) -> SafeString | str:
    """The term as `<abbr>`: a pointer shows its meaning, a screen reader reads it."""
    meaning = meaning_of(term)
    if not meaning:
        return term
    return _with_meaning(term, meaning)


@register.simple_tag(takes_context=True)
def explain(context: template.Context, sentence: object) -> SafeString:
    """The sentence, its terms as `<abbr>` where this page has not explained them yet.

    Text with markup of its own, such as a form's list of rules for a password, stays as it is.
    """
    if isinstance(sentence, SafeString) and "<" in sentence:
        return sentence
    text = str(sentence)
    told = _told_on_the_page(context)
    pieces: list[str] = []
    end = 0
    for found in IN_A_SENTENCE.finditer(text):
        term = found[1].lower()
        if term in told:
            continue
        told.add(term)
        pieces.append(escape(text[end : found.start()]))
        pieces.append(_with_meaning(found[0], meaning_of(term)))
        end = found.end()
    pieces.append(escape(text[end:]))
    return mark_safe("".join(pieces))  # noqa: S308 - each piece is escaped


@register.simple_tag(takes_context=True)
def explain_label(context: template.Context, field: BoundField) -> SafeString:
    """The label of a form's field, its terms explained like those of a sentence.

    The legend, where the field is several boxes to tick.
    """
    words = explain(context, field.label)
    if field.use_fieldset:
        return field.legend_tag(contents=words)
    return field.label_tag(contents=words)


def _with_meaning(words: str, meaning: str) -> SafeString:
    return format_html('<abbr title="{}">{}</abbr>', meaning, words)


def _told_on_the_page(context: template.Context) -> set[str]:
    """The terms that this answer has explained; kept with its request."""
    request = context.get("request")
    if request is None:
        return set()
    if not hasattr(request, "terms_explained"):
        request.terms_explained = set()
    told: set[str] = request.terms_explained
    return told
