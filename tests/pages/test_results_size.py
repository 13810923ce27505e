"""The pages of results at the size of the paper's study: 508 notes, 4,075 codes, six raters."""

import gzip
import random
import time
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.models import Code, Rater
from annotation.services.batches import batch_create, sha256_of
from annotation.services.codes import code_set_create
from annotation.services.studies import study_draft
from benchmark.scoring import figures
from benchmark.services.benchmarks import benchmark_run
from files.notes import NoteRow
from tests.cast import logged_in
from tests.imports import codings_import

NOTES, CODES, A_NOTE, RATERS = 508, 4075, 16, 6
QUERIES, SECONDS, BYTES = 15, 0.3, 200_000
"""Of a page: to the database, of the processor, compressed."""


@pytest.fixture
def paper_sized(ada, monkeypatch):
    rng = random.Random(0)
    codes = sorted(Code.objects.values_list("code", flat=True))[::4][:CODES]
    rows = [NoteRow(f"n{n}", f"Note {n}.", tuple(rng.sample(codes, A_NOTE))) for n in range(NOTES)]
    batch, _ = batch_create(
        name="508", sha256=sha256_of("508"), origin="synthetic", rows=rows, split="", user=None
    )
    study = study_draft(
        slug="big",
        batch=batch,
        code_set=code_set_create(name="list", codes=codes),
        coders=[Rater.objects.get(user=ada)],
    )
    study.workspaces.all().delete()
    for number in range(RATERS):
        given = [
            f"{row.note_id}|{'|'.join(rng.sample(row.codes, 10) + rng.sample(codes, 4))}"
            for row in rows
        ]
        codings_import(
            study=study,
            name=f"rater {number}",
            kind="model",
            file="a.psv",
            data="\n".join(given).encode(),
        )
    # The tests' draws are not what is timed here.
    few_draws = partial(figures.paired_tests, draws=100)
    monkeypatch.setattr(figures, "paired_tests", few_draws)
    benchmark_run(study=study)
    return study


@pytest.mark.slow
def test_pages_are_light_and_quick(paper_sized, rae):
    client = logged_in(rae)
    for address in ("", "codes/?a=rater+3", "codes/?by=chapter", "notes/?sort=-missed"):
        with CaptureQueriesContext(connection) as queries:
            body = client.get(f"/studies/big/results/{address}").content
        asked = len(queries)
        sent = len(gzip.compress(body))
        assert 0 < asked <= QUERIES and sent < BYTES, (address, asked, sent)
        took = min(_seconds(client, address) for _ in range(5))
        print(f"/results/{address}: {1000 * took:.0f} ms, {asked} queries, {sent // 1000} kB")
        assert took < SECONDS, f"{address}: {took:.2f} s"


def _seconds(client, address: str) -> float:
    began = time.process_time()  # the machine may be busy with other things
    assert client.get(f"/studies/big/results/{address}").status_code == 200
    return time.process_time() - began
