"""The lower half of results: every figure is that of the codings, or of the document."""

import csv
import doctest
import io
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.models import Code, Rater
from annotation.selectors.codings import codings_of
from annotation.services.codings import Given, coding_append
from benchmark.metrics.certainty.influence import Estimate, estimate, influence
from benchmark.metrics.codings import encode_raters
from benchmark.metrics.sets.agreement import krippendorff_alpha
from benchmark.metrics.sets.code_agreement import ac1, ac1_of_pair
from benchmark.metrics.sets.counts import Counts
from benchmark.models import BenchmarkRun
from benchmark.scoring import agreement, presets
from benchmark.scoring.agreement import AgreedPair
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.table1 import study_table, told_of
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables import coder_rows as rows_module
from benchmark.tables import definition_rows as definitions_module
from benchmark.tables import heat_map as map_module
from benchmark.tables import model_rows as models_module
from benchmark.tables.coder_rows import CoderSide, coder_rows, shared_with, tenths
from benchmark.tables.definition_rows import DefinitionRow, definition_rows, marks_of, order_words
from benchmark.tables.heat_map import MEASURES, heat_map
from benchmark.tables.model_rows import model_rows
from tests.benchmark.test_document_figures import BESIDE, GIVEN, document_of
from tests.cast import logged_in
from tests.markup import markup
from tests.pages.compared import HUMANS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def document():
    return document_of(BESIDE)


def section(page: str, name: str) -> str:
    """The text of a section of the page."""
    found = page[page.index(f'<section id="{name}"') :]
    return unescape(re.sub(r"<[^>]+>", " ", found[: found.index("</section>")]))


def test_a_row_a_coder_is_what_the_codings_say(compared, rae):
    run = BenchmarkRun.objects.get()
    page = markup(logged_in(rae).get("/studies/small/results/"))
    found = section(page, "coders")
    assert "Ada" in found and "Ben" in found and "Theirs, same notes" in found
    for name in ("Ada", "Ben"):
        rater = Rater.objects.get(name=name)
        assert f"/studies/small/coders/{rater.pk}/" in page
    assert run.result.coders["Ada"].notes < rows_module.LEAST
    assert found.count("too few to say") == 4, "F1 and agreement of two coders"


def test_figures_of_coders_are_shown_from_twenty_notes_on(document):
    facts = []
    own = [note for note in GIVEN["Ada"] if note in GIVEN["Reference"]]
    rng = np.random.default_rng(1)
    order = rng.permutation(len(own))
    true = [set(GIVEN["Reference"][note]) for note in own]
    given = [set(GIVEN["Ada"][note]) & set(document_codes()) for note in own]
    counts = Counts(
        tp=np.array([len(a & b) for a, b in zip(true, given, strict=True)]),
        p=np.array([len(b) for b in given]),
        t=np.array([len(a) for a in true]),
    )
    found = coder_rows(document, facts, {"Ada": CoderSide(counts, order)})
    row = found.rows[0]
    assert row.name == "Ada" and row.notes == len(own) == 24 and row.told
    assert row.certain == estimate(influence(counts, "f1"))
    assert isinstance(row.certain, Estimate) and row.certain.value == pytest.approx(row.f1)
    assert row.f1 == document.coders["Ada"].raters["Ada"].micro.f1
    assert row.beside == {
        model: document.coders["Ada"].raters[model].micro.f1 for model in found.models
    }
    tenth = np.array_split(order, 10)[9]
    common, both = counts.tp[tenth].sum(), counts.p[tenth].sum() + counts.t[tenth].sum()
    assert row.line[9] == pytest.approx(2 * common / both) and len(row.line) == 10
    assert max(row.line) <= row.highest and row.path.count(",") == 10
    assert tenths(counts, order) == list(row.line)
    pairs = [
        each
        for each in document.pairs
        if {each.first, each.second} in ({"Ada", "Ben"}, {"Ada", "Cid"})
    ]
    notes = sum(each.notes for each in pairs)
    mean = sum(each.notes * each.jaccard for each in pairs) / notes
    assert shared_with(document.pairs, "Ada", document.coders) == (notes, pytest.approx(mean))
    assert found.rows[1].certain is None and found.rows[1].line == ()


