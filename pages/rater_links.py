"""Where the name of a rater leads."""

from __future__ import annotations

from django.urls import reverse

from annotation.models import Rater
from pages.choices import Choice


def rater_links(choice: Choice) -> dict[str, str]:
    """Name of a rater -> the address of its page; those that have none are left out.

    A coder has a page; the human coders together have the list of them; a model the page of its
    newest run in the study.
    """
    found = {}
    for name, kind in choice.kinds.items():
        named = choice.named.get(name)
        if kind == "people":
            found[name] = choice.link("coders")
        elif named is None:
            continue
        elif named.rater.kind == Rater.Kind.CODER:
            found[name] = choice.link("coder", named.rater.pk)
        elif named.run_id:
            found[name] = reverse("run", args=[named.run_id])
    return found
