"""One question before what cannot be undone: a page that says what will happen, and the button that does it.

GET shows the page, POST does it. It works without JavaScript. Where much is at stake a name has to be typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True)
class Question:
    """`facts` say what will happen, a line each; `name` is to be typed, "" where the button is enough; `fields` are
    sent along. `head` and `rows` are a table of what it is about."""

    title: str
    button: str
    back: str
    facts: Sequence[str]
    name: str = ""
    fields: Sequence[tuple[str, str]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    danger: bool = True

    def refusal(self, request: HttpRequest) -> str:
        """Why the answer does not count, "" where it does."""
        typed = request.POST.get("name", "").strip()
        if not self.name or typed == self.name:
            return ""
        if not typed:
            return f"Nothing was changed: type {self.name} to go on."
        return f"Nothing was changed: {typed[:60]} is not {self.name}."


def question_page(request: HttpRequest, question: Question, refusal: str = "") -> HttpResponse:
    """The question; with what was wrong with the answer."""
    context = {"question": question, "refusal": refusal}
    return render(request, "parts/question.html", context, status=422 if refusal else 200)