def document_codes() -> list[str]:
    """The label space of `document_of`."""
    from tests.benchmark.test_document_figures import CODES

    return CODES[:-1]


def test_every_pair_of_the_map_is_its_pure_function(document):
    coded = encode_raters(GIVEN)
    for pair in document.pairs:
        two = {name: coded[name] for name in (pair.first, pair.second)}
        assert pair.alpha == pytest.approx(krippendorff_alpha(two))
        first, second = two.values()
        both = np.flatnonzero(first.done & second.done)
        ours, theirs = first.matrix[both].toarray(), second.matrix[both].toarray()
        expected = []
        for column in range(ours.shape[1]):
            given = ours[:, column] + theirs[:, column]
            if (given > 0).sum() >= 10:
                expected.append(ac1(given, np.full(len(both), 2)).value)
        assert ac1_of_pair(first, second) == pytest.approx(expected)
        assert pair.ac1 == pytest.approx(np.median(expected) if expected else None)
    assert document.alpha_of_all == pytest.approx(krippendorff_alpha(coded))


def test_the_map_says_too_few_and_shades_by_value(document):
    for measure in MEASURES.values():
        found = heat_map(document, measure)
        assert found.names == ["Reference", "Ada", "Ben", "Cid", "RAC", "CAML"] and found.wide
        by_pair = {(each.first, each.second): each for each in document.pairs}
        for row in found.rows:
            for cell in row.cells:
                pair = by_pair.get((cell.first, cell.second)) or by_pair.get(
                    (cell.second, cell.first)
                )
                if cell.itself:
                    assert pair is None
                elif pair.notes < 20:
                    assert cell.words == "too few" and cell.shade == 0
                else:
                    value = measure.value(pair)
                    assert cell.value == value and cell.notes == pair.notes
                    assert cell.shade == max(0, min(6, int(7 * value)))
                    shown = f"{100 * value:.0f}" if measure.percent else f"{value:.2f}"
                    assert cell.words == shown
    told = replace(document, pairs=[AgreedPair("Ada", "Ben", 30, 1.0, 1.0)])
    full = heat_map(told, MEASURES["jaccard"]).rows[0].cells[1]
    assert full.shade == 6 and full.words == "100"
    assert heat_map(told, MEASURES["kappa"]).rows[0].cells[1].words == "not defined"
    assert heat_map(replace(document, pairs=[]), MEASURES["kappa"]) is None


@pytest.mark.parametrize("measure", MEASURES)
def test_the_map_is_switched_by_the_address_and_leads_to_codes_and_notes(compared, rae, measure):
    client = logged_in(rae)
    page = unescape(markup(client.get(f"/studies/small/results/?agreement={measure}")))
    (shown,) = re.findall(r'agreement=\w+#agreement" aria-current="true">(\w+)', page)
    assert shown == MEASURES[measure].title
    apart = "agree, in all codes that they gave; Table 1 has those that count" in page
    assert apart == (measure == "jaccard")
    links = re.findall(
        r'href="(/studies/small/results/(?:codes|notes)/[^"]*a=Ada&b=Ben[^"]*)"', page
    )
    assert len(links) >= 2
    for link in links:
        assert client.get(link).status_code == 200, link
    assert client.get(f"/studies/small/results/{MEASURES[measure].file}.csv").status_code in (
        200,
        404,
    )


def test_another_definition(compared, rae):
    client = logged_in(rae)
    assert 'id="definitions"' not in client.get("/studies/small/results/").content.decode()
    benchmark_run(study=compared, preset="full")
    for preset in ("paper", "full"):
        page = markup(client.get(f"/studies/small/results/?preset={preset}"))
        found = section(page, "definitions")
        assert "Too few notes to say" in found and "Not scored yet: codes that the" in found
    scored = {run.preset: run.result for run in BenchmarkRun.objects.all()}
    for run in scored.values():
        for rater in run.raters.values():
            assert f"{100 * rater.micro.jaccard:.1f}" in found
            assert f"{100 * rater.macro.jaccard:.1f}" in found
    download = client.get("/studies/small/results/definitions.csv").content.decode()
    keys = {"as_the_paper_macro": ("paper", "macro"), "full_code_system_micro": ("full", "micro")}
    for row in csv.DictReader(io.StringIO(download)):
        for key, (preset, average) in keys.items():
            figures = getattr(scored[preset].raters[row["rater"]], average)
            assert float(row[key]) == pytest.approx(figures.jaccard)
        partial = scored["paper"].partial[row["rater"]]
        assert float(row["chapter_micro"]) == pytest.approx(partial.chapter.jaccard)


