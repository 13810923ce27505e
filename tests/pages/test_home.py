"""Home: a card a study, with where it stands, what came out, and the one thing to do next."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.models import Code, Coding, Event, Study
from annotation.services.codings import Given, coding_append
from annotation.services.events import event_record
from benchmark.models import BenchmarkRun
from benchmark.scoring.glance import Glance, Seen, Span, glance_read
from benchmark.selectors.next_step import next_step
from benchmark.selectors.standing import standing_of
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables.answer import percent
from pages.study_cards import answer_words, figures_of, on_notes
from tests.cast import logged_in


def code(study, assignments):
    rows = {Code.objects.get(code="401.9"): None}
    for assignment in assignments:
        given = Given(assignment.note, rows, f"t{assignment.pk}", timezone.now(), 60.0)
        coding_append(study=study, rater=assignment.rater, given=given)


def all_coded(study):
    code(study, study.assignments.select_related("note", "rater"))


def draft(study):
    Study.objects.update(status="draft")


def opening(study):
    draft(study)
    event_record(actor=None, verb="study.opening", object="study:small")


def not_opened(study):
    opening(study)
    event_record(actor=None, verb="study.not-opened", object="study:small", error="away")


def changed_since(study):
    not_opened(study)
    event_record(actor=None, verb="study.changed", object="study:small")


def ada_is_done(study):
    code(study, study.assignments.filter(rater__name="Ada").select_related("note", "rater"))


def due(study):
    all_coded(study)


def asked(study):
    all_coded(study)
    event_record(actor=None, verb="benchmark.asked", object="study:small", preset="paper")


def asked_long_ago(study):
    asked(study)
    Event.objects.filter(verb="benchmark.asked").update(at=timezone.now() - timedelta(hours=1))


def scored(study):
    all_coded(study)
    benchmark_run(study=study)


def coded_since(study):
    scored(study)
    assignment = study.assignments.select_related("note", "rater").first()
    rows = {Code.objects.get(code="428.0"): None}
    given = Given(assignment.note, rows, "again", timezone.now(), 9.0)
    coding_append(study=study, rater=assignment.rater, given=given)


def closed(study):
    scored(study)
    Study.objects.update(status="closed", closed_at=timezone.now())


def closed_and_due(study):
    all_coded(study)
    Study.objects.update(status="closed", closed_at=timezone.now())


def without_reference(study):
    all_coded(study)
    Study.objects.update(reference=None)


STEPS = {
    draft: ("Draft", "Check and open", "open", True),
    opening: ("Draft: being opened", "See how far it is", "opening", False),
    not_opened: ("Draft: not opened", "Look and open again", "open", True),
    changed_since: ("Draft", "Check and open", "open", True),
    ada_is_done: ("Open: coding", "See who is left", "coders", False),
    due: ("Open: scoring due", "Run the benchmark", "benchmark", True),
    asked: ("Open: being scored", "See the results", "awaited", False),
    asked_long_ago: ("Open: scoring due", "Run the benchmark", "benchmark", True),
    scored: ("Open: scored", "See the results", "results", False),
    coded_since: ("Open: scoring due", "Run the benchmark", "benchmark", True),
    closed: ("Closed", "See the results", "results", False),
    closed_and_due: ("Closed: scoring due", "Run the benchmark", "benchmark", True),
    without_reference: ("Open: no reference", "Import a reference", "reference", True),
}


@pytest.mark.parametrize("come", STEPS, ids=lambda come: come.__name__)
def test_each_state_has_its_one_next_step_on_home_and_on_the_study(study, rae, come):
    come(study)
    found = Study.objects.select_related("batch").get()
    chip, button, _, waits = STEPS[come]
    step = next_step(standing_of(found))
    assert (step.chip, step.button, step.action, step.waits_for_you) == STEPS[come]
    client = logged_in(rae)
    home = client.get("/?state=closed" if found.status == "closed" else "/").content.decode()
    assert chip in home and button in home
    assert ("For you to do: 1" in home) == (waits and found.status != "closed")
    page = client.get("/studies/small/").content.decode()
    content = page.split("<main")[1]
    primary = re.findall(r"<button>|<button class=\"\">|class=\"button\"", content)
    assert len(primary) == (0 if come is opening else 1), "one primary button at a time"
    assert content.count('aria-current="step"') == (0 if come is closed else 1)


def test_the_card_says_who_is_left_and_how_many_answers_there_are(study, rae):
    ada_is_done(study)
    page = " ".join(logged_in(rae).get("/").content.decode().split())
    assert "7 notes left, all with Ben." in page
    assert "<strong>7 of 14</strong> answers" in page
    assert "12 synthetic notes, 8 codes" in page and "Ada and Ben" in page
    assert 'stroke-dasharray="50.0 100"' in page


def test_silent_coders_are_a_thing_to_do(study, rae):
    ada_is_done(study)
    Study.objects.update(opened_at=timezone.now() - timedelta(days=5))
    page = logged_in(rae).get("/").content.decode()
    assert "For you to do: 1" in page and "Ask Ben about small" in page


def test_the_figures_are_those_of_the_benchmark(compared, rae):
    run = BenchmarkRun.objects.get()
    raters = run.result.raters
    glance = glance_read(run.glance)
    assert {glance.a.name, glance.b.name} == {"Human coders", "Theirs"}
    for seen in (glance.a, glance.b):
        assert seen.jaccard.value == raters[seen.name].micro.jaccard
        interval = raters[seen.name].intervals.micro["jaccard"]
        assert (seen.jaccard.low, seen.jaccard.high) == (interval.low, interval.high)
    apart = raters["Theirs"].micro.jaccard - raters["Human coders"].micro.jaccard
    assert glance.difference.value == pytest.approx(apart)
    assert glance.verdict == "too few notes", "twelve"
    page = logged_in(rae).get("/").content.decode()
    assert "Agreement with the hospital" in page and "too few notes to say" in page
    for name in ("Human coders", "Theirs"):
        shown = (percent(raters[name].micro.jaccard, decimals) for decimals in (0, 1, 2))
        assert any(words in page for words in shown)


@pytest.mark.parametrize(
    ("p", "notes", "verdict"),
    [
        (0.001, 40, "real"),
        (0.049, 30, "real"),
        (0.05, 40, "not shown"),
        (0.001, 29, "too few notes"),
    ],
)
def test_the_verdict_needs_notes_and_a_small_p(p, notes, verdict):
    seen = Seen("RAC", "model", Span(0.5, 0.4, 0.6))
    assert Glance(notes, seen, seen, Span(0.1, 0.0, 0.2), p).verdict == verdict


PEOPLE_AND_MODEL = ("people", "model")


@pytest.mark.parametrize(
    ("kinds", "notes", "words"),
    [
        (("coder", "coder"), 4, "the 4 notes that both coded"),
        (("model", "coder"), 1, "the 1 note that both coded"),
        (PEOPLE_AND_MODEL, 15, "the 15 notes that were scored"),
        (("model",), 1, "the 1 note that was scored"),
        (PEOPLE_AND_MODEL, 16, ""),
    ],
)
def test_figures_on_fewer_notes_than_the_study_has_say_on_which(kinds, notes, words):
    seen = [Seen("RAC", kind, Span(0.5, None, None)) for kind in kinds]
    second = seen[1] if len(seen) == 2 else None
    glance = Glance(notes, seen[0], second, None, None)
    assert on_notes(glance, 16) == words
    beginning = f"On {words}, " if words else ""
    subject = "the human coders agree" if "people" in kinds else "RAC agrees"
    sentence = answer_words(glance, "the hospital", 16)
    assert sentence.lower().startswith(f"{beginning}{subject} with the hospital".lower())


def test_without_models_two_coders_stand_beside_each_other(study, rae):
    scored(study)
    now = standing_of(Study.objects.select_related("batch").get())
    names = [figure.name for figure in figures_of(now)]
    assert names == ["Ada", "Ben", "Difference"] and now.glance.notes == 2, "the shared ones"
    home = " ".join(logged_in(rae).get("/").content.decode().split())
    assert "Agreement with the hospital, on the 2 notes that both coded" in home
    page = logged_in(rae).get("/studies/small/").content.decode()
    assert "On the 2 notes that both coded, Ada agrees with the hospital" in page


def test_more_studies_are_not_more_queries(compared, rae):
    client = logged_in(rae)

    def asked_of_database(address):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        assert not any('"document"' in query["sql"] for query in seen.captured_queries)
        return len(seen)

    before = asked_of_database("/")
    for number in range(25):
        made = Study.objects.get(slug="small")
        workspaces = list(made.workspaces.all())
        made.pk, made.slug = None, f"other-{number}"
        made.save()
        made.notes.set(compared.notes.all())
        for workspace in workspaces:
            workspace.pk, workspace.study, workspace.project_id = None, made, None
            workspace.save()
    assert asked_of_database("/") == before <= 16
    page = client.get("/").content.decode()
    assert page.count("study-card") == 20 and "Page 1 of 2" in page
    assert "other-0" in client.get("/?page=2").content.decode() + page


def test_studies_are_chosen_by_state(study, rae):
    client = logged_in(rae)
    page = " ".join(client.get("/").content.decode().split())
    assert "Not closed: 1" in page and "Draft: 0" in page and "Closed: 0" in page
    assert "No study is closed." in client.get("/?state=closed").content.decode()
    Study.objects.update(status="closed", closed_at=timezone.now())
    assert "/studies/small/" in client.get("/?state=closed").content.decode()
    assert "No study is not closed." in client.get("/").content.decode()
    assert client.get("/?state=ended").status_code == 404


def test_a_fresh_installation_says_how_to_begin(rae):
    page = logged_in(rae).get("/").content.decode()
    assert "No study yet" in page and "/batches/" in page and "For you to do" not in page


def test_who_codes_in_a_study_sees_no_card_of_it_but_their_notes(study, ada):
    type(ada).objects.filter(pk=ada.pk).update(role="researcher")
    ada.refresh_from_db()
    client = logged_in(ada)
    page = client.get("/").content.decode()
    assert "/studies/small/" not in page and "Code in small" in page and "7 notes left" in page
    Study.objects.update(status="closed", closed_at=timezone.now())
    assert "/studies/small/" in client.get("/?state=closed").content.decode()


def test_scoring_again_what_nothing_has_changed_ends_what_is_due(study):
    """A coding that changes no code makes no other run, and the run has seen it."""
    scored(study)
    newest = Coding.objects.order_by("pk").last()
    rows = {item.code: None for item in newest.items.select_related("code")}
    given = Given(newest.note, rows, "the same", timezone.now(), 9.0)
    coding_append(study=study, rater=newest.rater, given=given)
    assert standing_of(study).scoring_due
    benchmark_run(study=study)
    assert BenchmarkRun.objects.count() == 1 and not standing_of(study).scoring_due
