"""What the pages say, by role, without a browser."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.models import Batch, Code, Event, Note, Rater, Role, User
from annotation.services.codings import Given, coding_append
from annotation.services.people import user_create
from tests.broker import work_is_swept
from tests.cast import PASSWORD, logged_in
from tests.clerk import brought_in


def code_all(study, choose):
    """Every assignment gets the codes that choose(assignment) names."""
    for assignment in study.assignments.select_related("note", "rater"):
        rows = Code.objects.filter(code__in=choose(assignment))
        given = Given(
            assignment.note, dict.fromkeys(rows), f"t{assignment.pk}", timezone.now(), 60.0
        )
        coding_append(study=study, rater=assignment.rater, given=given)


def test_the_queue_asks_for_the_guideline_first_and_records_it(study, ada):
    client = logged_in(ada)
    page = client.get("/queue/").content.decode()
    assert "0 of 7" in page and "I have read this" in page and "with note 1" not in page
    refused = client.post("/queue/small/next/", follow=True)
    assert "Please read and accept" in refused.content.decode()
    client.post("/queue/small/acknowledge/")
    assert Event.objects.filter(actor=ada, verb="guideline.acknowledged").count() == 1
    assert "Begin with note 1" in " ".join(client.get("/queue/").content.decode().split())


def test_the_queue_says_when_all_notes_are_sent(study, ada):
    """Own and shared ones: nobody can tell them apart."""
    code_all(study, lambda assignment: ["401.9"])
    logged_in(ada).post("/queue/small/acknowledge/")
    page = logged_in(ada).get("/queue/").content.decode()
    assert "<strong>7 of 7</strong>" in page and "All notes are sent" in page


def test_the_study_page_shows_progress_and_no_quality_figure(study, rae):
    code_all(study, lambda assignment: ["401.9"])
    page = logged_in(rae).get("/studies/small/").content.decode()
    assert "Ada" in page and "Ben" in page and "Synthetic notes" in page
    assert "Label Studio with the whole list, as in the paper" in page
    assert not any(word in page for word in ("Jaccard", "Precision", "Recall"))


def test_benchmark_by_page_command_and_api_are_one_result(study, rae):
    code_all(study, lambda assignment: ["401.9", "428.0"])
    client = logged_in(rae)
    assert "No benchmark" in client.get("/studies/small/results/").content.decode()
    assert client.get("/api/v1/studies/small/table1/").status_code == 404
    client.post("/studies/small/benchmark/")
    work_is_swept()
    page = client.get("/studies/small/results/").content.decode()
    assert "Human coders" in page and "<svg" in page and "RAC" in page
    out = io.StringIO()
    call_command("run_benchmark", "small", format="json", stdout=out)
    printed = json.loads(out.getvalue())
    assert client.get("/api/v1/studies/small/table1/").json() == printed
    humans = printed["raters"]["Human coders"]
    tp = sum(len({"401.9", "428.0"} & set(codes)) for codes in reference_of(study).values())
    given, true = 2 * 12, 2 * 12
    assert humans["micro"]["jaccard"] == pytest.approx(tp / (given + true - tp))
    assert humans["intervals"]["micro"]["jaccard"]["low"] <= humans["micro"]["jaccard"]
    again = client.get("/studies/small/results/").content.decode()
    bounds = humans["intervals"]["micro"]["jaccard"]
    assert f"{100 * bounds['low']:.1f} to {100 * bounds['high']:.1f}" in again
    assert [pair["first"] for pair in printed["differences"]] == [] and "Differences" not in again
    assert printed["protocol_sha256"] == study.protocol_sha256
    assert printed["label_space"]["size"] == 8
    for extension in ("csv", "md", "tex", "txt"):
        assert client.get(f"/studies/small/results/table1.{extension}").status_code == 200


def reference_of(study):
    from annotation.selectors.codings import codings_of

    return codings_of(study, study.reference)


def test_the_same_inputs_are_one_run_and_a_new_answer_is_another(study, rae):
    from benchmark.models import BenchmarkRun

    code_all(study, lambda assignment: ["401.9"])
    first, second = io.StringIO(), io.StringIO()
    call_command("run_benchmark", "small", stdout=first)
    call_command("run_benchmark", "small", stdout=second)
    assert first.getvalue() == second.getvalue() and BenchmarkRun.objects.count() == 1
    assignment = study.assignments.filter(role="primary").first()
    given = Given(assignment.note, {Code.objects.get(code="428.0"): None}, "later", timezone.now())
    coding_append(study=study, rater=assignment.rater, given=given)
    call_command("run_benchmark", "small", stdout=io.StringIO())
    assert BenchmarkRun.objects.count() == 2


def test_two_raters_are_told_apart_or_not(study, titles, rae):
    from benchmark.services.claims import chunk_claim
    from benchmark.services.runs import chunk_work, run_create

    code_all(study, lambda assignment: ["401.9"])
    run = run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    client = logged_in(rae)
    client.post("/studies/small/benchmark/")
    work_is_swept()
    page = client.get("/studies/small/results/tables/differences/").content.decode()
    (pair,) = client.get("/api/v1/studies/small/table1/").json()["differences"]
    assert f"{pair['first']} - {pair['second']}" in page and "Differences between raters" in page
    assert f"{100 * pair['tests']['micro_recall']['value']:+.1f} (p " in page


def test_missing_notes_make_it_interim_and_final_refuses(study):
    primary = study.assignments.filter(role="primary").select_related("note", "rater")
    for assignment in list(primary)[:5]:
        given = Given(
            assignment.note,
            {Code.objects.get(code="401.9"): None},
            f"k{assignment.pk}",
            timezone.now(),
        )
        coding_append(study=study, rater=assignment.rater, given=given)
    out = io.StringIO()
    call_command("run_benchmark", "small", stdout=out)
    assert "interim, n = 5" in out.getvalue()
    with pytest.raises(CommandError, match="lacks 7 of 12 notes"):
        call_command("run_benchmark", "small", final=True, stdout=out)


def test_a_rater_without_any_coding_makes_it_interim_and_is_named(study, titles, rae):
    from benchmark.services.claims import chunk_claim
    from benchmark.services.runs import chunk_work, run_create

    run = run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    out = io.StringIO()
    call_command("run_benchmark", "small", stdout=out)
    assert "interim" in out.getvalue() and "nothing coded yet: Human coders" in out.getvalue()
    with pytest.raises(CommandError, match="Human coders lacks 12 of 12"):
        call_command("run_benchmark", "small", final=True, stdout=out)


def test_the_newest_answer_counts_whatever_order_it_came_in(study):
    from annotation.selectors.codings import codings_of

    assignment = study.assignments.first()
    now = timezone.now()
    for codes, minutes in ((["428.0"], 0), (["401.9"], 5)):
        rows = dict.fromkeys(Code.objects.filter(code__in=codes))
        given = Given(assignment.note, rows, f"at -{minutes}", now - timedelta(minutes=minutes))
        coding_append(study=study, rater=assignment.rater, given=given)
    assert codings_of(study, assignment.rater) == {assignment.note.external_id: ["428.0"]}


def test_a_weak_password_is_refused(db):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        user_create(username="sam", password="", role=Role.ADMIN)
    assert not User.objects.exists()


def test_a_notes_page_puts_the_text_beside_each_raters_codes(study, rae):
    code_all(study, lambda assignment: ["401.9"])
    note = Note.objects.get(external_id="n0")
    page = logged_in(rae).get(f"/studies/small/notes/{note.pk}/").content.decode()
    assert note.text in page and "250.00" in page and 'aria-label="not given"' in page
    assert '<tr class="agreed">' in page  # 401.9: the reference and the coder


def test_an_admin_uploads_a_batch_by_page_and_api(sam, codes):
    client = logged_in(sam)
    refused = brought_in(client, "bad.csv", b"note_id,text,codes\na,x,250\n")
    assert "250.00" in refused and "1 cause to mend" in refused
    assert Batch.objects.count() == 0
    bad = io.BytesIO(b"note_id,text,codes\na,x,250\n")
    bad.name = "bad.csv"
    answer = client.post("/api/v1/batches/", {"file": bad})
    assert answer.status_code == 422 and answer.json()["errors"][0]["row"] == 2
    assert "1 note stored" in brought_in(client, "good.csv", b"note_id,text,codes\na,x,401.9\n")
    good = io.BytesIO(b"note_id,text,codes\na,x,401.9\n")
    good.name = "good.csv"
    assert client.post("/api/v1/batches/", {"file": good}).status_code == 200
    assert Batch.objects.get().uploaded_by == sam


def test_a_coder_changes_the_password(ada):
    client = logged_in(ada)
    new = "another long enough phrase"
    body = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/password/", body).status_code == 302
    assert User.objects.get(pk=ada.pk).check_password(new)


def test_a_webhook_without_its_secret_is_refused(study, client, settings):
    settings.WEBHOOK_SECRET = "right" * 8
    assert client.post("/webhooks/label-studio/1/").status_code == 403
    wrong = {"X-Coderbench-Webhook": "wrong"}
    assert client.post("/webhooks/label-studio/1/", headers=wrong).status_code == 403


def test_no_page_loads_anything_from_elsewhere(study, rae):
    code_all(study, lambda assignment: ["401.9"])
    client = logged_in(rae)
    client.post("/studies/small/benchmark/")
    work_is_swept()
    for url in (
        "/",
        "/studies/small/",
        "/studies/small/results/",
        "/batches/",
        "/api/v1/schema/ui/",
    ):
        response = client.get(url)
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        body = response.content.decode()
        assert 'src="http' not in body and 'href="http' not in body, url


def test_the_api_schema_is_whole(db):
    """Valid, without a warning, and with the addresses that scripts rely on."""
    schema = output_of_schema()
    for address in (
        "/api/v1/batches/",
        "/api/v1/evaluations/",
        "/api/v1/studies/{slug}/table1/",
        "/api/v1/codings/",
    ):
        assert f"  {address}:" in schema


def output_of_schema() -> str:
    out = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    return out.getvalue()


def test_a_coder_made_in_the_admin_pages_becomes_a_rater(sam):
    body = {
        "username": "ben",
        "first_name": "Ben",
        "email": "ben@example.org",
        "role": "coder",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
    }
    response = logged_in(sam).post("/admin/annotation/user/add/", body)
    assert response.status_code == 302, (
        response.context and response.context["adminform"].form.errors
    )
    assert Rater.objects.get(user__username="ben").name == "Ben"
