"""The page of results: its sections, the answer and its verdict, links, folds, odd states."""

import json
import re
from dataclasses import replace
from html import escape, unescape
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from annotation.models import Rater, Study
from annotation.services.codings import Given, coding_append
from benchmark.models import BenchmarkRun, GivenCodes
from benchmark.scoring.document import written
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.sides import raters_listed, raters_named
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables import answer, first_table
from pages.results import SECTIONS
from tests.cast import logged_in
from tests.imports import codings_import
from tests.markup import markup
from tests.pages.compared import HUMANS, raters_by_name

pytestmark = pytest.mark.slow
RESULTS = "/studies/small/results/"


@pytest.fixture
def enough(monkeypatch):
    """Twelve notes, and they are taken to be enough."""
    monkeypatch.setattr(answer, "LEAST_NOTES", 2)
    monkeypatch.setattr(first_table, "LEAST_NOTES", 2)


def page_of(rae, **choices):
    return logged_in(rae).get(RESULTS, choices)


def said(page, name: str) -> str:
    """A section of the page as text."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}-h".*?</section>', markup(page))
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", found[0]).split()))


def test_sections_stand_in_one_order_and_the_contents_lead_to_each(compared, rae):
    page = page_of(rae)
    text = page.content.decode()
    shown = [section.id for section in page.context["sections"]]
    order = [section.id for section in SECTIONS]
    assert shown == [name for name in order if name in shown]
    assert {"answer", "table1", "charts", "where", "coders", "more", "how", "export"} <= set(shown)
    places = [text.index(f'aria-labelledby="{name}-h"') for name in shown]
    assert places == sorted(places)
    for name in shown:
        assert f'href="#{name}"' in text and f'id="{name}"' in text
    assert "Too few notes" in said(page, "answer") and "on 12 notes" in said(page, "answer")
    assert "nothing is marked as best" in said(page, "table1")
    assert "not clearly beaten" not in text


def test_names_and_counts_lead_on_with_the_choices(compared, rae):
    page = page_of(rae, a="Ada", b="Theirs")
    text = page.content.decode()
    ada = Rater.objects.get(name="Ada").pk
    assert f'href="/studies/small/coders/{ada}/?a=Ada&amp;b=Theirs"' in text
    assert 'href="/studies/small/coders/?a=Ada&amp;b=Theirs"' in text
    checked = 0
    for table in page.context["where"]["tables"]:
        for line, _ in table["lines"]:
            query = urlencode({"a": "Ada", "b": "Theirs", "by": table["by"], "of": line.name})
            for kind, counts in (("missed", line.missed), ("added", line.added)):
                for count, show in zip(counts, ("a-only", "both", "b-only"), strict=True):
                    address = f"results/notes/?{query}&show={kind}-{show}"
                    assert (escape(address) in text) == (count > 0)
                    checked += count > 0
    assert checked > 5
    told = said(page_of(rae), "more")
    (flips,) = BenchmarkRun.objects.get().result.flips
    assert f"{flips.dropped + flips.added} code" in told and "would be ahead no longer if" in told


def test_the_answer_has_the_figures_of_table_1(compared, rae, enough):
    page = page_of(rae)
    document = BenchmarkRun.objects.get().result
    ours, theirs = (document.raters[name].micro.jaccard for name in ("Theirs", HUMANS))
    decimals = answer.decimals_of(ours, theirs)
    sentence = said(page, "answer")
    assert f"Theirs agrees with the hospital on {answer.percent(ours, decimals)}" in sentence
    assert f"the human coders on {answer.percent(theirs, decimals)}" in sentence
    (pair,) = document.differences
    assert answer.p_statement(pair.tests["micro_jaccard"].p_holm) in sentence
    assert "Holm-corrected for 7 comparisons" in sentence and "12 notes" in sentence
    table = page.context["table1"]["rows"]
    micro = {row.name: row.figures[0].value for row in table}
    assert micro == {"Theirs": f"{100 * ours:.1f}", HUMANS: f"{100 * theirs:.1f}"}
    turned = said(page_of(rae, a=HUMANS, b="Theirs"), "answer")
    assert (
        f"The human coders agree with the hospital on {answer.percent(theirs, decimals)}" in turned
    )


def test_a_coder_beside_a_model_is_tested_now_and_not_corrected(compared, rae, enough):
    page = page_of(rae, a="Ada", b="Theirs")
    told = said(page, "answer")
    both = page.context["choice"].sides.counted("Ada", "Theirs")
    assert f"On the {len(both)} notes that both coded, Ada agrees with" in told
    assert "one comparison, not corrected; 10,000 draws" in told
    assert told == said(page_of(rae, a="Ada", b="Theirs"), "answer")
    among = said(page_of(rae, a="Ada", b="Ben"), "answer")
    assert "On the 2 notes that both coded, Ada" in among
    plain = written(replace(BenchmarkRun.objects.get().result, differences=[]))
    BenchmarkRun.objects.update(document=json.dumps(plain))
    before = said(page_of(rae), "answer")
    assert "one comparison, not corrected" in before, "a document of before tests"


def test_raters_are_named_as_before_by_one_query(compared, django_assert_num_queries):
    codings_import(
        study=compared, name="Ada", kind="model", file="b.csv", data=b"note_id,code\nn1,401.9\n"
    )
    run = benchmark_run(study=compared)
    listed = raters_listed(run)
    with django_assert_num_queries(1):
        found = raters_named(compared, listed)
    expected = raters_by_name(compared)
    assert {name: each.rater for name, each in found.items()} == expected
    assert {"Ada", "Ada (coder)"} <= set(found) or {"Ada", "Ada (model)"} <= set(found)


def test_the_papers_rows_stand_behind_a_switch_where_the_design_is_its(compared, rae):
    page = page_of(rae)
    assert [row.name for row in page.context["table1"]["paper"]] == ["Human coders", "RAC"]
    f1 = page.context["table1"]["paper"][1].figures[3].value
    precision, recall = 63.7, 55.2
    assert float(f1) == pytest.approx(2 * precision * recall / (precision + recall), abs=0.06)
    assert '<input type="checkbox">' in page.content.decode()
    benchmark_run(study=compared, preset="full")
    other = page_of(rae, preset="full")
    assert other.context["table1"]["paper"] == [] and "Show the paper" not in other.content.decode()


def test_folds_are_fetched_when_opened_and_are_pages_without_a_script(compared, rae):
    client = logged_in(rae)
    text = page_of(rae).content.decode()
    addresses = set(re.findall(r'hx-get="([^"]*/results/tables/[^"]*)"', text))
    assert len(addresses) >= 5
    for address in addresses:
        assert f'href="{address}"' in text
        whole = client.get(unescape(address))
        part = client.get(unescape(address), headers={"HX-Request": "true"})
        assert whole.status_code == part.status_code == 200
        assert b"<table" in part.content and b"<html" not in part.content
        assert b"<html" in whole.content and markup(part).strip() in markup(whole)
    assert client.get(f"{RESULTS}tables/nothing/").status_code == 404


def test_everything_can_be_exported(compared, rae):
    client = logged_in(rae)
    benchmark_run(study=compared, preset="full")
    page = page_of(rae)
    files = page.context["export"]
    for name, _ in files["tables"]:
        assert client.get(f"{RESULTS}{name}.csv").status_code == 200, name
        assert f"{RESULTS}{name}.xlsx" in page.content.decode()
    for name, _ in files["charts"]:
        assert client.get(f"{RESULTS}{name}.svg").status_code == 200, name
    names = {name for name, _ in files["tables"]}
    assert {"table1", "figures", "where-codes", "definitions", "intervals", "flips"} <= names
    assert "/api/v1/studies/small/table1/" in page.content.decode()
    lines = client.get(f"{RESULTS}figures.csv").content.decode().splitlines()
    head = lines[0].split(",")
    rows = {}
    for line in lines[1:]:
        cells = dict(zip(head, line.split(","), strict=True))
        rows[cells["rater"]] = cells
    for name, rater in BenchmarkRun.objects.get(preset="paper").result.raters.items():
        assert float(rows[name]["macro_f1_mean_all"]) == pytest.approx(rater.macro.f1_mean_all)
        low = rater.intervals.micro["f1"].low
        assert float(rows[name]["micro_f1_low"]) == pytest.approx(low)


def test_a_run_of_before_sides_shows_what_it_has_and_asks_to_be_run_again(compared, rae):
    GivenCodes.objects.all().delete()
    BenchmarkRun.objects.update(axes=b"")
    page = page_of(rae)
    text = page.content.decode()
    assert "Run the benchmark again for the rest" in text
    shown = {section.id for section in page.context["sections"]}
    assert {"table1", "charts", "more", "export"} <= shown and not {"answer", "where"} & shown


def test_one_rater_alone_has_a_sentence_of_one(study, rae):
    rows = "\n".join(["note_id,code", *(f"n{number},401.9" for number in range(12))])
    codings_import(study=study, name="Theirs", kind="model", file="a.csv", data=rows.encode())
    benchmark_run(study=study)
    page = page_of(rae)
    assert page.context["choice"].b == ""
    assert "Theirs agrees with the hospital on" in said(page, "answer")
    assert "where" not in {section.id for section in page.context["sections"]}
    assert "Finds" in said(page, "answer")


def test_two_who_share_no_note_are_not_compared(study, rae):
    for assignment in study.assignments.filter(role="primary").select_related("note", "rater"):
        code = study.code_set.codes.first()
        given = Given(assignment.note, {code: None}, f"t{assignment.pk}", timezone.now(), 60.0)
        coding_append(study=study, rater=assignment.rater, given=given)
    benchmark_run(study=study)
    page = page_of(rae, a="Ada", b="Ben")
    assert "Ada and Ben coded none of the same notes" in said(page, "answer")


def test_no_benchmark_at_all(compared, rae):
    BenchmarkRun.objects.all().delete()
    text = markup(page_of(rae))
    assert "No benchmark has been run on this study" in text and "Run the benchmark" in text
    assert 'class="sections"' not in text


@pytest.mark.parametrize("status", ["draft", "open"])
def test_where_nobody_has_coded_a_note_there_is_nothing_to_score(study, rae, status):
    Study.objects.update(status=status)
    ada = Rater.objects.get(name="Ada").pk
    pages = ["", "?preset=full", "?preset=panel", "codes/", "notes/", "code/?code=428.0"]
    addresses = [RESULTS + page for page in pages]
    for address in (*addresses, "/studies/small/coders/", f"/studies/small/coders/{ada}/"):
        text = markup(logged_in(rae).get(address))
        assert "Nobody has coded a note yet" in text, address
        assert '<a href="/studies/small/">overview</a>' in text
        assert "Run the benchmark" not in text


def test_a_kind_that_was_never_scored_is_named_and_leads_back(compared, rae):
    for preset in PRESETS.values():
        if preset.name == compared.preset:
            continue
        for page in ("", "codes/", "notes/"):
            address = f"{RESULTS}{page}?preset={preset.name}&a=Ada&b=Theirs"
            text = markup(logged_in(rae).get(address))
            assert f"Not scored yet {escape(preset.kind)}" in text, address
            assert f'href="{RESULTS}?a=Ada&amp;b=Theirs"' in text
            assert f'<option value="{preset.name}" selected>' in text
            assert 'name="a" value="Ada"' in text and 'name="b" value="Theirs"' in text
            if preset.against == "panel":
                assert "an adjudicator must settle notes first" in text
                assert "Run the benchmark" not in text and '<option value="paper">' in text
            else:
                assert f'name="preset" value="{preset.name}"><button>Run the benchmark' in text


def test_once_a_note_is_settled_the_panel_can_be_scored_against(compared, rae):
    panel = Rater.objects.create(kind=Rater.Kind.PANEL, name="panel of small")
    code = compared.code_set.codes.first()
    given = Given(compared.notes.first(), {code: None}, "p1", timezone.now(), 60.0)
    coding_append(study=compared, rater=panel, given=given)
    text = markup(page_of(rae, preset="panel"))
    assert "Not scored yet against the panel." in text
    assert 'name="preset" value="panel"><button>Run the benchmark' in text


def test_the_margin_and_the_coders_as_a_sample_stand_in_the_answer(compared, rae, enough):
    told = said(page_of(rae), "answer")
    assert "Would it hold for other coders?" in told and "How many notes are enough?" in told
    run = BenchmarkRun.objects.get()
    plain = written(run.result)
    plain["margin"] = {
        "margin": {"value": 0.05, "afterwards": True, "set_at": ""},
        "figure": "micro_jaccard",
        "models": {},
        "refused": "for a test",
    }
    BenchmarkRun.objects.update(document=json.dumps(plain))
    assert "The margin of 5 points is not tested: for a test." in said(page_of(rae), "answer")
    others = said(page_of(rae, a="Ada", b="Theirs"), "answer")
    assert "Would it hold" not in others and "The margin of" not in others
