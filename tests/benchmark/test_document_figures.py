"""Every figure of the document is that of its pure function; null where it is undefined."""

from __future__ import annotations

import csv
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from benchmark.metrics.certainty.bootstrap import note_weights
from benchmark.metrics.certainty.coders import average_coder, pooled_coders
from benchmark.metrics.certainty.differing_codes import more_often_given, more_often_right
from benchmark.metrics.certainty.frequent import cross_fit, frequent_macro, outside
from benchmark.metrics.certainty.influence import estimate, influence
from benchmark.metrics.certainty.jackknife import macro_influences
from benchmark.metrics.certainty.margins import margin_tests
from benchmark.metrics.certainty.subgroups import by_subgroup, length_groups
from benchmark.metrics.codings import encode_all, encode_raters
from benchmark.metrics.label_space import listed
from benchmark.metrics.probabilities.abstention import (
    expected_jaccard,
    losses_of,
    risk_coverage,
)
from benchmark.metrics.probabilities.calibration import calibration
from benchmark.metrics.probabilities.ties import expected_over_ties
from benchmark.metrics.reference.dawid_skene import dawid_skene
from benchmark.metrics.reference.flips import fewest_errors, flips_by_lot, versus
from benchmark.metrics.sets.agreement import majority_of_others
from benchmark.metrics.sets.alpha import alpha_with_interval
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.code_agreement import (
    agreement_by_code,
    pooled_positive_agreement,
)
from benchmark.metrics.sets.counts import Counts, per_note
from benchmark.metrics.sets.hierarchy import cophe_over_layers
from benchmark.metrics.sets.ranks import ranks_on, recall_by_rank
from benchmark.metrics.sets.weights import tiers, weighted_micro, weighted_per_note
from benchmark.metrics.tables.rendering import RENDERERS, render
from benchmark.metrics.tables.spreadsheet import xlsx
from benchmark.scoring.beside import Beside, Margin, Weighted
from benchmark.scoring.document import Document, read
from benchmark.scoring.encoded import encoded_study
from benchmark.scoring.figures import figures_of
from benchmark.scoring.imperfect_reference import _bands
from benchmark.scoring.probabilities import Probabilities
from benchmark.tables.charts import CHARTS
from benchmark.tables.details import DETAILS
from files.code_files import CountsFile
from icd.groups import GROUPS

VERSION_1 = Path(__file__).parent / "documents" / "version_1.json"
CODES = ["401.9", "428.0", "427.31", "250.00", "38.93", "96.04", "99.04", "V58.61", "584.9"]
NOTES = [f"n{number:02}" for number in range(48)]
BELIEFS = np.random.default_rng(5).random((len(NOTES), len(CODES) - 1), np.float32)
MODELS = ("RAC", "CAML")


def drawn() -> dict[str, dict[str, list[str]]]:
    """A reference, three coders who share every fourth note, two models on all notes."""
    rng = np.random.default_rng(4)
    chances = np.linspace(0.7, 0.2, len(CODES))

    def like(true: dict[str, list[str]], found: float, notes: list[str]) -> dict[str, list[str]]:
        given = {}
        for note in notes:
            right = [code for code in true[note] if rng.random() < found]
            given[note] = sorted({*right, *[code for code in CODES if rng.random() < 0.08]})
        return given

    reference = {}
    for note in NOTES:
        reference[note] = [code for code, p in zip(CODES, chances, strict=True) if rng.random() < p]
    found = {"Reference": reference}
    for place, (name, chance) in enumerate((("Ada", 0.5), ("Ben", 0.6), ("Cid", 0.55))):
        own = [note for at, note in enumerate(NOTES) if at % 4 == 3 or at % 4 == place]
        found[name] = like(reference, chance, own)
    for name, chance in zip(MODELS, (0.8, 0.65), strict=True):
        found[name] = like(reference, chance, NOTES)
    return found


