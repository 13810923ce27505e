"""The upper half of a study's results: the answer, Table 1, charts, where the difference lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.metrics.certainty.paired import DRAWS
from benchmark.metrics.certainty.two_raters import Chance, TwoRaters, chance, two_raters
from benchmark.metrics.sets.counts import Counts
from benchmark.metrics.tables.certainty import LEAST_NOTES
from benchmark.metrics.tables.paper import paper_rows
from benchmark.metrics.tables.rendering import Table
from benchmark.scoring.document import Document
from benchmark.scoring.presets import PAPER
from benchmark.selectors.notes import titles_of
from benchmark.selectors.table1 import given_since, interim_words, paper_refusal
from benchmark.tables.answer import (
    AverageNote,
    Question,
    Spoken,
    answer_of_one,
    answer_sentence,
    average_note,
    spoken,
    verdict,
)
from benchmark.tables.details import DETAILS
from benchmark.tables.first_table import COLUMNS, HEADS, first_rows, pair_of, paper_lines
from benchmark.tables.forest import Coder, coder_of, contours, dots, forest_rows
from benchmark.tables.other_coders import margin_sentences, other_coders
from benchmark.tables.plan import enough_words
from benchmark.tables.reference_errors import reference_errors
from benchmark.tables.two_raters import PairCounts, pair_counts
from benchmark.tables.where import WhereLine, bars_of, totals, where_lines, where_table
from pages.choices import Choice
from pages.rater_links import rater_links

MORE = {
    "intervals": "95% intervals of Table 1",
    "differences": "Every two raters of Table 1: differences and tests",
    "sample": "Coders as a sample of coders",
    "margin": "Models within the margin",
    "partial": "Partial credit: right category, right chapter",
    "frequent": "Frequent and rare codes",
    "differing": "Codes in which one of two raters is right more often",
    "flips": "How wrong must the reference be for another order?",
    "bounds": "How good could raters be, if nobody holds the truth?",
    "weighted": "Weighted figures",
    "ranks": "Recall by the rank of a code in the reference",
    "parts": "By length and by group of notes",
    "spread": "All codes a note",
}
"""Tables under More, by their names in addresses."""
WHERE = {"where-chapters": "chapter", "where-codes": "code"}
"""Tables of A and B, by their names in addresses -> how codes are grouped."""
CHART_TITLES = {
    "forest": "Micro Jaccard with 95% intervals",
    "bars": "Micro Jaccard, precision and recall",
    "precision_recall": "Precision and recall",
    "codes_a_note": "Codes a note",
}


@dataclass(frozen=True)
class Pair:
    """A and B of the bar on the notes on which they are compared."""

    choice: Choice
    a: Spoken
    b: Spoken
    counts: tuple[Counts, Counts]
    """Of each note."""
    found: TwoRaters
    table1: bool

    @property
    def notes(self) -> int:
        return self.found.notes


def top_context(choice: Choice) -> dict[str, Any]:
    """What the upper half shows of a benchmark."""
    newest = choice.run
    assert newest is not None  # the page asks only then
    document = newest.result
    union = document.label_space.name == "union"
    tables = tables_of(choice, document)
    found = {
        "interim": interim_words(newest),
        "given_since": given_since(newest) if union else [],
        "older": not choice.raters,
        "document": document,
        "least_notes": LEAST_NOTES,
        "links": rater_links(choice),
        "table1": table1(choice, document),
        "charts": charts(choice, document),
        "more": more(tables),
        "export": export(choice, tables),
    }
    if choice.b:
        pair = compared(choice)
        found["answer"] = answer(pair, document)
        if pair.notes:
            found["where"] = where(pair)
    elif choice.a:
        found["answer"] = answer_alone(choice)
    return found


def compared(choice: Choice) -> Pair:
    """A and B, on the notes on which they are compared."""
    sides = choice.everybody
    rows = sides.counted(choice.a, choice.b)
    counts = sides.per_note(choice.a, rows), sides.per_note(choice.b, rows)
    return Pair(
        choice=choice,
        a=spoken(choice.a, choice.kinds[choice.a]),
        b=spoken(choice.b, choice.kinds[choice.b]),
        counts=counts,
        found=two_raters(*counts),
        table1=all(sides.raters[name].in_table1 for name in (choice.a, choice.b)),
    )


def answer(pair: Pair, document: Document) -> dict[str, Any]:
    """The sentence, the verdict, and what stands beside them."""
    choice = pair.choice
    asked = _question(pair, document)
    found: dict[str, Any] = {"sentence": answer_sentence(asked), "notes": pair.notes}
    if not pair.notes:
        return found
    found["verdict"] = verdict(asked)
    found["squares"] = [
        _squares(pair.a, choice.a, pair.counts[0], choice.against, pair.notes),
        _squares(pair.b, choice.b, pair.counts[1], choice.against, pair.notes),
    ]
    found["others"] = _others(choice, document)
    found["margin"] = _margin(choice, document)
    found["enough"] = _enough(pair, document)
    return found


def answer_alone(choice: Choice) -> dict[str, Any]:
    """The sentence of a benchmark of one rater."""
    sides = choice.everybody
    counts = sides.per_note(choice.a, sides.counted(choice.a))
    notes = len(counts.tp)
    rater = spoken(choice.a, choice.kinds[choice.a])
    figure = two_raters(counts, counts).a
    found: dict[str, Any] = {
        "sentence": answer_of_one(rater, choice.against, figure, notes),
        "notes": notes,
    }
    if notes:
        found["squares"] = [_squares(rater, choice.a, counts, choice.against, notes)]
    return found


def table1(choice: Choice, document: Document) -> dict[str, Any]:
    """Table 1 with intervals, and the paper's rows where they mean the same."""
    paper = []
    refusal = ""
    if choice.preset == PAPER:
        refusal = paper_refusal(choice.study, "people" in document.kinds.values())
        if not refusal:
            paper = paper_lines(paper_rows("table1"))
    return {
        "rows": first_rows(document),
        "paper": paper,
        "paper_refusal": refusal,
        "heads": [(average, HEADS[head]) for average, _, head in COLUMNS],
        "enough": document.notes >= LEAST_NOTES,
        "codes_a_note": f"{document.reference.codes_per_note:.1f}",
    }


