"""How home and a study's overview show where a study stands: its card, its step, its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from annotation.models import Batch, Study
from benchmark.scoring.glance import Glance, Seen, Span
from benchmark.selectors.next_step import Step, next_step, silent_words
from benchmark.selectors.standing import Standing, standings_of

PAGES = {
    "open": "study",
    "opening": "study",
    "coders": "study",
    "runs": "study-runs",
    "awaited": "results",
    "results": "results",
    "reference": "study-import",
}
"""Action of a step -> the page that it is done on. A benchmark is asked for by a form."""
ANCHORS = {"coders": "#coders", "open": "#next", "opening": "#opening"}


@dataclass(frozen=True)
class Figure:
    """One of the three figures of a study."""

    name: str
    value: str
    unit: str
    interval: str
    """In words, as "11.0 to 12.3"; "" where nothing says how sure the figure is."""


@dataclass(frozen=True)
class Card:
    """A study on the list of studies."""

    now: Standing
    step: Step
    figures: list[Figure]

    @property
    def study(self) -> Study:
        return self.now.study

    @property
    def address(self) -> str:
        """Where the step is done; "" for a benchmark, which a form asks for."""
        return step_address(self.study, self.step)

    @property
    def against(self) -> str:
        return against(self.study)

    @property
    def holds(self) -> str:
        """What the study holds, in words."""
        return holds(self.now)

    @property
    def who(self) -> str:
        """Who codes, in words."""
        return who_codes(self.now)


def cards_of(studies: Sequence[Study]) -> list[Card]:
    """A card for each of these studies."""
    return [Card(now, next_step(now), figures_of(now)) for now in standings_of(studies)]


def step_address(study: Study, step: Step) -> str:
    """Where a step is done; "" for a benchmark, which a form asks for."""
    if step.action not in PAGES:
        return ""
    return reverse(PAGES[step.action], args=[study.slug]) + ANCHORS.get(step.action, "")


def against(study: Study) -> str:
    """Whose codes are held to be right, as sentences say it."""
    if study.batch.origin == Batch.Origin.OWN:
        return "the reference"
    return "the hospital"


def holds(now: Standing) -> str:
    """As "508 synthetic notes, 4,075 codes"."""
    kind = "synthetic " if now.study.batch.origin == Batch.Origin.SYNTHETIC else ""
    notes = "note" if now.notes == 1 else "notes"
    codes = "code" if now.codes == 1 else "codes"
    return f"{now.notes:,} {kind}{notes}, {now.codes:,} {codes}"


MOST_NAMED = 3


def who_codes(now: Standing) -> str:
    """As "Ada and Ben, simulated"."""
    names = [coder.rater.name for coder in now.coders]
    if not names:
        return "All codings came from files"
    if len(names) > MOST_NAMED:
        words = f"{len(names)} coders"
    elif len(names) == 1:
        words = names[0]
    else:
        words = f"{', '.join(names[:-1])} and {names[-1]}"
    if now.simulated:
        words += ", simulated"
    return words


def figures_of(now: Standing) -> list[Figure]:
    """The coders, the best model, and how far apart they are; nothing before a benchmark."""
    glance = now.glance
    if glance is None:
        return []
    interim = now.run is not None and now.run.interim
    seen = [glance.a]
    if glance.b:
        # People first: what the others are held against.
        seen = sorted([glance.a, glance.b], key=lambda each: each.kind != "people")
    found = []
    for each in seen:
        so_far = ", so far" if interim else ""
        percent, interval = _percent(each.jaccard)
        found.append(Figure(_named(each), percent, "", interval + so_far if interval else ""))
    if glance.difference:
        found.append(_apart(glance))
    return found


def answer_words(glance: Glance, against: str) -> str:
    """As "RAC agrees with the hospital on 63% of codes, Human coders on 12%."."""
    words = f"{glance.a.name} agrees with {against} on {_whole(glance.a.jaccard)} of codes"
    if glance.b is None:
        return f"{words}."
    return f"{words}, {glance.b.name} on {_whole(glance.b.jaccard)}."


VERDICTS = {
    "real": ("good", "A real difference"),
    "not shown": ("warn", "No difference shown"),
    "too few notes": ("", "Too few notes to say"),
}
"""Verdict -> the tone of its chip, and its words."""


def _named(seen: Seen) -> str:
    if seen.kind == "model":
        return f"{seen.name}, best model"
    return seen.name


def _whole(span: Span) -> str:
    return f"{100 * span.value:.0f}%"


def _percent(span: Span) -> tuple[str, str]:
    """A share in whole per cent, and its interval."""
    if span.low is None or span.high is None:
        return _whole(span), ""
    return _whole(span), f"{100 * span.low:.1f} to {100 * span.high:.1f}"


def _apart(glance: Glance) -> Figure:
    """How far apart the two are, whoever is ahead."""
    difference = glance.difference
    assert difference is not None  # or there is one rater
    sign = -1 if difference.value < 0 else 1
    value = f"{100 * abs(difference.value):.0f}"
    interval = ""
    if difference.low is not None and difference.high is not None:
        low, high = sorted((100 * sign * difference.low, 100 * sign * difference.high))
        interval = f"{low:.0f} to {high:.0f}"
    if glance.verdict == "too few notes":
        interval = f"{interval}, too few notes to say".removeprefix(", ")
    return Figure("Difference", value, "point" if value == "1" else "points", interval)


def to_do_words(card: Card) -> tuple[str, str]:
    """A step that waits for somebody, as a link and what stands behind it."""
    name = card.study.name
    if card.step.action == "coders":
        behind = card.now.behind
        if len(behind) == 1:
            whom = f"Ask {behind[0].rater.name} about {name}"
        else:
            whom = f"Ask the coders of {name}"
        return whom, f"{card.now.left:,} left, {silent_words(card.now)}"
    if card.step.action == "benchmark":
        return f"Run the benchmark of {name}", _lowered(card.step.words)
    if card.step.action == "open":
        return f"{card.step.button}: {name}", _lowered(card.step.words)
    return f"{card.step.button}: {name}", _lowered(card.step.words)


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:].removesuffix(".")
