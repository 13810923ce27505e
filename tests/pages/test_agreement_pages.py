"""Kappa and majorities on the page are those of the codings, with a reference and without."""

import json
from collections import Counter
from html import unescape

import pytest
from django.utils import timezone
from sklearn.metrics import cohen_kappa_score

from annotation.models import Code, Study
from annotation.selectors.codings import codings_of
from annotation.services.codings import Given, coding_append
from benchmark.models import BenchmarkRun
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in
from tests.imports import codings_import
from tests.markup import markup

pytestmark = pytest.mark.slow

LISTED = ["401.9", "428.0", "427.31", "250.00", "38.93", "96.04", "99.04", "V58.61"]


@pytest.fixture
def three(study):
    """Ada and Ben on their notes, and two models on all of them.

    One of the models gives a code off the list.
    """
    given = {"One": {}, "Two": {}}
    for number, row in enumerate(study.assignments.select_related("note", "rater").order_by("pk")):
        mine = Code.objects.filter(code__in=[LISTED[number % 8], LISTED[(number * 3 + 1) % 8]])
        coding_append(
            study=study,
            rater=row.rater,
            given=Given(row.note, dict.fromkeys(mine), f"k{row.pk}", timezone.now()),
        )
    for k in range(12):
        given["One"][f"n{k}"] = [LISTED[k % 8], LISTED[(k + 3) % 8]]
        given["Two"][f"n{k}"] = [LISTED[(k + 3) % 8], "038.9"]
    for name, codings in given.items():
        lines = "\n".join(
            json.dumps({"note_id": note, "codes": codes}) for note, codes in codings.items()
        )
        codings_import(study=study, name=name, kind="model", file="a.jsonl", data=lines.encode())
    return study, given


def test_kappa_is_scikit_learns_over_the_cells_of_the_list(three):
    study, given = three
    result = benchmark_run(study=study).result.to_json()
    (pair,) = [p for p in result["pairs"] if {p["first"], p["second"]} == {"One", "Two"}]
    cells = [
        [code in given[name][note] for note in given[name] for code in LISTED]
        for name in ("One", "Two")
    ]
    assert pair["kappa"] == pytest.approx(cohen_kappa_score(*cells), abs=1e-12)


def codes_of(study, name: str) -> dict[str, set[str]]:
    """note_id -> the codes that the rater of this name gave."""
    codings = study.codings.filter(rater__name=name)
    return {
        coding.note.external_id: {item.code.code for item in coding.items.all()}
        for coding in codings
    }


def test_the_majority_is_that_of_the_others(three):
    study, given = three
    result = benchmark_run(study=study).result.to_json()
    ada = codes_of(study, "Ada")
    both = {note: set(given["One"][note]) & set(given["Two"][note]) for note in ada}
    ben = codes_of(study, "Ben")
    for note in ada.keys() & ben.keys():
        votes = [set(given["One"][note]), set(given["Two"][note]), ben[note]]
        given_by = Counter(code for vote in votes for code in vote)
        both[note] = {code for code, times in given_by.items() if times > 1}
    found = result["majorities"]["Ada"]
    hits, sure = sum(len(ada[n] & both[n]) for n in ada), sum(len(both[n]) for n in ada)
    assert found["notes"] == len(ada)
    assert found["raters"]["Ada"]["micro"]["recall"] == pytest.approx(hits / sure)


def test_pages_show_them_with_their_remarks(three, rae):
    study, _ = three
    benchmark_run(study=study)
    client = logged_in(rae)
    page = unescape(markup(client.get("/studies/small/results/?agreement=kappa")))
    assert "kappa is nearly the F1" in page and "against the majority of the others" in page
    BenchmarkRun.objects.all().delete()
    Study.objects.update(reference=None)
    bare = unescape(markup(client.get("/studies/small/results/?agreement=kappa")))
    assert "there is no Table 1" in bare
    assert "kappa is nearly the F1" in bare
    assert "majority of the others" in bare
    for name in ("agreement", "kappa", "majority"):
        assert client.get(f"/studies/small/results/{name}.xlsx").status_code == 200


def test_the_references_codes_off_the_list_are_reported_both_ways(three, rae):
    """As misses in the table, as dropped below it."""
    study, given = three
    study.code_set.codesetmember_set.get(code__code="401.9").delete()
    result = benchmark_run(study=study).result.to_json()
    outside, reference = result["reference_outside"], codings_of(study, study.reference)
    assert outside["codes"] == sum("401.9" in codes for codes in reference.values()) > 0
    listed = set(LISTED) - {"401.9"}
    true = {note: set(codes) & listed for note, codes in reference.items()}
    hits = sum(len(true[note] & set(codes)) for note, codes in given["One"].items())
    all_true = sum(map(len, true.values()))
    assert outside["micro_dropped"]["One"]["recall"] == pytest.approx(hits / all_true)
    assert result["raters"]["One"]["micro"]["recall"] == pytest.approx(
        hits / (all_true + outside["codes"])
    )
    page = unescape(markup(logged_in(rae).get("/studies/small/results/")))
    assert f"Of the reference's codes {outside['codes']} lie outside the label space" in page
