"""What a benchmark says in short: the headline, raters by each preset, the leaderboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.metrics.sets.compare import Comparison
from benchmark.metrics.tables.certainty import LEAST_NOTES, better_first, p_words
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.metrics.tables.table1 import (
    ALL_FIGURES,
    TABLE1,
    row_of,
    values_of,
)


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