def ways(*orders: dict[str, float], notes: int = 100) -> list[DefinitionRow]:
    return [DefinitionRow("a way", "", notes, figures, {}) for figures in orders]


def test_one_sentence_says_whether_the_order_stays(document):
    same = {"A": 0.6, "B": 0.5, "C": 0.1}
    assert order_words(ways(same, same))[0] == "No."
    assert "A is ahead and C is last" in order_words(ways(same, same))[1]
    verdict, words = order_words(ways(same, {**same, "C": 0.55}))
    assert verdict == "Not who is ahead." and "A is ahead in all 2 ways" in words
    verdict, words = order_words(ways(same, same, {**same, "B": 0.7}))
    assert verdict == "Yes." and "A in 2, B in 1 of 3 ways" in words
    people = {"A": 0.6, "Human coders (simulated)": 0.1}
    kinds = {"Human coders (simulated)": "people"}
    words = order_words(ways(people, people), kinds)[1]
    assert "A is ahead and the human coders (simulated) are last in all 2 ways" in words
    ahead = {"A": 0.05, "Human coders (simulated)": 0.1}
    words = order_words(ways(ahead, ahead), kinds)[1]
    assert words.startswith("The human coders (simulated) are ahead and A is last")
    words = order_words(ways(people, ahead), kinds)[1]
    assert "A in 1, the human coders (simulated) in 1 of 2 ways" in words
    assert order_words(ways(same, notes=29))[0] == "Too few notes to say."
    scored = {PRESETS["paper"]: document, PRESETS["present"]: document}
    found = definition_rows(scored, ["x"], ("RAC", "CAML"))
    assert found.shown == tuple(document.raters) and len(found.lines) == 6
    line = found.lines[0]
    assert line.dots[-1].name == found.shown[0] and "RAC" in line.words
    many = {
        f"rater {number}": rater for number, rater in enumerate([*document.raters.values()] * 4)
    }
    crowded = replace(document, raters={**document.raters, **many}, partial={})
    scored = {PRESETS["paper"]: crowded, PRESETS["present"]: crowded}
    assert definition_rows(scored, [], ("RAC", "CAML")).shown == ("RAC", "CAML")
    two_coders = definition_rows(scored, [], ("Ada", "Ben"))
    assert len(two_coders.shown) == 3, "of nobody there would be no figure"
    assert list(two_coders.marks.values()) == ["d", "e", "f"], "the others are circles"
    assert definition_rows({PRESETS["paper"]: document}, [], ()) is None


@pytest.mark.parametrize("pair", [("RAC", "CAML"), ("RAC", "Ada"), ("Ada", "Ben"), ("Ada", "")])
@pytest.mark.parametrize("others", [True, False])
def test_no_two_raters_are_drawn_alike(pair, others):
    marks = marks_of(["Human coders", "RAC", "CAML"], pair, others)
    assert len(set(marks.values())) == 3 and not (others and "c" in marks.values())
    for name, mark in zip(pair, ("a", "b"), strict=True):
        assert marks.get(name, mark) == mark


def test_each_column_of_the_definitions_has_the_mark_of_its_rater(compared, rae):
    benchmark_run(study=compared, preset="full")
    page = markup(logged_in(rae).get("/studies/small/results/?a=Ada&b=Ben"))
    found = page[page.index('<section id="definitions"') :]
    found = found[: found.index("</section>")]
    shapes = r'<svg class="mark".*?>\s*(<.*?/>)\s*</svg>'
    keys = dict(re.findall(rf"<li>{shapes} ([^<]+)</li>", found))
    heads = re.findall(rf'<th scope="col" class="n" title="([^"]+)">{shapes}', found)
    assert sorted(keys.values()) == sorted([HUMANS, "Theirs"]) == sorted(dict(heads))
    assert all(keys[shape] == name for name, shape in heads)
    assert all(found.count(shape) == 1 + 1 + 6 for shape in keys), "key, head, six ways"


