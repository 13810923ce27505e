"""What the compare pages lay out of a stored benchmark: each coder apart, agreement, codes a note, by code, by note.

Values in, tables and rows out. It asks no database itself; `selectors`, whose `CoderFacts` it lays out, does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmark.charts import bars, plane, spread
from benchmark.groups import WAYS
from benchmark.metrics.certainty import LEAST_NOTES, better_first, p_words
from benchmark.metrics.compare import Comparison
from benchmark.metrics.paired import DRAWS
from benchmark.metrics.rendering import Column, Row, Table
from benchmark.metrics.tables import ALL_FIGURES, TABLE1, row_of, values_of
from benchmark.metrics.tally import Tally
from benchmark.scoring import PEOPLE
from benchmark.selectors import CoderFacts


def headline(result: Mapping[str, Any]) -> str:
    """The best of the others beside the human coders, the better one first, in a sentence with its uncertainty; ""
    where there is no such pair, or a figure of nought to be a multiple of. Few notes say nothing."""
    kinds, scored = result.get("kinds", {}), result["raters"]
    people = next((name for name in scored if kinds.get(name) == "people"), None)
    others = [name for name in scored if kinds.get(name) not in ("people", "reference")]
    if people is None or not others:
        return ""
    best = max(others, key=lambda name: scored[name]["micro"]["jaccard"])
    pair = next((p for p in result.get("differences", ()) if {p["first"], p["second"]} == {people, best}), None)
    if pair is None:
        return ""
    pair = better_first(pair)
    names = (pair["first"], pair["second"])
    shares = " and ".join(f"{name} {100 * scored[name]['micro']['jaccard']:.1f}" for name in names)
    if result["notes"] < LEAST_NOTES:
        notes = f"{result['notes']} note{'s' if result['notes'] != 1 else ''}"
        return f"Micro Jaccard, per cent: {shares}, on {notes}: too few notes to say who is better."
    times = pair["times"]
    if times is None or not times["low"]:
        return ""
    p = p_words(pair["tests"]["micro_jaccard"]["p_holm"])
    return (
        f"Micro Jaccard, per cent: {shares}. The first is {times['value']:.2f} times the second "
        f"(95% interval {times['low']:.2f} to {times['high']:.2f}); p of the difference {p} (Holm-corrected)."
    )


def definitions_table(results: Mapping[str, Mapping[str, Any]], unscored: Sequence[str]) -> Table | None:
    """Jaccard of each rater by each definition (title -> stored comparison); the highest of a column is marked. None
    for a single definition."""
    if len(results) < 2:
        return None
    columns, figures, enough = [], [], []
    for title, result in results.items():
        for average in ("macro", "micro"):
            columns.append(Column(average, f"{title}, n = {result['notes']}", f"{title}_{average}".replace(" ", "_")))
            enough.append(result["notes"] >= LEAST_NOTES)
            figures.append({name: rater[average]["jaccard"] for name, rater in result["raters"].items()})
    partial = next(iter(results.values())).get("partial", {})
    for way in ("category", "chapter") if partial else ():
        columns.append(Column(way, "micro, of the groups of codes", f"{way}_micro"))
        enough.append(next(iter(results.values()))["notes"] >= LEAST_NOTES)
        figures.append({name: ways[way]["jaccard"] for name, ways in partial.items()})
    rows = []
    for name in dict.fromkeys(name for of_raters in figures for name in of_raters):
        found = [of_raters.get(name) for of_raters in figures]
        best = tuple(
            many and x is not None and x == max(f.values()) for x, f, many in zip(found, figures, enough, strict=True)
        )
        shown = tuple("-" if x is None else f"{100 * x:.1f}" for x in found)
        rows.append(Row("rater", name, shown, tuple("" if x is None else f"{x:.15g}" for x in found), best))
    notes = [
        f"*: the highest of its column, of {LEAST_NOTES} notes or more. If it stays in one row, the definition does "
        "not decide who is best. Of the groups: a neighbour of the right code, in its category or chapter, is right."
    ]
    if unscored:
        notes.append(f"Not scored yet: {', '.join(unscored)}.")
    title = "Would another definition change the story? Jaccard, per cent"
    return Table(title, "Rater", tuple(columns), tuple(rows), tuple(notes))


def coders_table(result: Mapping[str, Any]) -> Table | None:
    """Each coder on the notes that the coder coded, and below it each model on the same notes. None without coders."""
    if not result.get("coders"):
        return None
    rows = []
    for coder, stored in result["coders"].items():
        compared = Comparison.from_json(stored)
        for name, figures in compared.raters.items():
            label = coder if name == coder else f"{name} on the notes of {coder}"
            rows.append(row_of("rater", label, TABLE1, values_of(figures, compared)))
    notes = ("Shared notes count for each coder who coded them. Compare coders by the model rows below them: "
             "they coded different notes, and a model's figures say how hard each share is.",)  # fmt: skip
    return Table("Each coder apart, per cent", "Rater", TABLE1, tuple(rows), notes)


RANKING = (
    Column("macro", "AUC", "auc_macro"), Column("micro", "AUC", "auc_micro"),
    Column("macro", "AUC-PR", "pr_macro"), Column("micro", "AUC-PR", "pr_micro"),
    *(Column(str(k), "P@k", f"p@{k}") for k in (5, 8, 15)), *(Column(str(k), "R@k", f"r@{k}") for k in (5, 8, 15)),
    Column("", "MAP", "map"), Column("", "R-precision", "r_precision"),
    Column("at", "dev's threshold", "threshold_dev"), Column("P", "micro", "micro_precision_dev"),
    Column("R", "micro", "micro_recall_dev"), Column("F1", "micro", "micro_f1_dev"),
)  # fmt: skip


def ranking_table(result: Mapping[str, Any]) -> Table | None:
    """Models by their probabilities of all codes, on the study's notes. None without such a model."""
    if not result.get("ranking"):
        return None
    rows = [row_of("rater", name, RANKING, values) for name, values in result["ranking"].items()]
    space = result["label_space"]
    notes = (
        f"Label space: {space['name']}, {space['size']:,} codes; those that a model does not know have probability 0. "
        "Dev's threshold: the one of the best micro-F1 on the model's own development notes, never on these.",
    )
    return Table("Models by their probabilities, per cent", "Model", RANKING, tuple(rows), notes)