GIVEN = drawn()
CODERS = ("Ada", "Ben", "Cid")
OWN = {note: CODERS[at % 4] if at % 4 < 3 else "Ada" for at, note in enumerate(NOTES)}
PEOPLE = {note: GIVEN[OWN[note]][note] for note in NOTES}
SPACE = listed("eight", CODES[:-1])
BESIDE = Beside(
    margin=Margin(0.1, set_at="2026-01-02T00:00:00+00:00"),
    weighted=Weighted(dict.fromkeys(CODES[:5], 1.5), {CODES[0]: 1, CODES[1]: 2}),
    outside=CountsFile({code: 900 - 110 * at for at, code in enumerate(CODES)}, 1_000),
    ranks={
        note: {code: at for at, code in enumerate(GIVEN["Reference"][note], 1)} for note in NOTES
    },
    groups=dict.fromkeys(NOTES[:20], "ward"),
    words={note: 10 + at for at, note in enumerate(NOTES)},
    own_coder=OWN,
)
ON_ALL = encode_all(
    SPACE, NOTES, GIVEN["Reference"], {name: GIVEN[name] for name in (*CODERS, *MODELS)}
)
TABLE1 = {"Human coders": PEOPLE, **{name: GIVEN[name] for name in MODELS}}
ENCODING = encode_all(SPACE, NOTES, GIVEN["Reference"], TABLE1)


def document_of(beside: Beside, beliefs=BELIEFS) -> Document:
    coders = {name: GIVEN[name] for name in CODERS}
    study = encoded_study(SPACE, NOTES, GIVEN["Reference"], TABLE1, coders, MODELS)
    known = {"RAC": Probabilities(beliefs, dev_threshold=0.5, imported=True)}
    return Document(
        **vars(figures_of(study, known, None, "reference", beside)),
        study="demo",
        protocol_sha256="0" * 64,
        kinds={"Human coders": "people", "RAC": "model", "CAML": "model"},
        synthetic=True,
        notes_of_study=len(NOTES),
    )


@pytest.fixture(scope="module")
def document() -> Document:
    return document_of(BESIDE)


def done(name: str):
    return np.array([note in GIVEN[name] for note in NOTES])


def counts_of(name: str) -> Counts:
    return per_note(ON_ALL.true, ON_ALL.given[name].matrix, ON_ALL.missed)


def test_it_is_read_back_as_it_was_written(document):
    text = json.dumps(document.to_json(), allow_nan=False)
    assert read(text) == document and json.dumps(read(text).to_json()) == text


def test_an_average_coder_and_the_pooled_row(document):
    micros = {name: influence(counts_of(name), "recall", done(name)) for name in CODERS}
    expected = average_coder(micros)
    found = document.sample.figures["micro_recall"]
    assert (found.random, found.fixed) == (expected.random, expected.fixed)
    assert (found.between_sd, found.says_nothing) == (expected.between_sd, expected.says_nothing)
    macros = {}
    for name in CODERS:
        given = ON_ALL.given[name].matrix
        macros[name] = macro_influences(ON_ALL.true, given, done=done(name))["jaccard"]
    assert document.sample.figures["macro_jaccard"].random == average_coder(macros).random
    mine = [np.array([OWN[note] == name for note in NOTES]) for name in CODERS]
    counts = []
    for name, own in zip(CODERS, mine, strict=True):
        each = counts_of(name)
        counts.append(Counts(*[np.array([part[own].sum()]) for part in (each.tp, each.p, each.t)]))
    pooled = document.sample.pooled["micro_jaccard"]
    assert pooled == pooled_coders(counts, lambda added: micro(added).jaccard)
    assert pooled.value == pytest.approx(document.raters["Human coders"].micro.jaccard)
    assert not document.sample.own_votes and document.sample.left_out == []


def test_models_against_coders_and_the_margin(document):
    differences = {}
    for name in CODERS:
        model = influence(counts_of("RAC"), "jaccard", done(name))
        differences[name] = model - influence(counts_of(name), "jaccard", done(name))
    beside = document.sample.models["RAC"]
    expected = average_coder(differences, lowest=-1.0)
    assert beside.differences["micro_jaccard"].random == expected.random
    tests = margin_tests(differences, 0.1)
    found = document.margin.models["RAC"]
    assert (found.fixed.test, found.random.test) == (tests.fixed, tests.random)
    assert (found.fixed.words, found.tipping_sd) == (tests.fixed.words, tests.tipping_sd)
    assert margin_tests(differences, 1e-9).tipping_sd == pytest.approx(
        beside.tipping_sd["micro_jaccard"]
    )
    table = DETAILS["margin"](document)
    assert "Margin set on 2026-01-02" in table.footnotes[0]
    assert [row.name for row in table.rows][:2] == [
        "RAC, than these coders",
        "RAC, than coders like these",
    ]


