"""What the pages show, scripts get too, from the same rows.

The leaderboard, work, progress and agreement.
"""

import pytest
from django.utils import timezone

from annotation.models import Code
from annotation.services.codings import Given, coding_append
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in
from tests.imports import codings_import


@pytest.fixture
def coded(study):
    rows = Code.objects.filter(code="401.9")
    for number, each in enumerate(study.assignments.select_related("note", "rater").order_by("pk")):
        given = Given(
            each.note, dict.fromkeys(rows), f"x{each.pk}", timezone.now(), 60.0 * (number + 1)
        )
        coding_append(study=study, rater=each.rater, given=given)
    data = b"note_id,code\n" + b"".join(b"n%d,428.0\n" % k for k in range(12))
    codings_import(study=study, name="Theirs", kind="model", file="a.csv", data=data)
    return study


def test_the_leaderboard_is_that_of_the_page(coded, rae):
    client, result = logged_in(rae), benchmark_run(study=coded).result.to_json()
    rows = client.get("/api/v1/leaderboard/").json()["results"]
    assert {row["rater"]: row["figures"] for row in rows} == result["raters"]
    assert [(row["study"], row["notes"], row["interim"]) for row in rows] == [
        ("small", 12, False)
    ] * 2
    by_f1 = [row["figures"]["micro"]["f1"] for row in rows]
    assert by_f1 == sorted(by_f1, reverse=True)
    page = client.get("/models/").content.decode()
    assert page.index(rows[0]["rater"]) < page.index(rows[1]["rater"])
    assert client.get("/api/v1/leaderboard/?preset=full").json()["count"] == 0
    assert client.get("/api/v1/leaderboard/?preset=x").status_code == 400
    assert client.get("/api/v1/benchmark-runs/?preset=full").json()["count"] == 0
    assert client.get("/api/v1/benchmark-runs/?preset=paper").json()["count"] == 1


def test_work_and_progress_are_counted(coded, rae):
    client = logged_in(rae)
    work = client.get("/api/v1/studies/small/work/").json()
    assert [row["name"] for row in work] == ["Ada", "Ben"] and {row["notes"] for row in work} == {7}
    minutes = range(1, coded.assignments.count() + 1)
    assert sum(row["hours"] for row in work) == pytest.approx(sum(minutes) / 60)
    progress = client.get("/api/v1/studies/small/progress/").json()
    assert [(row["done"], row["total"]) for row in progress["coders"]] == [(7, 7)] * 2
    assert (progress["settled"], progress["to_settle"], progress["quarantined"]) == (0, 12, 0)
    (theirs,) = progress["imported"]
    assert (theirs["name"], theirs["kind"], theirs["coded"]) == ("Theirs", "model", 12)


def test_agreement_needs_no_benchmark(coded, rae):
    found = logged_in(rae).get("/api/v1/studies/small/agreement/").json()
    result = benchmark_run(study=coded).result.to_json()
    assert found["agreement"] == result["agreement"] and found["majorities"] == result["majorities"]
    pairs = [pair for pair in result["pairs"] if pair["first"] != "Reference"]
    assert found["pairs"] == pairs
