"""How a benchmark was counted, for who wants to repeat it: facts by what they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmark.metrics.certainty.bootstrap import REPLICATES
from benchmark.metrics.certainty.paired import DRAWS
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import Document
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.table1 import CODES_COUNTED, Told


@dataclass(frozen=True)
class Fact:
    """What is known of one thing."""

    about: str
    words: tuple[str, ...]
    digest: str = ""
    """A sha256 that few look for; "" without one."""
    run_id: int | None = None
    """The run of a model, which has a page."""


def how_counted(run: BenchmarkRun, told: Sequence[Told]) -> list[Fact]:
    """All that stands below Table 1 (`told`), and how its figures were made."""
    document = run.result
    order = ["Notes", "Panel", CODES_COUNTED, "Human coders", "Simulated", "Coder to coder"]
    own = {
        "Notes": _notes_words(run),
        CODES_COUNTED: "".join(_codes_words(document)),
    }
    facts = []
    for about in order:
        words = [own[about]] if about in own else []
        words += [_plain(each) for each in told if each.about == about]
        if words:
            digest = document.label_space.sha256 if about == CODES_COUNTED else ""
            facts.append(Fact(about, tuple(words), digest))
    facts += _method(document)
    rest: dict[str, list[Told]] = {}
    for each in told:
        if each.about not in (*order, "Protocol"):
            rest.setdefault(each.about, []).append(each)
    for about, of_it in rest.items():
        words = [_plain(each) for each in of_it]
        facts.append(Fact(about, tuple(words), run_id=of_it[0].run_id))
    facts.append(_protocol(run))
    return facts


def _plain(told: Told) -> str:
    """Without what it is about, which stands beside it."""
    words = told.words.removeprefix(f"{told.about}: ")
    return words[0].upper() + words[1:]


def _notes_words(run: BenchmarkRun) -> str:
    document = run.result
    kind = "synthetic notes" if document.synthetic else "notes"
    if document.notes == 1:
        kind = kind.removesuffix("s")
    of = ""
    if document.notes < document.notes_of_study:
        of = f" of {document.notes_of_study:,}"
    return (
        f"{document.notes:,}{of} {kind}, with {document.reference.codes_per_note:.1f} codes of the "
        f"{document.against} each; scored {run.asked_at:%Y-%m-%d %H:%M} UTC."
    )


def _codes_words(document: Document) -> Iterator[str]:
    """The label space, and what was given outside it."""
    space = document.label_space
    about = PRESETS[document.preset].about
    yield (f"Label space: {space.name}, {space.size:,} codes, sha256 {space.sha256[:12]}; {about}.")
    yield " Macro figures are means over all of them."
    dropped = []
    for name, rater in document.raters.items():
        if rater.outside:
            dropped.append(f"{rater.outside:,} by {name}")
    if dropped:
        yield (
            f" Codes given from outside it do not count: {', '.join(dropped)}. This flatters the "
            "precision of whoever gave many; they are not among the codes a note."
        )


def _method(document: Document) -> Iterator[Fact]:
    """How intervals and p were made."""
    macro = "delete-one-note jackknife"
    if document.macro_method != "jackknife":
        macro = "centred bootstrap"
    yield Fact(
        "Intervals",
        (
            f"Micro figures of Table 1: notes drawn anew {REPLICATES:,} times (bootstrap), the "
            f"middle 95% kept. Macro figures: {macro}. Coders on their own notes: jackknife.",
        ),
    )
    if document.differences:
        pairs = len(document.differences)
        pairs_words = "one pair" if pairs == 1 else f"{pairs} pairs"
        yield Fact(
            "Chance",
            (
                f"Answers of two raters swapped at random, note by note, {DRAWS:,} times "
                f"(approximate randomisation); p corrected by Holm over all figures of "
                f"{pairs_words} of raters.",
            ),
        )


def _protocol(run: BenchmarkRun) -> Fact:
    words = "Codings were made elsewhere."
    if run.study.opened_at:
        words = f"Fixed when the study opened, {run.study.opened_at:%Y-%m-%d}."
    return Fact("Protocol", (words,), run.result.protocol_sha256)