def charts(choice: Choice, document: Document) -> dict[str, Any]:
    """Raters by micro Jaccard, and by precision and recall; coders on their own notes too."""
    coders: dict[str, Coder] = {}
    if choice.raters:
        sides = choice.everybody
        for listed in choice.raters:
            if not listed.in_table1:
                counts = sides.per_note(listed.name, sides.counted(listed.name))
                coders[listed.name] = coder_of(counts)
    rows = forest_rows(document, coders)
    remarks = ""
    if any(row.like_these for row in rows):
        remarks += "; lighter: coders like these"
    if any(row.notes for row in rows):
        remarks += "; own: a coder's notes"
    return {
        "rows": rows,
        "remarks": remarks,
        "dots": dots(rows, (choice.a, choice.b)),
        "contours": contours(),
    }


def where(pair: Pair) -> dict[str, Any]:
    """The chapters and codes in which A and B differ most, and the reference's part in it."""
    choice = pair.choice
    sides = choice.everybody
    by_chapter = pair_counts(sides, choice.a, choice.b, "chapter")
    by_code = pair_counts(sides, choice.a, choice.b, "code")
    errors = reference_errors(sides, by_code, pair.a, pair.b, (choice.a, choice.b))
    codes = [line.name for line in where_lines(by_code, {})]
    titles = titles_of([*codes, *(line.name for line in errors.lines)])
    a_only, both, b_only = totals(by_code)
    return {
        "a": pair.a,
        "b": pair.b,
        "a_only": a_only,
        "both": both,
        "b_only": b_only,
        "tables": [
            _where_table("chapter", by_chapter, {}),
            _where_table("code", by_code, titles),
        ],
        "errors": errors,
        "error_titles": titles,
    }


def where_downloaded(choice: Choice, by: str) -> Table | None:
    """All chapters, or all codes, in which A and B differ. None where nobody can be compared."""
    if not choice.b:
        return None
    found = pair_counts(choice.sides, choice.a, choice.b, by)
    titles = titles_of(found.names) if by == "code" else {}
    lines = where_lines(found, titles, most=len(found.names))
    title = f"Where {choice.a} and {choice.b} differ, by {by}"
    return where_table(title, by.capitalize(), lines, choice.a, choice.b)


