"""The compare pages as a whole: the leaderboard, studies without a reference, old runs, weight."""

import json
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.models import Code, Role, User
from annotation.services.codings import Given, coding_append
from benchmark.models import BenchmarkRun
from tests.cast import logged_in
from tests.markup import markup
from tests.pages.compared import HUMANS

pytestmark = pytest.mark.slow


def test_the_leaderboard_ranks_people_and_models_of_each_study(compared, rae, ada):
    client = logged_in(rae)
    page = client.get("/models/").content.decode()
    result = BenchmarkRun.objects.get().result.to_json()
    by_f1 = sorted(result["raters"], key=lambda name: -result["raters"][name]["micro"]["f1"])
    places = [page.index(f'<th scope="row">{name}') for name in by_f1]
    assert places == sorted(places) and len(places) == 2
    assert result["kinds"] == {HUMANS: "people", "Theirs": "model"}
    assert ">people<" in page
    assert "synthetic" in page
    full = client.get("/models/?preset=full").content.decode()
    assert "No study has a benchmark of this kind" in full
    User.objects.filter(pk=ada.pk).update(role=Role.RESEARCHER)
    hidden = logged_in(User.objects.get(pk=ada.pk)).get("/models/").content.decode()
    assert "Theirs" not in hidden, "who codes in an open study does not see its results"


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
    assert "nothing says which codes are right" in page
    assert "50.0 (2)" in page
    assert "The coders and their work" in page
    assert "50.0 (2)" in client.get("/studies/small/results/agreement.md").content.decode()
    assert client.get("/studies/small/results/table1.md").status_code == 404
    assert client.get("/studies/small/results/codes/").status_code == 200
    refused = client.post("/studies/small/benchmark/", follow=True).content.decode()
    assert "no reference codes" in refused


def test_an_old_run_without_counts_asks_to_be_run_again(compared, rae):
    run = BenchmarkRun.objects.get()
    kept = (
        "notes",
        "label_space",
        "reference",
        "raters",
        "study",
        "protocol_sha256",
        "synthetic",
        "notes_of_study",
        "agreement",
        "interim",
        "without_codings",
    )
    BenchmarkRun.objects.update(
        counts="", axes=b"", document=json.dumps({key: run.result.to_json()[key] for key in kept})
    )
    client = logged_in(rae)
    assert client.get("/studies/small/results/").status_code == 200
    for page in ("codes", "notes"):
        assert "Run the benchmark" in client.get(f"/studies/small/results/{page}/").content.decode()
    assert client.get("/api/v1/studies/small/counts/").status_code == 404


def test_the_pages_are_light(compared, rae):
    """Few queries, whatever the number of notes.

    Time and size at the size of the paper's study: `make bench`.
    """
    client = logged_in(rae)
    for address in ("", "codes/", "notes/", "notes/?of=401.9&show=missed"):
        with CaptureQueriesContext(connection) as queries:
            began = time.perf_counter()
            assert client.get(f"/studies/small/results/{address}").status_code == 200
        assert len(queries) <= (20 if "of=" in address else 15), [q["sql"][:80] for q in queries]
        assert time.perf_counter() - began < 5
