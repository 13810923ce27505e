"""A methods paragraph for a paper, filled with a benchmark's own numbers, and its references.

Whatever is said follows from the document; what a document cannot know is in `Setting`. Nothing is
claimed that the study does not have: no margin is no margin, simulated coders are programs.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.metrics.certainty.bootstrap import REPLICATES, Interval
from benchmark.metrics.certainty.paired import DRAWS
from benchmark.scoring.coder_sample import ShownMargin
from benchmark.scoring.document import VERSION, Document
from benchmark.tables.references import WORKS

WIDTH = 100
SIMULATED = "(simulated)"
"""What the name of a coder who is a program ends in."""
CITED = re.compile(r"\[@([a-z]+[0-9]{4})\]")


@dataclass(frozen=True)
class Setting:
    """What a paper says of a study and its benchmark does not have."""

    software: str
    """Such as "Coderbench 0.1.0 (Python 3.11.7, NumPy 2.1.0, SciPy 1.14.1)"."""
    interface: str = ""
    """What coders worked with; "" where nobody coded here."""
    opened: str = ""
    """The day, as 2026-11-26; "" where nobody coded here."""
    mimic: bool = False
    """Whether the notes are of MIMIC-III."""


def methods_text(document: Document, setting: Setting) -> str:
    """The paragraphs, and a BibTeX entry for each work that they cite and for the benchmark."""
    paragraphs = [
        _design(document, setting),
        _figures(document),
        _intervals(document),
        _margin(document),
        _results(document),
        _software(document, setting),
    ]
    said = [" ".join(paragraph) for paragraph in paragraphs if paragraph]
    keys = sorted({key for paragraph in said for key in CITED.findall(paragraph)})
    text = [textwrap.fill(paragraph, WIDTH, break_on_hyphens=False) for paragraph in said]
    entries = [WORKS[key] for key in keys]
    return "\n\n".join([*text, *entries, _entry(document, setting)]) + "\n"


def _design(document: Document, setting: Setting) -> list[str]:
    """Who was compared on what, and what was fixed beforehand."""
    source = "discharge summaries of MIMIC-III [@johnson2016]" if setting.mimic else "notes"
    if document.synthetic:
        source = "synthetic notes"
    words = [f"Study {document.study} compared {_raters(document)} on {document.notes:,} {source}."]
    if document.notes < document.notes_of_study:
        words.append(
            f"Of the study's {document.notes_of_study:,} notes these are the ones that every rater "
            "coded."
        )
    if document.interim:
        words.append("The benchmark is interim: notes or raters are missing that may still come.")
    words += _honesty(document)
    if setting.interface:
        words.append(f"Coders worked with {setting.interface}.")
    if "people" in document.kinds.values():
        words.append("Of human coders together each note counts by the answer of its own coder.")
    if document.agreement.shared_notes:
        shared = document.agreement.shared_notes
        words.append(
            f"Notes that more than one coder coded, for agreement: {shared:,}{_alpha(document)}."
        )
    reference = "the codes that came with the notes"
    if document.against == "panel":
        reference = "the codes that adjudicators settled, blind to who gave what"
    words.append(
        f"The reference was {reference} ({document.reference.codes_per_note:.1f} codes a note)."
    )
    digest = document.protocol_sha256
    if setting.opened:
        words.append(
            f"The protocol was fixed on {setting.opened}, before coding; its SHA-256 is {digest}."
        )
    else:
        words.append(f"Codings were made elsewhere; the SHA-256 of the protocol is {digest}.")
    for each in document.reopened:
        words.append(
            f"The study was closed on {each.closed_at[:10]} and reopened on "
            f"{each.reopened_at[:10]}; answers after that: {each.answers:,}."
        )
    return words


def _raters(document: Document) -> str:
    """Coders by number, others by name."""
    parts = []
    if document.coders:
        noun = "coder" if len(document.coders) == 1 else "coders"
        parts.append(f"{len(document.coders):,} {noun} ({_and(list(document.coders))})")
    models = [name for name in document.raters if document.kinds.get(name) == "model"]
    if models:
        noun = "model" if len(models) == 1 else "models"
        parts.append(f"{len(models):,} {noun} ({_and(models)})")
    if not parts:
        parts.append(_and(list(document.raters)))
    return _and(parts)


def _honesty(document: Document) -> list[str]:
    """What keeps the figures from being about people or real notes."""
    words = []
    if document.synthetic:
        words.append(
            "The notes were generated and describe nobody: figures on them say nothing about real "
            "notes."
        )
    simulated = [name for name in document.coders if name.endswith(SIMULATED)]
    if simulated and len(simulated) == len(document.coders):
        words.append(
            "All coders were programs that simulate people: nothing here is a result about people."
        )
    elif simulated:
        words.append(
            f"{_and(simulated)} were programs that simulate people: figures of all coders together "
            "are no result about people."
        )
    return words


def _alpha(document: Document) -> str:
    alpha = document.agreement.krippendorff_alpha_jaccard
    if alpha is None:
        return ""
    return f" (Krippendorff's alpha {alpha:.2f}, Jaccard distance)"


def _figures(document: Document) -> list[str]:
    """What the figures mean."""
    space = document.label_space
    words = [
        "Micro figures pool the codes of all notes.",
        f"Macro figures are means over the {space.size:,} codes of the label space ({space.name}, "
        f"SHA-256 {space.sha256}), a code that occurs nowhere counting 0; macro F1 is the harmonic "
        "mean of macro precision and macro recall [@mullenbach2018].",
    ]
    outside = document.reference_outside.codes
    if outside:
        words.append(
            "Codes of the reference outside the label space, which count as misses in micro "
            f"figures: {outside:,}."
        )
    dropped = sum(figures.outside for figures in document.raters.values())
    if dropped:
        words.append(f"Codes that raters gave outside it, which were dropped: {dropped:,}.")
    if document.weighted:
        stated = _stated(document.weighted.afterwards, document.weighted.set_at)
        words.append(
            f"In weighted figures each code counts by a weight, set {stated} "
            f"(SHA-256 {document.weighted.sha256}). Codes without a weight, which count for "
            f"nothing: {document.weighted.unweighted:,}."
        )
    return words


def _intervals(document: Document) -> list[str]:
    """How intervals and tests were made, and what they are about."""
    macro = "a delete-one-note jackknife with t quantiles [@efron1981]"
    if document.macro_method != "jackknife":
        macro = "a centred bootstrap"
    words = [
        "Intervals are at 95%, over notes: these raters, on notes like these. Those of micro "
        f"figures are percentile intervals of a bootstrap with {REPLICATES:,} resamples "
        f"[@efron1993], those of macro figures are of {macro}.",
    ]
    if document.differences:
        words.append(
            f"Two raters were compared by approximate randomisation with {DRAWS:,} draws "
            "[@noreen1989], p corrected for all pairs and figures [@holm1979]."
        )
    sample = document.sample
    if sample and len(sample.coders) > 1:
        found = sample.figures["micro_jaccard"]
        words.append(
            "For coders as a sample of coders, variances are those of Obuchowski and Rockette "
            "[@obuchowski1995] with the degrees of freedom of Hillis [@hillis2014]."
        )
        if found.says_nothing:
            words.append(
                f"With {len(sample.coders):,} coders the interval of an average coder is too wide "
                "to say anything about others."
            )
        else:
            words.append(
                f"An average coder's micro Jaccard is {_percent(found.random.value)} "
                f"{_between(found.random.interval)}."
            )
    return words


def _margin(document: Document) -> list[str]:
    """The margin and what was shown; or that there was none."""
    if document.margin is None:
        return [
            "No margin was stated, so nothing is claimed of a model being as good as coders; a "
            "difference that was not shown is no equality."
        ]
    margin = document.margin.margin
    stated = _stated(margin.afterwards, margin.set_at)
    words = [
        f"The margin of non-inferiority is {100 * margin.value:g} points of micro Jaccard, set "
        f"{stated} [@piaggio2012]."
    ]
    if document.margin.refused:
        words.append(f"It was not tested: {document.margin.refused}.")
    for name, model in document.margin.models.items():
        difference = _signed(model.fixed.test.difference.value)
        words.append(
            f"{name} less coders: {difference} points. Against these coders: "
            f"{_shown(model.fixed)}; against coders like these: {_shown(model.random)}."
        )
    return words


def _results(document: Document) -> list[str]:
    """The figure that studies are compared by, of each rater."""
    parts = []
    for name, figures in document.raters.items():
        bounds = _between(figures.intervals.micro["jaccard"])
        parts.append(f"{name} {_percent(figures.micro.jaccard)} {bounds}")
    return [f"Micro Jaccard was: {'; '.join(parts)}."]


def _software(document: Document, setting: Setting) -> list[str]:
    return [
        f"All figures are of {setting.software}, document version {VERSION}, preset "
        f"{document.preset} [{_key(document)}]."
    ]


def _entry(document: Document, setting: Setting) -> str:
    """The benchmark itself as BibTeX."""
    lines = [
        f"@misc{{{_key(document)},",
        f"  title = {{Study {document.study}: protocol and benchmark}},",
        f"  howpublished = {{{setting.software}}},",
        f"  note = {{Protocol SHA-256 {document.protocol_sha256}; {document.notes:,} notes; label "
        f"space SHA-256 {document.label_space.sha256}}}",
        "}",
    ]
    return "\n".join(lines)


def _key(document: Document) -> str:
    return f"coderbench-{document.study}"


def _stated(afterwards: bool, set_at: str) -> str:
    if afterwards:
        return "afterwards, when answers could be seen, so that it proves nothing"
    if set_at:
        return f"on {set_at[:10]}, before the study opened"
    return "before the study opened"


def _shown(shown: ShownMargin) -> str:
    """What is shown, with the interval of the difference."""
    words = shown.words
    if words == "-":
        words = "nothing was seen to vary"
    return f"{words} {_between(shown.test.difference.interval)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _between(interval: Interval | None) -> str:
    """In brackets; without an interval it says so."""
    if interval is None:
        return "(no interval)"
    return f"({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def _and(names: Sequence[str]) -> str:
    """Names as in a sentence.

    >>> _and(["Ada", "Ben", "Cid"]), _and(["Ada"])
    ('Ada, Ben and Cid', 'Ada')
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
