"""The one thing to do next in a study, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils import timezone

from annotation.models import Study
from benchmark.selectors.standing import Standing

Action = Literal[
    "open", "opening", "coders", "runs", "import", "benchmark", "awaited", "results", "reference"
]
FIRST_LOOK = 50
"""Notes settled that give a first look at how often the reference itself is wrong."""


@dataclass(frozen=True)
class Step:
    """What comes next in a study."""

    chip: str
    """The study's state, as "Open: coding"."""
    tone: str
    """Of the chip: "", good or warn."""
    title: str
    """On the study's page: "Next: run the benchmark"."""
    words: str
    """How things stand, in a sentence."""
    why: str
    """What the step is good for, in a sentence."""
    button: str
    action: Action
    waits_for_you: bool = False
    """Whether nothing goes on before a researcher does it."""


def next_step(now: Standing) -> Step:
    """The step of now."""
    if now.study.status == Study.Status.DRAFT:
        return _of_draft(now)
    if now.study.status == Study.Status.CLOSED:
        return _scoring(now) or _of_closed(now)
    return _coding(now) or _scoring(now) or _of_scored(now)


def _of_draft(now: Standing) -> Step:
    if now.opening:
        return Step(
            chip="Draft: being opened",
            tone="warn",
            title="Being opened",
            words=_loading(now.study),
            why="This page says how far it is. The coders can begin when it is done.",
            button="See how far it is",
            action="opening",
        )
    if now.not_opened:
        return Step(
            chip="Draft: not opened",
            tone="warn",
            title="Next: open the study again",
            words="It was to be opened, and is not.",
            why="The reason stands below. Pressed again, the button goes on where it stopped.",
            button="Look and open again",
            action="open",
            waits_for_you=True,
        )
    return Step(
        chip="Draft",
        tone="",
        title="Next: check the plan, then open",
        words=f"{_many(len(now.coders), 'coder')} chosen; check the plan.",
        why="Opening fixes the protocol and gives each coder their notes. "
        "Until then all of it can be changed.",
        button="Check and open",
        action="open",
        waits_for_you=True,
    )


def _loading(study: Study) -> str:
    if study.with_label_studio:
        return "The notes are being loaded into Label Studio."
    return "The notes are being loaded for the coders."


def _coding(now: Standing) -> Step | None:
    """While coders have notes left."""
    if not now.left:
        return None
    words = f"{_many(now.left, 'note')} left, with {len(now.behind)} coders."
    if len(now.behind) == 1 and len(now.coders) > 1:
        words = f"{_many(now.left, 'note')} left, all with {now.behind[0].rater.name}."
    elif len(now.behind) == 1:
        words = f"{_many(now.left, 'note')} left."
    silent = _silent(now)
    return Step(
        chip="Open: coding",
        tone="good",
        title="Next: the coders go on",
        words=words,
        why="A coder who cannot go on: their notes can move to another. "
        "Models can code meanwhile, and a benchmark of now is marked as interim.",
        button="See who is left",
        action="coders",
        waits_for_you=silent is not None,
    )


def silent_words(now: Standing) -> str:
    """Since when the coders with notes left have not answered, for a list of things to do."""
    days = _silent(now)
    if days is None:
        return ""
    if now.last_answer is None:
        return f"no answer in {days} days"
    return f"last answer {days} days ago"


SILENT_DAYS = 3
"""After so many days without an answer somebody should ask the coders."""


def _silent(now: Standing) -> int | None:
    """Days since the coders with notes left answered last; None where it is no matter yet."""
    since = [coder.last_activity or now.study.opened_at for coder in now.behind]
    known = [at for at in since if at is not None]
    if not known:
        return None
    days = (timezone.now() - max(known)).days
    return days if days >= SILENT_DAYS else None


def _scoring(now: Standing) -> Step | None:
    """Where the answers are in and the benchmark is not."""
    state = now.study.get_status_display().capitalize()
    if now.study.reference_id is None:
        return _without_reference(now, state)
    if now.being_scored:
        return Step(
            chip=f"{state}: being scored",
            tone="warn",
            title="Being scored",
            words="A worker scores it; that takes seconds.",
            why="The results show it when it is there.",
            button="See the results",
            action="awaited",
        )
    if now.models.under_way:
        return Step(
            chip=f"{state}: models coding",
            tone="good",
            title="Next: the models finish",
            words=f"Models have coded {now.models.done:,} of {now.models.notes:,} notes.",
            why="Then the benchmark has everybody in it. One of now would be interim.",
            button="See the runs",
            action="runs",
        )
    if not now.newest_coding:
        return _nothing_coded(now, state)
    if now.scoring_due:
        return _scoring_due(now, state)
    return None


def _nothing_coded(now: Standing, state: str) -> Step:
    if now.without_text:
        return Step(
            chip=f"{state}: nothing coded",
            tone="warn",
            title="Next: import codings",
            words="Nobody has coded these notes yet.",
            why="Their texts are not here, so that no model can read them.",
            button="Import codings",
            action="import",
            waits_for_you=True,
        )
    return Step(
        chip=f"{state}: nothing coded",
        tone="warn",
        title="Next: have the notes coded",
        words="Nobody has coded these notes yet.",
        why="Run a model, or import codings of others.",
        button="Run a model or import codings",
        action="runs",
        waits_for_you=True,
    )


def _scoring_due(now: Standing, state: str) -> Step:
    words = "All answers are in."
    if now.run:
        words = "Codings came in since it was scored."
    why = "It scores everybody against the reference, with intervals; that takes seconds."
    if not now.models.runs and not now.outside and not now.without_text:
        why += " No model has coded these notes: one that runs before is in it."
    return Step(
        chip=f"{state}: scoring due",
        tone="warn",
        title="Next: run the benchmark",
        words=words,
        why=why,
        button="Run the benchmark",
        action="benchmark",
        waits_for_you=True,
    )


def _without_reference(now: Standing, state: str) -> Step:
    return Step(
        chip=f"{state}: no reference",
        tone="warn",
        title="Next: import a reference",
        words="The notes have no reference codes.",
        why="A reference says which codes are right. Without one the results say who agrees "
        "with whom.",
        button="Import a reference",
        action="reference",
        waits_for_you=now.study.status != Study.Status.CLOSED,
    )


def _of_scored(now: Standing) -> Step:
    """Everybody is done, and the benchmark has seen it all."""
    chip = "Open: scored"
    words = f"Coding is done. {_many(now.notes, 'note')} can be settled."
    if now.settled:
        chip = "Open: settling"
        words = f"Coding is done. {now.settled:,} of {_many(now.notes, 'note')} settled."
    why = (
        "Everybody is done and the benchmark has run. An adjudicator can settle some notes: "
        f"{FIRST_LOOK} give a first look at how often the reference itself is wrong. "
        "Closing fixes the answers."
    )
    return Step(
        chip=chip,
        tone="good",
        title="Next: read the results, then settle notes or close",
        words=words,
        why=why,
        button="See the results",
        action="results",
    )


def _of_closed(now: Standing) -> Step:
    return Step(
        chip="Closed",
        tone="",
        title="Closed",
        words="No more answers are taken.",
        why="The results stay, and can be exported.",
        button="See the results",
        action="results",
    )


def _many(count: int, what: str) -> str:
    """As "1 note", "1,200 notes"."""
    if count == 1:
        return f"1 {what}"
    return f"{count:,} {what}s"
