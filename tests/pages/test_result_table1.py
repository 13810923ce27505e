"""Table 1 and all around it: the presets, each coder apart, partial credit."""

import csv
import io
import re
from dataclasses import replace

import pytest
from django.core.management import call_command

from annotation.models import Code, Rater
from annotation.selectors.codings import codings_of
from benchmark.metrics.label_space import listed
from benchmark.metrics.tables.certainty import LEAST_NOTES, differences_table
from benchmark.models import BenchmarkRun
from benchmark.scoring.encoded import encoded_study
from benchmark.scoring.partial_credit import partial_credit
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.table1 import study_table
from benchmark.selectors.work import coder_facts
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables.codes_a_note import spread_table
from benchmark.tables.details import DETAILS
from benchmark.tables.summary import definitions_table
from benchmark.tables.work import facts_table
from icd.groups import GROUPS
from tests.broker import work_is_swept
from tests.cast import logged_in
from tests.imports import codings_import
from tests.markup import markup
from tests.pages.compared import HUMANS, sets_of

pytestmark = pytest.mark.slow


def read_csv(client, table: str) -> list[dict[str, str]]:
    """The rows of a table of the compare page, from its download."""
    page = client.get(f"/studies/small/results/{table}.csv").content.decode()
    return list(csv.DictReader(io.StringIO(page)))


def test_few_notes_mark_nothing(compared):
    document = BenchmarkRun.objects.get().result
    tables = [
        definitions_table({"one": document, "two": document}, []),
        differences_table(document.differences, document.notes),
    ]
    for table in tables:
        assert not any(any(row.best) for row in table.rows)
    many = replace(document, notes=LEAST_NOTES)
    assert any(any(row.best) for row in definitions_table({"one": many, "two": many}, []).rows)


def test_a_label_has_one_value_in_all_tables(compared):
    run = BenchmarkRun.objects.get()
    facts = facts_table(coder_facts(compared))
    tables = [study_table(run), facts, spread_table(run.result, run.tally)]
    tables += [lay_out(run.result) for lay_out in DETAILS.values()]
    shown: dict[tuple[str, str], set[str]] = {}
    for table in filter(None, tables):
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if re.fullmatch(r"[+-]?[\d.,]+", cell):
                    shown.setdefault((row.label, f"{column.group} {column.name}"), set()).add(cell)
    assert len(shown) > 20
    assert {label: values for label, values in shown.items() if len(values) > 1} == {}


def test_codes_a_note_are_all_that_were_given(compared, rae):
    """038.9 is not on the list: Table 1 drops it, this table counts it."""
    theirs = codings_of(compared, Rater.objects.get(name="Theirs"))
    tally = BenchmarkRun.objects.get().tally
    dropped = dict(zip(tally.notes, tally.dropped["Theirs"], strict=True))
    assert dropped == {note: int(note == "n3") for note in theirs}
    rows = read_csv(logged_in(rae), "spread")
    mean = float({row["rater"]: row["mean"] for row in rows}["Theirs"])
    assert mean == pytest.approx(sum(map(len, theirs.values())) / len(theirs), rel=1e-12)


def test_a_coder_from_outside_agrees_and_disagrees_like_the_others(compared, rae):
    data = b"note_id,code\nn1,401.9\nn2,428.0\n"
    codings_import(study=compared, name="Audit", kind="coder", file="d.csv", data=data)
    result = benchmark_run(study=compared).result.to_json()
    assert "Audit" in result["coders"] and result["interim"] and result["notes"] == 2
    assert result["lacking"] == {"Audit": 10}
    assert any("Audit" in (p["first"], p["second"]) for p in result["pairs"])
    page = logged_in(rae).get("/studies/small/results/").content.decode()
    assert "n = 2 of 12" in page and "Audit lacks 10" in page
    assert '<td class="n">2 of 12</td>' in markup(logged_in(rae).get("/studies/small/runs/"))


def test_presets_change_what_macro_figures_average_over(compared, rae):
    client = logged_in(rae)
    full = client.get("/studies/small/results/?preset=full").content.decode()
    assert "Not scored yet over every code of the code system" in full
    page = client.post("/studies/small/benchmark/", {"preset": "full"}, follow=True)
    assert page.redirect_chain == [("/studies/small/results/?preset=full", 302)]
    work_is_swept()
    out = io.StringIO()
    call_command("run_benchmark", "small", preset="present", format="json", stdout=out)
    found = {}
    for name in ("paper", "present", "full"):
        found[name] = client.get(f"/api/v1/studies/small/table1/?preset={name}").json()
    sizes = {name: result["label_space"]["size"] for name, result in found.items()}
    assert sizes["paper"] == 8 and sizes["full"] == Code.objects.count()
    in_reference = set()
    for true, _ in sets_of(compared, HUMANS).values():
        in_reference |= true
    assert sizes["present"] == len(in_reference)
    outside = {name: result["raters"]["Theirs"]["outside"] for name, result in found.items()}
    assert outside == {"paper": 1, "present": 1, "full": 0}
    assert found["full"]["raters"]["Theirs"]["codes_per_note"] == pytest.approx(13 / 12)
    assert client.get("/api/v1/studies/small/table1/?preset=x").status_code == 400
    refused = client.post("/studies/small/benchmark/", {"preset": "panel"}, follow=True)
    assert "no panel yet" in refused.content.decode()
    assert client.post("/studies/small/benchmark/", {"preset": "x"}).status_code == 404
    counts = client.get("/api/v1/studies/small/counts/?preset=full").json()
    assert sum(counts["by_note"]["Theirs"][1]) == 13 == sum(counts["by_code"]["Theirs"][1])
    assert set(PRESETS) == {"paper", "present", "full", "tuned", "panel", "union"}


def test_partial_credit_is_plain_set_arithmetic(compared):
    reference = codings_of(compared, compared.reference)
    theirs = codings_of(compared, Rater.objects.get(name="Theirs"))
    found = BenchmarkRun.objects.get().result.to_json()["partial"]["Theirs"]
    for way in ("category", "chapter"):
        group = GROUPS[way]
        tp, given, true = 0, 0, 0
        for note, codes in reference.items():
            right = {group(code) for code in codes}
            answered = {group(code) for code in theirs[note]}
            tp += len(right & answered)
            given += len(answered)
            true += len(right)
        assert found[way]["precision"] == pytest.approx(tp / given)
        assert found[way]["recall"] == pytest.approx(tp / true)
    reference, given = {"n": ["038.9"]}, {"A": {"n": ["38.93"]}}
    kinds = partial_credit(encoded_study(listed("none", []), ["n"], reference, given, {}, []))["A"]
    assert kinds.category.f1 == 0, "a diagnosis and a procedure are no neighbours"
