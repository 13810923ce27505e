"""The lower half of a study's results: coders, agreement, other definitions, models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation.models import Study
from annotation.selectors.study_life import reopening_words, reopenings_told
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import Document
from benchmark.selectors.counted import how_counted
from benchmark.selectors.work import coder_facts
from benchmark.services.agreements import agreements_found
from benchmark.tables.agreement import AGREEMENT as TABLES_OF_AGREEMENT
from benchmark.tables.agreement import WhoAgrees
from benchmark.tables.clocks import CLOCKS
from benchmark.tables.coder_rows import CoderRow, CoderSide, coder_rows
from benchmark.tables.coders import arms_table
from benchmark.tables.definition_rows import Definitions, definition_rows
from benchmark.tables.details import DETAILS
from benchmark.tables.heat_map import MEASURES, Cell, HeatMap, asked_measure, heat_map
from benchmark.tables.methods import SIMULATED
from benchmark.tables.model_rows import model_rows
from benchmark.tables.work import CoderFacts, facts_table, times_chart, times_table
from benchmark.tasks import queue_agreement
from pages.access import AuthedRequest
from pages.choices import Choice

AGREEMENT = ("majority", "positive", "agreed_codes", "given")
"""Tables below the map, folded, by their names in DETAILS."""
TIMES = "Minutes a note, by coder and interface"
MODELS = ("ranking", "calibration", "abstention")
"""The same below the models."""


@dataclass(frozen=True)
class LinkedCell:
    """Two raters of the map, and where their figure and their notes lead."""

    cell: Cell
    codes: str = ""
    """What both gave, code by code; "" where nothing is known code by code."""
    notes: str = ""
    """The notes on which they differ."""


@dataclass(frozen=True)
class LinkedCoder:
    """A coder's row, and their page."""

    row: CoderRow
    page: str = ""


def low_context(request: AuthedRequest, choice: Choice) -> dict[str, Any]:
    """What the lower half shows of a benchmark, by section."""
    newest = choice.run
    assert newest is not None  # the page asks only then
    document = newest.result
    facts = coder_facts(choice.study)
    models = model_rows(document)
    return {
        "coders": _coders(choice, document, facts),
        "agreement": agreement_of(request, choice, document),
        "definitions": _definitions(choice, newest),
        "models": models and {"found": models, "tables": _folded(document, MODELS)},
        "how": how_counted(newest, choice.told),
    }


def _coders(
    choice: Choice, document: Document, facts: Sequence[CoderFacts]
) -> dict[str, Any] | None:
    """A row a coder, the arms, and what the work took. None without coders."""
    if not document.coders:
        return None
    found = coder_rows(document, facts, coder_sides(choice, document, facts))
    clocks = {each.clock for each in facts} & CLOCKS.keys()
    tables = _folded(document, ("coders",))
    if facts:
        tables = [("work", "The coders and their work"), ("time", TIMES), *tables]
    return {
        "rows": _linked_coders(choice, found.rows),
        "models": found.models,
        "clocks": [CLOCKS[clock] for clock in sorted(clocks)],
        "tables": tables,
        "times_chart": times_chart(facts),
        "arms": arms_table(document),
    }


def work_of(facts: Sequence[CoderFacts]) -> dict[str, Any]:
    """Who the coders are and what the work took: tables and a chart."""
    return {
        "facts": facts_table(facts),
        "times": times_table(facts),
        "times_chart": times_chart(facts),
    }


def coder_sides(
    choice: Choice, document: Document, facts: Sequence[CoderFacts]
) -> dict[str, CoderSide]:
    """Each coder's counts note by note, and the order in which they coded them.

    Empty for a run of before sides were kept.
    """
    known = {}
    for name in document.coders:
        side = _side_name(choice, name)
        if side:
            known[name] = side
    if choice.run is None or not known:
        return {}
    sides = choice.everybody
    row_of = {note: row for row, note in enumerate(sides.axes.notes)}
    orders = {each.label: each.order for each in facts}
    found = {}
    for name, side in known.items():
        rows = np.flatnonzero(sides.raters[side].done)
        place = {int(row): number for number, row in enumerate(rows)}
        order = None
        if name in orders:
            coded = [row_of[note] for note in orders[name] if note in row_of]
            order = np.array([place[row] for row in coded if row in place], dtype=np.int64)
        found[name] = CoderSide(sides.per_note(side, rows), order)
    return found


