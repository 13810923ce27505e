"""What happened in a study, in plain words: read from the record, which holds ids only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from annotation.event_names import (
    ACKNOWLEDGED,
    CHANGED,
    DRAFTED,
    NOT_OPENED,
    OPENING,
    RENAMED,
    TITLED,
)
from annotation.models import Event, Rater, Study
from benchmark.event_names import NOT_SCORED
from benchmark.models import ModelRun
from benchmark.scoring.presets import PRESETS

SOMEBODY = "Somebody, by a command,"
BEGINNINGS = (DRAFTED, "study.imported", "study.from-codings")
"""Events by which a study came to be; what is older was about another of the same name."""
WORDS = {
    DRAFTED: "{who} made the draft",
    CHANGED: "{who} changed the draft",
    RENAMED: "{who} gave the draft another short name",
    TITLED: "{who} changed the title",
    OPENING: "{who} asked to open the study",
    NOT_OPENED: "The study could not be opened",
    "study.opened": "{who} opened the study; its protocol is fixed",
    "study.closed": "{who} closed the study; answers are fixed",
    "study.reopened": "{who} reopened the study",
    "study.exported": "{who} exported the study",
    "study.imported": "{who} imported the study from a bundle",
    "study.from-codings": "{who} made the study from a file of codings",
    "notes.reassigned": "{who} moved notes of {giver} to {taker}",
    "codings.imported": "{who} imported codings of {rater}",
    ACKNOWLEDGED: "{who} accepted the guideline",
    "benchmark.run": "The benchmark was scored: {which}",
    NOT_SCORED: "The benchmark could not be scored: {which}",
    "model.run": "{model} was started",
    "model.retried": "{who} had failed parts of {model} tried again",
}
"""Verb of an event -> what it says. Other events are about the machinery and are left out."""
SETTLED = "note.settled"
"""There may be many of them: each person's are told once."""


@dataclass(frozen=True)
class Happened:
    """Something that happened."""

    at: datetime
    words: str


def what_happened(study: Study, most: int) -> list[Happened]:
    """The last events of a study, the newest first, at most `most` of them."""
    runs = {f"run:{run.pk}": run for run in ModelRun.objects.filter(study=study)}
    about = Q(object=f"study:{study.slug}") | Q(object__in=runs)
    began = Event.objects.filter(object=f"study:{study.slug}", verb__in=BEGINNINGS).first()
    events = Event.objects.filter(about, verb__in=WORDS).select_related("actor")
    settled = Event.objects.filter(object=f"study:{study.slug}", verb=SETTLED)
    if began:
        events = events.filter(pk__gte=began.pk)
        settled = settled.filter(pk__gte=began.pk)
    last = list(events[:most])
    names = _raters(last, runs.values())
    told = [*_settled(settled), *(_told(event, names, runs) for event in last)]
    told.sort(key=lambda each: each.at, reverse=True)
    return told[:most]


def _settled(events: QuerySet[Event]) -> list[Happened]:
    """What each adjudicator has settled, as of the last note."""
    found = []
    of_person = events.order_by().values("actor__first_name", "actor__username")
    for row in of_person.annotate(notes=Count("pk"), last=Max("at")):
        who = row["actor__first_name"] or row["actor__username"] or SOMEBODY
        notes = "a note" if row["notes"] == 1 else f"{row['notes']:,} notes"
        found.append(Happened(row["last"], f"{who} settled {notes}"))
    return found


def _raters(events: Collection[Event], runs: Collection[ModelRun]) -> dict[int, str]:
    """The names of the raters that these events and runs are about."""
    ids = {run.rater_id for run in runs}
    for event in events:
        for key in ("rater", "giver", "taker"):
            if isinstance(event.data.get(key), int):
                ids.add(event.data[key])
    return {rater.pk: str(rater) for rater in Rater.objects.filter(pk__in=ids)}


def _told(event: Event, names: Mapping[int, str], runs: Mapping[str, ModelRun]) -> Happened:
    who = SOMEBODY
    if event.actor:
        who = event.actor.first_name or event.actor.username
    data: Mapping[str, Any] = event.data
    preset = PRESETS.get(str(data.get("preset")))
    model = ""
    if event.object in runs:
        model = names.get(runs[event.object].rater_id, "a model")
    words = WORDS[event.verb].format(
        who=who,
        giver=names.get(data.get("giver", 0), "a coder"),
        taker=names.get(data.get("taker", 0), "another"),
        rater=names.get(data.get("rater", 0), "a rater"),
        which=preset.which if preset else "another choice of codes",
        model=model,
    )
    if event.verb == "study.exported" and data.get("text"):
        words += ", with the notes' text"
    return Happened(event.at, words)
