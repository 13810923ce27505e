"""A page's work grows no faster than the study.

The same number of queries, and never with the square of the notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from annotation.models import User
from benchmark.scoring.document import written
from benchmark.services.agreements import agreements_store
from tests.addresses import addresses
from tests.cast import logged_in
from tests.large import Size, large_study

FEW = 80
"""Notes of the smaller study."""
GROWTH = 2.9
"""How much more work twice the notes may be."""
STEPS = 200
"""SQLite's instructions that are one step."""
NOTHING = b"There is no such note"
SLACK = 60
"""Steps that do not count: a page of 100 lines fills up."""


@dataclass
class Work:
    queries: int
    steps: int
    of_nothing: bool
    """Whether it was a list of no notes, or a table that few notes do not have: both ask less of
    the database than any other."""


class UndoneError(Exception):
    """Ends a transaction that was to be undone."""


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="counts SQLite's instructions")
def test_twice_the_notes_are_not_four_times_the_work(db):
    small, large = measured(FEW), measured(2 * FEW)
    wrong = []
    for (role, address), before in small.items():
        after = large.get((role, address), before)
        if after.queries > before.queries and not before.of_nothing:
            wrong.append(f"{role} {address}: {before.queries} queries, then {after.queries}")
        if after.steps > GROWTH * before.steps + SLACK:
            wrong.append(f"{role} {address}: {before.steps} steps, then {after.steps}")
    assert len(small) > 300
    assert not wrong, "\n".join(wrong)


def measured(notes: int) -> dict[tuple[str, str], Work]:
    """The work of every address over a study of so many notes, by role and address.

    As an admin, who sees all, and the pages of coders and adjudicators as these. Nothing of it
    stays in the database.
    """
    found = {}
    try:
        with transaction.atomic():
            study = large_study(
                Size(
                    notes=notes, studies=3, characters=300, listed=200, codes_a_note=5, resamples=5
                )
            )
            for name, part in (("sam", "/"), ("ada", "/queue"), ("cid", "/adjudicate")):
                client = logged_in(User.objects.get(username=name))
                client.raise_request_exception = False
                for address in addresses(study):
                    if address.startswith(part) and address != "/readyz":
                        found[name, _named(address)] = worked(
                            lambda client=client, at=address: client.get(at)
                        )
            raise UndoneError
    except UndoneError:
        return found


def _named(address: str) -> str:
    """An address without the numbers of rows, which differ from one study to the next."""
    return "/".join("#" if part.isdigit() else part for part in address.split("/"))


def worked(visit: Callable[[], object]) -> Work:
    """The queries of a visit and its work in the database.

    Whatever else the machine does.
    """
    with CaptureQueriesContext(connection) as queries, steps() as counted:
        answer = visit()
    of_nothing = answer.status_code == 404 or NOTHING in getattr(answer, "content", b"")
    return Work(len(queries), counted(), of_nothing)


@contextmanager
def steps() -> Iterator[Callable[[], int]]:
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    connection.connection.set_progress_handler(step, STEPS)
    try:
        yield lambda: taken
    finally:
        connection.connection.set_progress_handler(None, 0)


@pytest.mark.slow
def test_agreement_of_many_codings_is_left_to_a_worker(db, monkeypatch):
    monkeypatch.setattr("benchmark.selectors.benchmarks.AT_ONCE", 100)
    asked = []
    monkeypatch.setattr("api.studies.queue_agreement", asked.append)
    study = large_study(
        Size(notes=40, studies=1, characters=100, listed=100, codes_a_note=4, resamples=5)
    )
    study.agreements.delete()
    client = logged_in(User.objects.get(username="rae"))
    for _ in range(2):
        answer = client.get(f"/api/v1/studies/{study.slug}/agreement/")
        assert answer.status_code == 202 and "being computed" in answer.json()["detail"]
    assert asked == [study.pk], "asked once"
    document = agreements_store(study)
    answer = client.get(f"/api/v1/studies/{study.slug}/agreement/")
    assert answer.status_code == 200 and answer.json() == written(document)


@pytest.mark.slow
def test_a_large_bundle_is_made_by_a_worker_and_handed_out(db, monkeypatch):
    from benchmark.bundle.zip_format import unpack
    from benchmark.services.exports import export_make

    monkeypatch.setattr("benchmark.selectors.benchmarks.AT_ONCE", 100)
    monkeypatch.setattr("benchmark.services.exports.PART", 1000)
    asked = []
    monkeypatch.setattr("pages.study_actions.queue_export", asked.append)
    study = large_study(
        Size(notes=40, studies=1, characters=100, listed=100, codes_a_note=4, resamples=5)
    )
    sam, rae = (logged_in(User.objects.get(username=name)) for name in ("sam", "rae"))
    page = sam.post(f"/studies/{study.slug}/export/", {"text": ""}, follow=True).content.decode()
    assert "a worker makes the file" in page and "waiting" in page
    sam.post(f"/studies/{study.slug}/export/", {"text": ""})
    assert len(asked) == 1, "one that is on its way is not asked for twice"
    export_make(asked[0])
    export_make(asked[0])
    export = study.exports.get()
    assert (export.state, export.done) == ("done", export.total) and export.parts.count() > 1
    address = f"/studies/{study.slug}/export/{export.pk}/"
    assert address in sam.get(f"/studies/{study.slug}/settings/").content.decode()
    assert rae.get(address).status_code == 403, "the notes' text is for admins"
    files = unpack(b"".join(sam.get(address).streaming_content))
    assert "notes.jsonl" in files and len(files["codings.csv"].splitlines()) > 40
