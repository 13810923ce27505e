"""What people call a study. It is no part of the protocol: it can change at any time."""

from __future__ import annotations

from annotation.event_names import TITLED
from annotation.models import Study, User
from annotation.services.events import event_record


def title_checked(title: str) -> str:
    """The title as it is stored. Raises ValidationError for one that cannot be."""
    plain = title.strip()
    Study._meta.get_field("title").run_validators(plain)
    return plain


def study_retitle(*, study: Study, title: str, actor: User | None) -> None:
    """Give a study a title; "" takes it away, and the short name stands in.

    Raises ValidationError for a title that is too long, or more than a line of text.
    """
    plain = title_checked(title)
    if plain == study.title:
        return
    study.title = plain
    study.save(update_fields=["title"])
    event_record(actor=actor, verb=TITLED, object=f"study:{study.slug}")
