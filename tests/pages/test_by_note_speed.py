"""By note, and a note of a list, of a study of 20,000 notes and 20 raters: they are quick."""

import time

import pytest

from annotation.models import Assignment, Code, Note
from tests.cast import logged_in
from tests.pages.drawn_run import drawn_sides, stored_run

pytestmark = [pytest.mark.slow, pytest.mark.chaos]

NOTES, RATERS, CODES, A_NOTE = 20_000, 20, 8_000, 15
SECONDS = 1.0
"""Of processor time."""
TEXT = "word " * 1_700


@pytest.fixture
def large(study):
    """The study with so many notes, each of 8,500 characters and with its own coder."""
    names = [f"x{number:05}" for number in range(NOTES)]
    rows = []
    for name in names:
        rows.append(Note(batch=study.batch, external_id=name, text=TEXT, sha256=name))
    notes = Note.objects.bulk_create(rows, batch_size=500)
    study.notes.add(*notes)
    rater = study.workspaces.first().rater
    Assignment.objects.bulk_create(
        Assignment(study=study, note=note, rater=rater, role="primary", arm="list", position=place)
        for place, note in enumerate(notes, start=100)
    )
    kinds = ["model"] * 6 + ["coder"] * (RATERS - 7)
    raters = {f"rater {number}": kind for number, kind in enumerate(kinds)}
    raters["Human coders"] = "people"
    codes = sorted(Code.objects.of_systems().values_list("code", flat=True)[:CODES])
    stored_run(study, drawn_sides(names, codes, raters, A_NOTE), "rater 0", "Human coders")
    return study


def test_twenty_raters_on_twenty_thousand_notes(large, rae, capsys):
    client = logged_in(rae)
    note = large.notes.get(external_id="x10000").pk
    lists = ("", "show=missed-b&of=428.0", "show=differ", "show=nobody-all", "show=missed-all")
    lists += ("by=chapter&of=Neoplasms&show=added-a", "sort=-coder", "q=heart+failure", "page=300")
    addresses = [f"results/notes/?{asked}" for asked in lists]
    addresses += [f"notes/{note}/?{asked}" for asked in ("", *lists[1:7])]
    addresses += ["notes/", "notes/?page=300", "results/notes.csv"]
    slow = []
    for page in addresses:
        address = f"/studies/small/{page}"
        client.get(address)
        began, wall = time.process_time(), time.perf_counter()
        answer = client.get(address)
        took = time.process_time() - began
        wall = time.perf_counter() - wall
        assert answer.status_code == 200
        with capsys.disabled():
            print(f"\n{page}: {took:.2f} s of processor, {wall:.2f} s", end="")
        if took > SECONDS and not page.endswith("csv"):
            slow.append(page)
    assert not slow