def test_models_are_as_the_document_has_them(document):
    found = model_rows(document)
    (row,) = found.rows
    for column, cell in zip(found.columns, row.cells, strict=True):
        value = document.ranking["RAC"][column.key]
        shown = f"{value:.3f}" if column.key == "threshold_dev" else f"{100 * value:.1f}"
        assert cell == shown
    (curve,) = found.curves
    calibration = document.calibration["RAC"].every_code
    assert sorted(dot.bin.cells for dot in curve.dots) == sorted(b.cells for b in calibration.bins)
    assert f"{calibration.expected_over_observed.value:.2f} times" in curve.sentences[0]
    kept = {each.share: each.risk for each in document.abstention["RAC"].risks}
    assert f"{100 * (1 - kept[0.8]):.1f}% of codes on the rest" in found.left_to_people[0]
    assert model_rows(replace(document, ranking={})) is None
    untold = replace(document, uncalibrated={"CAML": "its file tells none"})
    assert model_rows(untold).why_not == {"CAML": ("whether they are true: its file tells none",)}


def test_how_this_was_counted_has_all_footnotes_of_table_1(compared, rae):
    client = logged_in(rae)
    found = section(markup(client.get("/studies/small/results/")), "how")
    run = BenchmarkRun.objects.get()
    assert run.result.protocol_sha256 in found and run.result.label_space.sha256 in found
    assert "10,000 times" in found and "2,000 times" in found
    assert "1 by Theirs" in found, "a code off the list"
    words = " ".join(found.split()).lower()
    told = told_of(run)
    assert len(told) > 3
    for each in told:
        if each.about != "Protocol":
            assert each.words.removeprefix(f"{each.about}: ").lower() in words
    footnotes = study_table(run).footnotes
    assert [each.words for each in told] == list(footnotes[: len(told)])


def test_without_a_reference_raters_are_compared_with_each_other(study, rae):
    study.reference = None
    study.save()
    client = logged_in(rae)
    assert "once two of them have coded" in client.get("/studies/small/results/").content.decode()
    for assignment in study.assignments.select_related("note", "rater"):
        codes = ["401.9", "428.0"] if assignment.rater.name == "Ben" else ["401.9"]
        rows = dict.fromkeys(Code.objects.filter(code__in=codes))
        given = Given(assignment.note, rows, f"t{assignment.pk}", timezone.now(), 60.0)
        coding_append(study=study, rater=assignment.rater, given=given)
    page = markup(client.get("/studies/small/results/"))
    assert "nothing says which codes are right" in " ".join(page.split())
    assert "/studies/small/import/" in page
    assert "too few" in section(page, "agreement") and "2 notes" in section(page, "agreement")
    assert "The coders and their work" in page
    assert "50.0 (2)" in client.get("/studies/small/results/agreement.md").content.decode()
    assert client.get("/studies/small/results/table1.md").status_code == 404
    assert client.get("/studies/small/results/codes/").status_code == 200
    refused = client.post("/studies/small/benchmark/", follow=True).content.decode()
    assert "no reference codes" in refused


def test_each_coder_apart_is_in_a_table(compared, rae):
    page = logged_in(rae).get("/studies/small/results/tables/coders/").content.decode()
    result = BenchmarkRun.objects.get().result
    assert list(result.coders) == ["Ada", "Ben"] and "Theirs on the notes of Ada" in page
    ada = codings_of(compared, Rater.objects.get(name="Ada"))
    reference = codings_of(compared, compared.reference)
    tp = sum(len(set(reference[n]) & set(codes)) for n, codes in ada.items())
    own = result.coders["Ada"].raters["Ada"]
    assert result.coders["Ada"].notes == len(ada)
    assert own.micro.precision == pytest.approx(tp / sum(map(len, ada.values())))
    assert HUMANS in result.raters


def test_the_lower_half_asks_little_of_the_database(compared, rae):
    client = logged_in(rae)
    with CaptureQueriesContext(connection) as queries:
        client.get("/studies/small/results/")
    assert len(queries) <= 15, [query["sql"][:90] for query in queries]


@pytest.mark.parametrize(
    "module", [rows_module, definitions_module, map_module, models_module, agreement, presets]
)
def test_examples(module):
    assert not doctest.testmod(module).failed
