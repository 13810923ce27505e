"""The compare pages as a whole: the leaderboard, studies without a reference, old runs, weight."""

import json
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmark.models import BenchmarkRun
from tests.cast import logged_in

pytestmark = pytest.mark.slow


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
