"""How home and a study's overview show where a study stands: its card, its step, its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from annotation.models import Batch, Study
from benchmark.scoring.glance import Glance, Seen, Span
from benchmark.selectors.next_step import Step, next_step, silent_words
from benchmark.selectors.standing import Standing, standings_of
from benchmark.tables.answer import decimals_of, number, percent, plain, spoken

PAGES = {
    "open": "study",
    "opening": "study",
    "coders": "study",
    "runs": "study-runs",
    "awaited": "results",
    "results": "results",
    "reference": "study-import",
    "import": "study-import",
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
    def on_notes(self) -> str:
        """On which notes the figures are; "" where they are on all of the study's."""
        if self.now.glance is None:
            return ""
        return on_notes(self.now.glance, self.now.notes)

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
    so_far = ", so far" if now.run is not None and now.run.interim else ""
    seen = [glance.a]
    if glance.b:
        # People first: what the others are held against.
        seen = sorted([glance.a, glance.b], key=lambda each: each.kind != "people")
    decimals = decimals_shown(glance)
    found = []
    for each in seen:
        interval = _range(each.jaccard, 1)
        if interval:
            interval += so_far
        found.append(Figure(_named(each), percent(each.jaccard.value, decimals), "", interval))
    if glance.difference:
        found.append(_apart(glance, glance.difference, decimals))
    return found


def on_notes(glance: Glance, of_study: int) -> str:
    """As "the 4 notes that both coded"; "" where figures are on all notes of the study.

    Figures of a coder beside another rater are on the notes of both; others on those of Table 1.
    """
    if glance.notes >= of_study:
        return ""
    which = "that were scored"
    if glance.notes == 1:
        which = "that was scored"
    if glance.b and "coder" in (glance.a.kind, glance.b.kind):
        which = "that both coded"
    return f"the {number(glance.notes, 'note')} {which}"


def answer_words(glance: Glance, against: str, of_study: int) -> str:
    """As "RAC agrees with the hospital on 63% of codes, the human coders on 12%.".

    It begins with the notes where they are fewer than those of the study.
    """
    decimals = decimals_shown(glance)
    first = spoken(glance.a.name, glance.a.kind)
    share = percent(glance.a.jaccard.value, decimals)
    beginning = first.first
    notes = on_notes(glance, of_study)
    if notes:
        beginning = f"On {notes}, {first.words}"
    words = f"{beginning} {first.verb('agrees')} with {against} on {share} of codes"
    if glance.b is None:
        return f"{words}."
    second = spoken(glance.b.name, glance.b.kind)
    return f"{words}, {second.words} on {percent(glance.b.jaccard.value, decimals)}."


VERDICTS = {
    "real": ("good", "A real difference"),
    "not shown": ("", "Not shown"),
    "too few notes": ("warn", "Too few notes"),
}
"""Verdict -> the tone of its chip, and its words."""


def _named(seen: Seen) -> str:
    if seen.kind == "model":
        return f"{seen.name}, best model"
    return seen.name


def decimals_shown(glance: Glance) -> int:
    """So many that the two figures and their difference add up, as in the results."""
    if glance.b is None:
        return 0
    return decimals_of(glance.a.jaccard.value, glance.b.jaccard.value)


def _range(span: Span, decimals: int) -> str:
    """An interval in per cent, as "61.6 to 63.6"; "" without one."""
    if span.low is None or span.high is None:
        return ""
    return f"{plain(span.low, decimals)} to {plain(span.high, decimals)}"


def _apart(glance: Glance, difference: Span, decimals: int) -> Figure:
    """How far apart the two are, whoever is ahead."""
    ahead = difference
    if difference.value < 0 and difference.low is not None and difference.high is not None:
        ahead = Span(-difference.value, -difference.high, -difference.low)
    value = plain(abs(difference.value), decimals)
    interval = _range(ahead, decimals)
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