def _side_name(choice: Choice, name: str) -> str:
    """A coder's name among the raters that can be chosen; "" where they are not among them."""
    for side in (name, f"{name} (coder)"):
        if choice.kinds.get(side) == "coder":
            return side
    return ""


def _linked_coders(choice: Choice, rows: Sequence[CoderRow]) -> list[LinkedCoder]:
    """The rows, each with the address of the coder's page."""
    ids = {row.name: row.facts.rater_id for row in rows if row.facts}
    for row in rows:
        named = choice.named.get(_side_name(choice, row.name))
        if named:
            ids.setdefault(row.name, named.rater.pk)
    found = []
    for row in rows:
        page = choice.link("coder", ids[row.name]) if row.name in ids else ""
        found.append(LinkedCoder(row, page))
    return found


def agreement_of(
    request: AuthedRequest, choice: Choice, document: WhoAgrees
) -> dict[str, Any] | None:
    """The map of who agrees with whom, by the figure of `?agreement=`, and what is folded below.

    None where no two raters can be compared.
    """
    measure = asked_measure(request.GET.get("agreement", ""))
    found = heat_map(document, measure)
    if found is None:
        return None
    return {
        "map": found,
        "rows": [
            (_short(choice, row.name), _linked(choice, found, row.cells)) for row in found.rows
        ],
        "measures": [
            (each, f"{choice.link('results', agreement=each.name)}#agreement")
            for each in MEASURES.values()
        ],
        "as_file": TABLES_OF_AGREEMENT[measure.file](document) is not None,
        "tables": _folded(document, AGREEMENT),
    }


def _short(choice: Choice, name: str) -> str:
    """A rater's name on the map: whose codes the reference's are, coders without a tag."""
    if name == choice.preset.against.capitalize() and name not in choice.kinds:
        return choice.against.removeprefix("the ").capitalize()
    return name.removesuffix(f" {SIMULATED}")


def _linked(choice: Choice, found: HeatMap, cells: Sequence[Cell]) -> list[LinkedCell]:
    """A row of the map, each cell with its two addresses."""
    sides = {}
    for name in found.names:
        sides[name] = name if name in choice.kinds else _side_name(choice, name)
    reference = choice.preset.against.capitalize()
    linked = []
    for cell in cells:
        codes = notes = ""
        a, b = sides[cell.first], sides[cell.second]
        alone = a or b
        if cell.notes and a and b:
            codes = choice.link("results-codes", a=a, b=b)
            notes = choice.link("results-notes", a=a, b=b, show="differ")
        elif cell.notes and alone and reference in (cell.first, cell.second):
            codes = choice.link("results-codes", **_beside(choice, alone))
            notes = choice.link("results-notes", **_beside(choice, alone), show="differ-a")
        linked.append(LinkedCell(cell, codes, notes))
    return linked


def _beside(choice: Choice, name: str) -> dict[str, str]:
    """A rater as the first of two, the second as it is; where it is the second the two swap."""
    if name == choice.b:
        return {"a": choice.b, "b": choice.a}
    return {"a": name}


def _folded(document: Any, names: Sequence[str]) -> list[tuple[str, str]]:
    """(name, title) of these tables, those that the document has something for."""
    found = []
    for name in names:
        table = DETAILS[name](document)
        if table:
            found.append((name, table.title))
    return found


def _definitions(choice: Choice, newest: BenchmarkRun) -> Definitions | None:
    """The raters by each preset that the study was scored by."""
    scored = {}
    unscored = []
    for preset in choice.presets:
        if preset.name == newest.preset:
            scored[preset] = newest.result
        elif preset.name in choice.newest:
            scored[preset] = choice.newest[preset.name].result
        else:
            unscored.append(preset.which)
    return definition_rows(scored, unscored, (choice.a, choice.b))


def without_reference(request: AuthedRequest, choice: Choice) -> dict[str, Any]:
    """What the page shows of a study without a reference: raters compared with each other."""
    study: Study = choice.study
    found = agreements_found(study, queue_agreement, request.user)
    facts = coder_facts(study)
    agreement = None
    if found.document and any(pair.notes for pair in found.document.pairs):
        agreement = agreement_of(request, choice, found.document)
    work = work_of(facts)
    return {
        "comparing": found.asked,
        "agreement": agreement,
        "coders": work if work["facts"] else None,
        "reopened": [reopening_words(told) for told in reopenings_told(study)],
    }
