"""The question before something that cannot be undone: it says what will happen, and has a button.

GET shows the question, POST is the answer. It works without JavaScript. Where much is at stake a
name has to be typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from annotation.models import Study


@dataclass(frozen=True)
class Question:
    """What the page of a question shows."""

    title: str
    button: str
    back: str
    """Address of the page to go back to."""
    facts: Sequence[str]
    """What will happen, a sentence each."""
    name: str = ""
    """The name that has to be typed; empty where the button is enough."""
    name_is: str = "short name"
    """What kind of name it is."""
    fields: Sequence[tuple[str, str]] = ()
    """(name, value) of what is sent with the answer."""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    """A table of the people or things that the question is about, with its head."""
    danger: bool = True
    trail: Sequence[tuple[str, str]] = ()
    """The way to the page of `back`, each step with its address."""

    def refusal(self, request: HttpRequest) -> str:
        """Why the answer does not count, in words; "" where it counts."""
        typed = request.POST.get("name", "").strip()
        if not self.name or typed == self.name:
            return ""
        if not typed:
            return f"Nothing was changed: type {self.name} to go on."
        return f"Nothing was changed: {typed[:60]} is not {self.name}."


def way_to(study: Study) -> list[tuple[str, str]]:
    """The way to a study's page."""
    return [("Studies", reverse("home")), (study.name, reverse("study", args=[study.slug]))]


def question_page(request: HttpRequest, question: Question, refusal: str = "") -> HttpResponse:
    """The question's page, with what was wrong with an answer."""
    context = {"question": question, "refusal": refusal}
    return render(request, "parts/question.html", context, status=422 if refusal else 200)
