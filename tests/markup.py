"""A page as a browser reads it.

How its template is broken into lines does not show, nor which of its terms are explained.
"""

from __future__ import annotations

import re

from django.http import HttpResponse


def markup(answer: HttpResponse) -> str:
    """The page's markup with one space for any white space.

    None between two tags, or at the edge of a cell or a link. A term stands without its meaning.
    """
    page = " ".join(answer.content.decode().split())
    page = re.sub(r'<abbr title="[^"]*">([^<]*)</abbr>', r"\1", page)
    page = page.replace("> <", "><")
    page = re.sub(r"(<(?:t[hd]|a)\b[^>]*>) ", r"\1", page)
    return re.sub(r" (</(?:t[hd]|a)>)", r"\1", page)