def test_a_reference_of_the_coders_own_votes_is_held_against_nobody():
    coders = {name: {note: GIVEN[model][note] for note in NOTES} for name, model in VOTERS}
    raters = encode_raters({"Dan": {note: [] for note in NOTES}, **coders})
    names = sorted({code for codes in coders.values() for note in codes for code in codes[note]})
    votes = majority_of_others(raters, "Dan").matrix
    reference = {}
    for row, note in enumerate(NOTES):
        reference[note] = [names[column] for column in votes[row].indices]
    study = encoded_study(SPACE, NOTES, reference, {"RAC": GIVEN["RAC"]}, coders, ["RAC"])
    figures = figures_of(study, {}, beside=Beside(margin=Margin(0.05)))
    assert figures.sample.own_votes and not figures.margin.models
    assert "their own answers" in figures.margin.refused


VOTERS = (("Ada", "RAC"), ("Ben", "CAML"), ("Cid", "Reference"))


def test_frequent_codes_by_counts_of_other_notes_or_by_halves(document):
    counts = np.array([900 - 110 * at for at in range(len(CODES) - 1)])
    frequent = outside(counts, 1_000, len(NOTES))
    given = ENCODING.given["RAC"].matrix
    assert document.frequent.codes == frequent.sum() and document.frequent.chosen_by == "outside"
    assert document.frequent.raters["RAC"] == frequent_macro(ENCODING.true, given, frequent)
    bare = document_of(Beside())
    expected, codes = cross_fit(ENCODING.true, given, NOTES)
    assert (bare.frequent.chosen_by, bare.frequent.codes) == ("cross-fit", codes)
    assert bare.frequent.raters["RAC"] == expected


def test_agreement_of_coders_and_of_pairs(document):
    coders = encode_raters({name: GIVEN[name] for name in CODERS})
    found = document.agreement
    for distance in ("jaccard", "masi"):
        expected = alpha_with_interval(coders, distance)
        assert getattr(found, f"krippendorff_alpha_{distance}") == pytest.approx(expected.value)
        assert getattr(found, f"krippendorff_alpha_{distance}_interval") == expected.interval
    by_code = agreement_by_code(coders)
    assert found.by_code and len(found.by_code) == len(by_code)
    assert {each.ac1 for each in found.by_code} == {each.ac1 for each in by_code}
    assert found.median_ac1 == np.median([each.ac1.value for each in by_code])
    assert found.positive_agreement == pooled_positive_agreement(coders)
    pair = next(each for each in document.pairs if (each.first, each.second) == ("Ada", "Ben"))
    both = {name: coders[name] for name in ("Ada", "Ben")}
    assert pair.positive_agreement == pooled_positive_agreement(both)


def test_partial_credit_over_all_layers(document):
    everything = encode_all(listed("all", sorted(CODES)), NOTES, GIVEN["Reference"], TABLE1)
    groups = (GROUPS["category"], GROUPS["chapter"])
    expected = cophe_over_layers(
        everything.true, everything.given["RAC"].matrix, sorted(CODES), groups
    )
    assert document.partial["RAC"].layers == expected


def test_probabilities_that_are_told(document):
    held = np.array([900 - 110 * at for at in range(len(CODES) - 1)])
    weights = note_weights(len(NOTES), 2_000, 0)
    expected = calibration(BELIEFS, ENCODING.true, frequency=held / 1_000, weights=weights)
    found = document.calibration["RAC"]
    assert found.every_code == expected and found.frequencies == "outside"
    assert set(found.bands) == {"11-50", "51-100", "101-500", "> 500"} & set(found.bands)
    given = ENCODING.given["RAC"].matrix
    losses = losses_of(per_note(ENCODING.true, given, ENCODING.missed))
    risk = risk_coverage(expected_jaccard(BELIEFS, given), losses)
    assert (document.abstention["RAC"].aurc, document.abstention["RAC"].oracle) == (
        risk.aurc,
        risk.oracle,
    )
    over_ties = expected_over_ties(BELIEFS, ENCODING.true, missed=ENCODING.missed)
    assert document.ranking["RAC"]["p@5_ties"] == over_ties["p@5"]


