"""Help: short guides for each role, and every term with its meaning."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Role, User
from pages.access import AuthedRequest, has_role, roles
from pages.glossary import MEANINGS


@dataclass(frozen=True)
class Guide:
    """A section of the page."""

    anchor: str
    title: str
    readers: tuple[Role, ...]
    """Whom it is for; admins read all."""

    @property
    def template(self) -> str:
        return f"help/{self.anchor}.html"


EVERYBODY = tuple(Role)
CODING = Guide("coding", "Coding notes", (Role.CODER,))
GUIDES = (
    CODING,
    Guide("settling", "Settling notes", (Role.ADJUDICATOR,)),
    Guide("study", "A study, from notes to a result", (Role.RESEARCHER,)),
    Guide("results", "How to read the results", (Role.RESEARCHER,)),
    Guide("files", "Files that can be brought in", (Role.RESEARCHER,)),
    Guide("keys", "Keyboard shortcuts", EVERYBODY),
    Guide("roles", "Who does what", EVERYBODY),
)
CODING_KEYS = (
    (("/",), "go to the search box"),
    (("↑", "↓"), "move through what was found"),
    (("Enter",), "add the code and empty the box"),
    (("Shift", "Enter"), "add the code and keep the search"),
    (("Tab",), "into the tabular list; → opens a level, ← goes back"),
    (("Delete",), "remove the code in hand"),
    (("Ctrl", "Z"), "undo the last change"),
    (("Ctrl", "Enter"), "send the note and open the next"),
    (("Alt", "↑"), "section before; Alt ↓ the section after"),
    (("Ctrl", "F"), "find in the note"),
    (("Alt", "P"), "pause, and go on"),
    (("Alt", "G"), "the guideline"),
    (("?",), "all keys"),
)
"""As static/desk/keys.js has them."""
NOTE_KEYS = (
    (("j",), "the next note of the list that led here"),
    (("k",), "the note before"),
)


@require_GET
@roles(*Role)
def page(request: AuthedRequest) -> HttpResponse:
    """The guides of the person's role, and all words; each has an anchor to link to."""
    guides = guides_for(request.user)
    context = {
        "guides": guides,
        "codes_here": CODING in guides,
        "meanings": MEANINGS,
        "coding_keys": CODING_KEYS,
        "note_keys": NOTE_KEYS,
    }
    return render(request, "help/help.html", context)


def guides_for(user: User) -> list[Guide]:
    """A coder who also does research reads of both."""
    found = []
    for guide in GUIDES:
        codes_too = Role.CODER in guide.readers and hasattr(user, "rater")
        if has_role(user, *guide.readers) or codes_too:
            found.append(guide)
    return found
