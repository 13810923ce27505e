"""Would it hold for other coders, and within the margin? In words. Pure."""

from __future__ import annotations

from datetime import datetime

from benchmark.metrics.certainty.coders import SEEN_SD
from benchmark.scoring.coder_sample import MARGIN_FIGURE, CoderSample, MarginFigures, SampleFigure
from benchmark.tables.answer import number, plain, points, upper_first

SHOWN = {
    "superior": "better than {them}",
    "non-inferior": "not worse than {them} by more than the margin",
    "non-inferior, yet lower": "worse than {them}, yet by less than the margin",
    "inferior": "worse than {them}",
    "inconclusive": "not shown to be as good as {them}",
    "-": "not told from {them}: nothing was seen to vary",
}
"""What a test of the margin shows -> how a sentence says it."""


def other_coders(model: str, sample: CoderSample) -> list[str]:
    """Whether the difference between a model and coders would hold for coders like these.

    Sentences: with the interval over coders and notes, and with what coders would have to differ by
    for it to turn. Empty where the model shares no two notes with a coder.
    """
    beside = sample.models.get(model)
    if beside is None:
        return []
    coders = len(sample.coders) - len(beside.left_out)
    if coders < 1:
        return []
    found = beside.differences[MARGIN_FIGURE]
    sentences = [_like_these(model, found, coders)]
    tipping = beside.tipping_sd[MARGIN_FIGURE]
    if tipping:
        differed = f"three companies differed by {plain(SEEN_SD)}"
        if found.between_sd is not None:
            # Less than the figures of the charts are apart: those differ by chance too.
            left = f"once chance is taken out, these {coders} differ by {_small(found.between_sd)}"
            differed = f"{left}, three companies by {plain(SEEN_SD)}"
        sentences.append(
            f"Coders would have to differ by {_small(tipping)} points (standard deviation) for it "
            f"to turn; {differed}."
        )
    if sample.own_votes:
        sentences.append(
            "The reference is what more than half of these coders gave, which flatters them."
        )
    return sentences


def margin_sentences(model: str, found: MarginFigures | None) -> list[str]:
    """Whether the model is as good as coders within the margin, and when the margin was set.

    Empty without a margin.
    """
    if found is None:
        return []
    margin = f"margin of {points(found.margin.value, _decimals(found.margin.value))}"
    if found.refused:
        return [f"The {margin} is not tested: {found.refused}."]
    shown = found.models.get(model)
    if shown is None:
        return [f"The {margin} is not tested: no coder shares two notes with {model}."]
    these = SHOWN[shown.fixed.words].format(them="these coders")
    like_these = SHOWN[shown.random.words].format(them="them")
    sentence = (
        f"With the {margin}{_set(found)}, {model} is {these}; "
        f"for coders like these it is {like_these}."
    )
    return [sentence]


def _like_these(model: str, found: SampleFigure, coders: int) -> str:
    """The interval for coders like these, seen from the model."""
    if coders == 1:
        return "One coder says nothing of other coders."
    interval = found.random.interval
    if interval is None:
        return "For other coders like these nothing can be said: nothing was seen to vary."
    if found.says_nothing:
        return (
            "For other coders like these nothing can be said: "
            f"the interval of {number(coders, 'coder')} is wider than any difference could be."
        )
    low, high = interval.low, interval.high
    if low >= 0:
        words = f"{plain(low)} to {points(high)} ahead of"
    elif high <= 0:
        words = f"{plain(-high)} to {points(-low)} behind"
    else:
        words = f"between {points(-low)} behind and {points(high)} ahead of"
    sentence = f"For other coders like these {model} would be {words} an average one"
    if coders == 2:
        sentence += " (two hardly speak for others)"
    return upper_first(f"{sentence}.")


def _set(found: MarginFigures) -> str:
    """When the margin was set, as far as that is known."""
    if found.margin.afterwards:
        return ", set afterwards, when answers could be seen"
    if found.margin.set_at:
        at = datetime.fromisoformat(found.margin.set_at)
        return f", set on {at.day} {at:%B %Y} before any answer"
    return ""


def _small(share: float) -> str:
    """Points with a decimal where they are few.

    >>> _small(0.37), _small(0.004), _small(0.0001)
    ('37', '0.4', 'less than 0.1')
    """
    words = plain(share, 0 if share >= 0.1 else 1)
    return "less than 0.1" if words == "0.0" else words


def _decimals(share: float) -> int:
    return 0 if abs(round(100 * share) - 100 * share) < 1e-9 else 1
