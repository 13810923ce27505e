"""A study of two arms.

The table says what the codings say, and chance is not called a difference.
"""

import re
from html import unescape

import numpy as np
import pytest
from django.utils import timezone

from annotation.models import Code, Rater, Study
from annotation.selectors.codings import codings_of
from annotation.services.codings import Given, coding_append
from annotation.services.studies import study_draft
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in
from tests.imports import codings_import


@pytest.fixture
def armed(batch, codes, ada, ben):
    """With the search box a note's own codes, with the list only the first of them.

    Twice as long with the list.
    """
    coders = [Rater.objects.get(user=person) for person in (ada, ben)]
    study = study_draft(
        slug="armed", batch=batch, code_set=codes, coders=coders, interface="list+search", seed=4
    )
    Study.objects.filter(pk=study.pk).update(status=Study.Status.CLOSED)
    reference = codings_of(study, study.reference)
    for number, row in enumerate(study.assignments.select_related("note", "rater").order_by("pk")):
        true = reference[row.note.external_id]
        given = Code.objects.filter(code__in=true if row.arm == "search" else true[:1])
        seconds = (120.0 if row.arm == "list" else 60.0) + number
        coding_append(
            study=study,
            rater=row.rater,
            given=Given(row.note, dict.fromkeys(given), f"a{row.pk}", timezone.now(), seconds),
        )
    rows = [f"{note},{true[0]}" for note, true in reference.items()]
    data = "\n".join(["note_id,code", *rows]).encode()
    codings_import(study=study, name="Theirs", kind="model", file="a.csv", data=data)
    study.refresh_from_db()
    return study


def test_the_arms_table_is_what_was_coded(armed, rae):
    run = benchmark_run(study=armed)
    arms, reference = run.result.to_json()["arms"], codings_of(armed, armed.reference)
    rows = {row.note.external_id: row for row in armed.assignments.select_related("note")}
    notes = [(arm, found["notes"]) for arm, found in arms["rows"].items()]
    assert notes == [("list", 6), ("search", 6)]
    assert arms["rows"]["search"]["raters"]["Human coders"]["micro"]["jaccard"] == 1.0
    assert arms["rows"]["list"]["raters"]["Human coders"]["micro"]["recall"] == 0.5
    for found in arms["rows"].values():
        assert found["raters"]["Theirs"]["micro"]["recall"] == 0.5
    assert arms["rows"]["search"]["median_minutes"] < 1.3
    assert arms["rows"]["list"]["median_minutes"] >= 2
    on_list = [1 / len(true) for note, true in reference.items() if rows[note].arm == "list"]
    difference = arms["differences"]["jaccard"]
    assert difference["value"] == pytest.approx(1.0 - np.mean(on_list))
    assert difference["p"] < 0.05
    page = unescape(logged_in(rae).get("/studies/armed/results/").content.decode())
    section = page[page.index('id="arms"') :].split("</details>")[0]
    assert "Human coders with a search box" in section and "Theirs on the same notes" in section
    assert "Jaccard +50.0 points (p .0" in section and re.search(r"minutes -\d", section)
    answer = logged_in(rae).get("/studies/armed/results/arms.csv")
    assert answer.status_code == 200 and b"Human coders with the whole list" in answer.content


def test_one_arm_has_no_table_of_arms(study, rae):
    codings_import(
        study=study, name="Theirs", kind="model", file="a.csv", data=b"note_id,code\nn0,401.9\n"
    )
    study.workspaces.all().delete()
    assert benchmark_run(study=study).result.to_json()["arms"] == {}
    assert logged_in(rae).get("/studies/small/results/arms.csv").status_code == 404


def test_a_bundle_keeps_the_arms(armed):
    run = benchmark_run(study=armed)
    Study.objects.filter(pk=armed.pk).update(status=Study.Status.OPEN)
    back = study_import(data=study_export(study=armed), slug="back")
    assert back.assignments.filter(arm="search").count() == 6 and back.workspaces.count() == 4
    again = benchmark_run(study=back).result.to_json()["arms"]
    for arm, found in run.result.to_json()["arms"]["rows"].items():
        theirs = again["rows"][arm]
        assert theirs["raters"]["Human coders"] == found["raters"]["Human coders"]
        assert theirs["median_minutes"] == found["median_minutes"]
    assert again["differences"] == run.result.to_json()["arms"]["differences"]