def test_probabilities_that_are_not_told_are_not_calibrated():
    beliefs = BELIEFS.copy()
    beliefs[:, -1] = np.nan
    found = document_of(Beside(), beliefs)
    assert found.calibration == {"RAC": None} and found.abstention == {"RAC": None}
    assert "needs the probability of every code" in found.uncalibrated["RAC"]
    assert found.ranking["RAC"]["p@8_ties"] is None and "p@8_ties" in found.not_told["RAC"].reasons
    assert DETAILS["calibration"](found).rows[0].cells == ("-",) * 7
    assert DETAILS["abstention"](found) is None
    assert read(json.dumps(found.to_json(), allow_nan=False)) == found


def test_an_imperfect_reference(document):
    everybody = encode_raters(
        {name: GIVEN[name] for name in ("Reference", "Ada", "Ben", "Cid", "RAC", "CAML")}
    )
    expected = dawid_skene(everybody, _bands(everybody))
    found = document.upper_bounds
    assert {name: each.sensitivity for name, each in found.raters.items()} == pytest.approx(
        expected.sensitivity
    )
    assert (found.notes, found.steps) == (expected.notes, expected.steps)
    matrices = [given.matrix for given in ENCODING.given.values()]
    missed = int(ENCODING.missed.sum())
    assert len(document.flips) == 3
    for each in document.flips:
        ahead, behind = (document.raters[name].micro.f1 for name in (each.first, each.second))
        assert ahead > behind
        first, second = (ENCODING.given[name].matrix for name in (each.first, each.second))
        cells = versus(ENCODING.true, first, second, matrices, missed)
        fewest = fewest_errors(cells)
        assert (each.dropped, each.added) == (fewest.dropped, fewest.added)
        assert [(lot.rate, lot.share) for lot in each.by_lot] == [
            (rate, flips_by_lot(cells, rate)) for rate in (0.02, 0.05, 0.1, 0.2)
        ]


def test_codes_in_which_raters_differ(document):
    pairs = list(combinations(ENCODING.given, 2))
    assert [(each.first, each.second) for each in document.differing] == pairs
    for each in document.differing:
        ours, theirs = (ENCODING.given[name].matrix for name in (each.first, each.second))
        right = more_often_right(ENCODING.true, ours, theirs)
        assert_named(each.right, right, SPACE.codes)
    everybody = encode_raters(GIVEN)
    codes = sorted({code for given in GIVEN.values() for note in given.values() for code in note})
    for each in document.given:
        ours, theirs = (everybody[name] for name in (each.first, each.second))
        both = np.flatnonzero(ours.done & theirs.done)
        given = more_often_given(ours.matrix[both], theirs.matrix[both])
        assert_named(each.codes, given, codes)
    assert len(document.given) == 15 and any(each.codes.codes for each in document.given)


def assert_named(found, expected, codes):
    assert (found.clear, found.tested) == (len(expected.codes), expected.tested)
    assert [one.code for one in found.codes] == [codes[one.column] for one in expected.codes[:20]]
    assert [one.q for one in found.codes] == [one.q for one in expected.codes[:20]]