def tables_of(choice: Choice, document: Document) -> dict[str, str]:
    """Every table below Table 1 that this benchmark has: its name in addresses and its title."""
    found = {}
    for name, lay_out in DETAILS.items():
        table = lay_out(document)
        if table:
            found[name] = table.title
    if choice.raters:
        found["spread"] = "All codes a note"
    return found


def more(tables: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """(name, title) of the tables that few look for."""
    return {"tables": [(name, title) for name, title in MORE.items() if name in tables]}


def export(choice: Choice, tables: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """(name, title) of all tables and charts that can be downloaded."""
    listed = [("table1", "Table 1"), ("figures", "Table 1 with F1 and 95% intervals")]
    if choice.b:
        for name, by in WHERE.items():
            listed.append((name, f"Where A and B differ, by {by}"))
    if choice.raters:
        listed += [("codes", "A and B by code"), ("notes", "A and B by note")]
    listed += tables.items()
    if "people" in choice.kinds.values():
        listed += [("work", "The coders and their work"), ("time", "Minutes a note")]
    if len(choice.newest) > 1:
        listed.append(("definitions", "Would another definition change the answer?"))
    charts = list(CHART_TITLES.items())
    if not choice.raters:
        charts = [(name, title) for name, title in charts if name != "codes_a_note"]
    return {"tables": listed, "charts": charts}


def _where_table(by: str, found: PairCounts, titles: Mapping[str, str]) -> dict[str, Any]:
    lines: list[WhereLine] = where_lines(found, titles)
    bars, middle = bars_of(lines)
    return {
        "by": by,
        "all_by": "" if by == "code" else by,
        "lines": list(zip(lines, bars, strict=True)),
        "middle": middle,
        "groups": len(found.names),
    }


def _question(pair: Pair, document: Document) -> Question:
    """With the test that was made when the study was scored, or one that is made now."""
    choice = pair.choice
    tested = pair_of(document.differences, choice.a, choice.b) if pair.table1 else None
    if tested:
        test = tested.tests["micro_jaccard"]
        done = Chance(test.p, DRAWS)
        p = test.p_holm
        comparisons = sum(len(each.tests) for each in document.differences)
    else:
        done = chance(*pair.counts)
        p = done.p
        comparisons = 1
    return Question(
        a=pair.a,
        b=pair.b,
        against=choice.against,
        found=pair.found,
        p=p,
        draws=done.draws,
        least=done.least,
        comparisons=comparisons,
        table1=pair.table1,
    )


def _squares(
    rater: Spoken, name: str, counts: Counts, against: str, notes: int
) -> dict[str, object]:
    found: AverageNote = average_note(counts, rater, against, notes)
    return {
        "rater": rater,
        "name": name,
        "words": found.words,
        "found": range(found.found),
        "missed": range(found.missed),
        "added": range(found.added),
    }


def _model_beside_people(choice: Choice) -> str:
    """The model, where one of the two is a model and the other are the human coders; else ""."""
    kinds = choice.kinds[choice.a], choice.kinds[choice.b]
    if kinds == ("model", "people"):
        return choice.a
    if kinds == ("people", "model"):
        return choice.b
    return ""


def _others(choice: Choice, document: Document) -> list[str]:
    model = _model_beside_people(choice)
    if not model or document.sample is None:
        return []
    return other_coders(model, document.sample)


def _margin(choice: Choice, document: Document) -> list[str]:
    model = _model_beside_people(choice)
    if not model:
        return []
    return margin_sentences(model, document.margin)


def _enough(pair: Pair, document: Document) -> list[str]:
    """How many notes a half-width of 2 points takes."""
    se = pair.found.difference.se
    if not se:
        return []
    model = _model_beside_people(pair.choice)
    sample = document.sample
    if model and sample and model in sample.models:
        beside = sample.models[model].differences["micro_jaccard"]
        return enough_words(se, pair.notes, len(sample.coders), beside.between_sd)
    return enough_words(se, pair.notes)