PARTIAL = tuple(
    Column(name, group, f"{way}_{figure}")
    for way, group in WAYS.items()
    for name, figure in (("P", "precision"), ("R", "recall"), ("F1", "f1"))
)


def partial_table(result: Mapping[str, Any]) -> Table | None:
    """Partial credit: micro figures where a neighbour of the right code is not all wrong. None for older runs."""
    if not result.get("partial"):
        return None
    flat = {
        name: {f"{way}_{figure}": value for way, values in ways.items() for figure, value in values.items()}
        for name, ways in result["partial"].items()
    }
    rows = [row_of("rater", name, PARTIAL, values) for name, values in flat.items()]
    notes = (
        "All codes as they were given. Category: the three characters before the dot (two for procedures), chapter: "
        "ICD-9-CM's; codes of one group count once, or, counted (CoPHE), as often as they are given. With ancestors: "
        "each code with its category and chapter added.",
    )
    return Table("Partial credit, micro, per cent", "Rater", PARTIAL, tuple(rows), notes)


ARMS = (*TABLE1[:6], *TABLE1[6:7], Column("a note", "Minutes, median", "minutes"), TABLE1[7])
ARM_NAMES = {"list": "the whole list", "search": "a search box"}


def arms_table(result: Mapping[str, Any]) -> Table | None:
    """What coders did with each interface, models on the same notes below. None for a study of one arm."""
    if not result.get("arms"):
        return None
    rows = []
    for arm, stored in result["arms"]["rows"].items():
        compared, label = Comparison.from_json(stored), ARM_NAMES[arm]
        for name, figures in compared.raters.items():
            people = name == PEOPLE
            values = values_of(figures, compared)
            minutes = stored["median_minutes"] if people else None
            row = row_of("rater", f"{name} with {label}" if people else f"{name} on the same notes", TABLE1, values)
            shown, exact = ("-", "") if minutes is None else (f"{minutes:.1f}", f"{minutes:.15g}")
            cells = (*row.cells[:7], shown, row.cells[7])
            rows.append(Row("rater", row.name, cells, (*row.exact[:7], exact, row.exact[7])))
    first, second = (ARM_NAMES[arm] for arm in result["arms"]["rows"])
    notes = (
        f"A note with {second} - a note with {first}, on average: {_between(result['arms']['differences'])}.",
        f"p: {DRAWS:,} draws that deal each coder's notes out to the arms anew, as the lot did. Models saw no arm: "
        "their rows say whether one arm's notes were easier.",
    )
    return Table("Arms: which page did the coders work with, per cent", "Rater", ARMS, tuple(rows), notes)


def _between(differences: Mapping[str, Mapping[str, float] | None]) -> str:
    words = {"jaccard": ("Jaccard", 100, " points"), "codes": ("codes", 1, ""), "minutes": ("minutes", 1, "")}
    return "; ".join(
        f"{name} {times * test['value']:+.1f}{unit} (p {p_words(test['p'])})" if test else f"{name} unknown"
        for key, (name, times, unit) in words.items()
        for test in (differences[key],)
    )


LEADERS = (
    Column("", "Kind", "kind"), *(column for column in ALL_FIGURES if column.key.startswith("micro")),
    *(column for column in TABLE1 if column.key.startswith("macro")), *TABLE1[6:],
)  # fmt: skip


def leader_table(result: Mapping[str, Any], title: str) -> Table:
    """The raters of a benchmark, people and models alike, by micro-F1; those of an equal figure by name."""
    compared = Comparison.from_json(result)
    by_f1 = sorted(compared.raters.items(), key=lambda item: (-item[1].micro.f1, item[0]))
    rows = []
    for name, figures in by_f1:
        kind = result.get("kinds", {}).get(name, "-")
        row = row_of("rater", name, LEADERS[1:], values_of(figures, compared))
        rows.append(Row(row.kind, row.name, (kind, *row.cells), (kind, *row.exact)))
    space = compared.label_space
    notes = (f"Micro-F1 decides. Label space: {space.name}, {space.size:,} codes, sha256 {space.sha256[:12]}.",)
    return Table(title, "Rater", LEADERS, tuple(rows), notes)