def test_weights_ranks_and_parts_of_the_notes(document):
    weight = np.array([1.5 if code in CODES[:5] else 0.0 for code in SPACE.codes])
    given = ENCODING.given["RAC"].matrix
    counts = weighted_per_note(ENCODING.true, given, weight)
    found = document.weighted.raters["RAC"]
    assert found.micro["f1"] == estimate(influence(counts, "f1"))
    assert found.micro["f1"].value == pytest.approx(weighted_micro(counts).f1)
    tier = np.array([{CODES[0]: 1, CODES[1]: 2}.get(code, 0) for code in SPACE.codes])
    assert found.tiers == tiers(ENCODING.true, given, tier)
    assert document.weighted.unweighted == len(CODES) - 5
    everything = encode_all(listed("all", sorted(CODES)), NOTES, GIVEN["Reference"], TABLE1)
    dx = np.array([code not in ("38.93", "96.04", "99.04") for code in sorted(CODES)])
    ranks = ranks_on(BESIDE.ranks, GIVEN["Reference"], tuple(NOTES), tuple(sorted(CODES)))
    inside = np.array([int(code in SPACE.codes) for code in sorted(CODES)])
    shown = everything.given["RAC"].matrix.multiply(inside).tocsr()
    assert document.ranks["RAC"] == recall_by_rank(ranks, shown, dx)
    counts = per_note(ENCODING.true, given, ENCODING.missed)
    lengths = length_groups(np.arange(10, 10 + len(NOTES)))
    for group, expected in zip(
        document.subgroups["length"], by_subgroup(counts, lengths), strict=True
    ):
        assert (group.name, group.notes) == (expected.name, expected.notes)
        assert group.raters["RAC"] == expected.figures
    assert [each.name for each in document.subgroups["group"]] == ["(no group)", "ward"]


def test_what_a_study_has_not_is_null_and_has_no_table():
    lone = {"Ada": {note: [] for note in NOTES[:1]}}
    study = encoded_study(SPACE, NOTES[:1], GIVEN["Reference"], dict(lone), lone, [])
    figures = figures_of(study, {})
    assert figures.sample is None and figures.margin is None and figures.frequent is None
    assert figures.upper_bounds is None and figures.weighted is None and not figures.ranks
    assert figures.flips == figures.differing == [] and figures.subgroups == {}
    assert set(figures.raters["Ada"].intervals.macro.values()) == {None}
    agreement = figures.agreement
    assert agreement.by_code == [] and agreement.positive_agreement is None
    assert agreement.krippendorff_alpha_jaccard_interval is None


def test_a_study_in_which_nobody_gave_a_code_has_its_document():
    nothing: dict[str, list[str]] = {note: [] for note in NOTES}
    coders = dict.fromkeys(CODERS, nothing)
    raters = {"Human coders": nothing, "RAC": nothing}
    study = encoded_study(SPACE, NOTES, nothing, raters, coders, ["RAC"])
    known = {"RAC": Probabilities(np.zeros_like(BELIEFS), dev_threshold=0.5)}
    figures = figures_of(study, known, None, "reference", BESIDE)
    assert figures.upper_bounds is None and figures.weighted.raters["RAC"].micro is None
    assert figures.calibration["RAC"].every_code.rce is None
    assert {pair.kappa for pair in figures.pairs} == {None}
    assert figures.agreement.krippendorff_alpha_jaccard is None
    assert figures.margin.models["RAC"].random.words == "-"


def test_every_table_prints_in_every_format_and_its_csv_names_each_column_once(document):
    for name, lay_out in DETAILS.items():
        table = lay_out(document)
        if name == "arms":
            continue
        assert table is not None, name
        assert all(render(table, form) for form in RENDERERS) and xlsx(table)
        header, *rows = render(table, "csv").splitlines()
        columns = header.split(",")
        assert len(columns) == len(set(columns)), name
        assert rows or name == "differing", "where no code is clear the table says so below"
        assert {len(line) for line in csv.reader(rows)} <= {len(columns)}, name


def test_a_stored_benchmark_of_before_is_read_and_says_how_its_intervals_were_made():
    text = VERSION_1.read_text()
    old = read(text)
    assert old.macro_method == "centred bootstrap" and old.sample is None
    written = old.to_json()
    for key, value in json.loads(text).items():
        if key in ("version", "pairs", "agreement", "partial"):
            continue
        assert written[key] == value, key
    laid_out = {name for name, lay_out in DETAILS.items() if lay_out(old)}
    assert laid_out == {
        "intervals", "differences", "coders", "arms", "agreement", "kappa", "majority", "partial",
        "ranking",
    }  # fmt: skip
    assert "Macro: centred ones" in DETAILS["intervals"](old).footnotes[0]
    assert DETAILS["partial"](old).rows[0].cells[-1] == "-"
    assert DETAILS["ranking"](old).rows[0].cells[-1] == "-"
    assert all(draw(old, None) or name == "codes_a_note" for name, draw in CHARTS.items())
