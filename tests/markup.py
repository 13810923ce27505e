"""A page as a browser reads it: how its template is broken into lines does not show."""

from __future__ import annotations

import re

from django.http import HttpResponse


def markup(answer: HttpResponse) -> str:
    """The page's markup with one space for any white space.

    None between two tags, or at the edge of a cell or a link.
    """
    page = " ".join(answer.content.decode().split())
    page = page.replace("> <", "><")
    page = re.sub(r"(<(?:t[hd]|a)\b[^>]*>) ", r"\1", page)
    return re.sub(r" (</(?:t[hd]|a)>)", r"\1", page)