ALL_GIVEN = "All codes a note"
"""As they were given; Table 1 counts those of the label space alone."""
SPREAD = (
    Column("mean", ALL_GIVEN, "mean"), Column("least", ALL_GIVEN, "least"),
    Column("quarter", ALL_GIVEN, "quarter"), Column("median", ALL_GIVEN, "median"),
    Column("three quarters", ALL_GIVEN, "three_quarters"), Column("most", ALL_GIVEN, "most"),
    Column("fewer", "Notes, per cent", "fewer"), Column("as many", "Notes, per cent", "same"),
    Column("more", "Notes, per cent", "more"),
)  # fmt: skip


def codes_a_note(result: Mapping[str, Any], tally: Tally) -> dict[str, np.ndarray]:
    """Rater -> codes of each note (N,); first what they are scored against, the reference or the panel."""
    first = next(iter(tally.by_note.values()))
    return {
        result.get("against", "reference").capitalize(): first.t,
        **{name: counts.p + tally.dropped[name] for name, counts in tally.by_note.items()},
    }


def quarters(values: np.ndarray) -> list[float]:
    """Least, quarter, median, three quarters, most."""
    return [float(x) for x in np.quantile(values, [0, 0.25, 0.5, 0.75, 1])]


def spread_table(result: Mapping[str, Any], tally: Tally) -> Table:
    """How many codes each rater gives, and in how many notes fewer or more than the reference."""
    given = codes_a_note(result, tally)
    against, rows = next(iter(given)), []
    for name, counts in given.items():
        apart = counts - given[against]
        shares = [] if name == against else [100 * float(x.mean()) for x in (apart < 0, apart == 0, apart > 0)]
        figures = [float(counts.mean()), *quarters(counts), *shares]
        cells = [f"{figures[0]:.1f}", *(f"{x:g}" for x in figures[1:6]), *(f"{x:.1f}" for x in shares)]
        pad = ("-",) * (len(SPREAD) - len(cells))
        blank = ("",) * len(pad)
        rows.append(Row("rater", name, (*cells, *pad), (*(f"{x:.15g}" for x in figures), *blank)))
    notes = (
        "All codes as they were given, those outside the label space too, which Table 1 does not count. Fewer, as "
        f"many, more: than the {against.lower()} gave to the note.",
    )
    return Table("All codes a note: who codes too little, who too much", "Rater", SPREAD, tuple(rows), notes)


FACTS = (
    Column("certification", "Coder", "certification"), Column("years", "Coder", "years"),
    Column("notes", "Work", "notes"), Column("days", "Work", "days"), Column("hours", "Work", "hours"),
    Column("an hour", "Notes", "notes_an_hour"), Column("median", "Minutes a note", "median_minutes"),
)  # fmt: skip


def facts_table(facts: Sequence[CoderFacts]) -> Table | None:
    """Who the coders are and what the work took. None without coders."""
    rows = []
    for each in facts:
        rater, hours, minutes = each.rater, each.hours, each.median_minutes
        values = [
            rater.certification or "-", "-" if rater.years_experience is None else str(rater.years_experience),
            str(each.notes), str(each.days), f"{hours:.1f}" if each.minutes else "-",
            f"{len(each.minutes) / hours:.1f}" if hours else "-",
            "-" if minutes is None else f"{minutes:.1f}",
        ]  # fmt: skip
        rows.append(Row("rater", str(rater), tuple(values), tuple("" if x == "-" else x for x in values)))
    notes = ["Hours: Label Studio's clock from opening a note to submitting it, pauses included."]
    if any(each.rater.simulated for each in facts):
        notes.append("Simulated coders are programs: their times say nothing about people.")
    return Table("The coders and their work", "Coder", FACTS, tuple(rows), tuple(notes)) if rows else None


def _bars(result: Mapping[str, Any], tally: Tally | None) -> str:
    picked = ("jaccard", "precision", "recall")
    return bars([(name, {m: 100 * row["micro"][m] for m in picked}) for name, row in result["raters"].items()])


def _plane(result: Mapping[str, Any], tally: Tally | None) -> str:
    return plane([(name, row["micro"]["precision"], row["micro"]["recall"]) for name, row in result["raters"].items()])


def _spread(result: Mapping[str, Any], tally: Tally | None) -> str:
    if tally is None:
        return ""
    return spread([(name, float(n.mean()), quarters(n)) for name, n in codes_a_note(result, tally).items()])


CHARTS: dict[str, Callable[[Mapping[str, Any], Tally | None], str]] = {
    "bars": _bars, "precision_recall": _plane, "codes_a_note": _spread,
}  # fmt: skip
"""Name in addresses -> the chart of a stored benchmark, "" where it cannot be drawn."""
