"""The button "Run the benchmark".

Refused at once, shown at once, or scored by a worker while the page waits.
"""

import base64
import json
import logging
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from annotation.models import Code, Event, Rater, Role, User
from annotation.selectors.asked import PATIENCE_SECONDS
from annotation.services.codings import Given, coding_append
from benchmark import tasks
from benchmark.models import BenchmarkRun
from benchmark.selectors.inputs import NothingToCompareError
from benchmark.services.benchmarks import benchmark_begun, benchmark_run
from tests.broker import work_is_swept
from tests.browser import launched
from tests.cast import logged_in
from tests.markup import markup

PAGE = "/studies/small/results/"
BUTTON = "/studies/small/benchmark/"
POLL = {"HX-Request": "true"}


def answer(study, codes, key):
    """Every note of every coder gets these codes."""
    for assignment in study.assignments.select_related("note", "rater"):
        rows = dict.fromkeys(Code.objects.filter(code__in=codes))
        given = Given(assignment.note, rows, f"{key}{assignment.pk}", timezone.now(), 60.0)
        coding_append(study=study, rater=assignment.rater, given=given)


@pytest.fixture
def coded(study):
    answer(study, ["401.9"], "first")
    return study


def queued(queue) -> list[list]:
    """The arguments of each task that waits, as Redis has them."""
    bodies = [json.loads(message)["body"] for message in queue.lrange("sync", 0, -1)]
    return [json.loads(base64.b64decode(body))[0] for body in bodies]


def asked():
    return Event.objects.filter(verb="benchmark.asked")


def test_asked_waited_for_and_shown(coded, rae, queue):
    client = logged_in(rae)
    sent = client.post(BUTTON)
    assert (sent.status_code, sent.url) == (302, PAGE)
    assert queued(queue) == [[coded.pk, "paper", rae.pk]], (
        "ids alone go through Redis, on the queue of the sync"
    )
    event = asked().get()
    assert (event.actor, event.object, event.data["preset"]) == (rae, "study:small", "paper")
    page = markup(client.get(PAGE))
    assert "being scored" in page and "seconds ago" in page and 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page and "No benchmark" not in page
    poll = client.get(PAGE, headers=POLL)
    assert "being scored" in poll.content.decode() and "<html" not in poll.content.decode()
    assert "HX-Refresh" not in poll.headers
    tasks.score_study(*queued(queue)[0])
    assert client.get(PAGE, headers=POLL).headers["HX-Refresh"] == "true"
    page = client.get(PAGE).content.decode()
    assert "Human coders" in page and "being scored" not in page and "http-equiv" not in page
    run = BenchmarkRun.objects.get()
    assert run.input_sha256 == event.data["inputs"]
    assert Event.objects.get(verb="benchmark.run").actor == rae


def test_the_same_inputs_are_shown_at_once(coded, rae, queue):
    run = benchmark_run(study=coded)
    page = logged_in(rae).post(BUTTON, follow=True).content.decode()
    assert "Human coders" in page and "being scored" not in page
    assert queued(queue) == [] and not asked().exists()
    assert BenchmarkRun.objects.get().asked_at > run.asked_at, "it is the newest from now on"


def test_what_cannot_be_scored_is_refused_at_once_in_the_same_words(study, rae, queue):
    def refused(preset: str) -> bool:
        with pytest.raises(NothingToCompareError) as error:
            benchmark_run(study=study, preset=preset)
        sent = logged_in(rae).post(BUTTON, {"preset": preset}, follow=True)
        return sent.redirect_chain == [("/studies/small/", 302)] and str(error.value) in unescape(
            sent.content.decode()
        )

    assert refused("paper"), "nobody has coded anything"
    assert refused("panel"), "no adjudicator has settled a note"
    study.reference = None
    study.save()
    assert refused("paper"), "the notes came without codes"
    assert queued(queue) == [] and not asked().exists()


def test_the_last_benchmark_stays_while_a_new_one_is_awaited(coded, rae, queue):
    client, before = logged_in(rae), benchmark_run(study=coded)
    answer(coded, ["428.0"], "second")
    page = client.post(BUTTON, follow=True).content.decode()
    assert "being scored" in page and "<svg" in page and "Human coders" in page
    tasks.score_study(coded.pk, "paper", rae.pk)
    assert "HX-Refresh" in client.get(PAGE, headers=POLL).headers
    assert coded.benchmarks.first().pk != before.pk


def test_answers_that_come_in_before_the_worker_does_leave_nobody_waiting(coded, rae, queue):
    client = logged_in(rae)
    client.post(BUTTON)
    answer(coded, ["428.0"], "second")
    tasks.score_study(*queued(queue)[0])
    assert BenchmarkRun.objects.get().input_sha256 != asked().get().data["inputs"]
    assert "HX-Refresh" in client.get(PAGE, headers=POLL).headers


def test_each_preset_is_awaited_apart(coded, rae, queue):
    client = logged_in(rae)
    assert client.post(BUTTON, {"preset": "present"}).url == f"{PAGE}?preset=present"
    assert "being scored" in client.get(f"{PAGE}?preset=present").content.decode()
    assert "being scored" not in client.get(PAGE).content.decode()
    benchmark_run(study=coded)
    poll = client.get(f"{PAGE}?preset=present", headers=POLL)
    assert f'hx-get="{PAGE}?preset=present"' in poll.content.decode()
    assert "HX-Refresh" not in poll.headers


def test_without_redis_the_page_says_that_it_waits_and_a_sweep_scores_it(coded, rae, caplog):
    client = logged_in(rae)
    page = client.post(BUTTON, follow=True).content.decode()
    assert "being scored" in page
    assert "No worker has begun yet" in page
    assert not BenchmarkRun.objects.exists()
    assert any(
        "waits for a sweep, the queue does not answer: OperationalError" in line
        for line in caplog.messages
    )
    tasks.sweep_benchmarks()
    assert not BenchmarkRun.objects.exists(), "a task that is on its way is not overtaken at once"
    work_is_swept()
    assert "Human coders" in client.get(PAGE).content.decode()
    work_is_swept()
    assert asked().count() == 1 and BenchmarkRun.objects.count() == 1


def test_what_a_sweep_cannot_score_is_told_once(coded, rae, monkeypatch):
    def fails(**_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(tasks, "benchmark_run", fails)
    client = logged_in(rae)
    client.post(BUTTON)
    work_is_swept()
    work_is_swept()
    assert "MemoryError" in client.get(PAGE).content.decode()
    assert Event.objects.filter(verb="benchmark.failed").count() == 1


def test_a_study_that_ends_its_worker_each_time_is_given_up(coded, rae, monkeypatch):
    """As for want of memory: the worker has begun, and nothing comes after."""
    client = logged_in(rae)
    client.post(BUTTON)
    for _ in range(3):
        benchmark_begun(study=coded, preset="paper")
    work_is_swept()
    assert not BenchmarkRun.objects.exists()
    assert "without a word" in client.get(PAGE).content.decode()


@pytest.mark.parametrize("preset", ["paper", "full"])
def test_when_no_worker_answers_the_page_says_what_to_do(coded, rae, queue, preset):
    client, address = logged_in(rae), f"{PAGE}?preset={preset}"
    client.post(BUTTON, {"preset": preset})
    asked().update(at=timezone.now() - timedelta(seconds=PATIENCE_SECONDS - 5))
    assert "being scored" in client.get(address).content.decode()
    asked().update(at=timezone.now() - timedelta(seconds=PATIENCE_SECONDS))
    page = client.get(address).content.decode()
    assert "no worker has answered" in page
    assert "manage.py doctor" in page
    assert "http-equiv" not in page
    command = "manage.py run_benchmark small" + (" --preset full" if preset == "full" else "")
    assert f"<code>{command}</code>" in page and page.count("Run the benchmark") == 1
    assert client.post(BUTTON, {"preset": preset}).status_code == 302 and asked().count() == 2
    assert "being scored" in client.get(address).content.decode(), "pressed again"
    benchmark_run(study=coded, preset=preset)
    assert "no worker" not in client.get(address).content.decode()


def test_a_scoring_that_fails_logs_what_kind_of_error_and_no_word_more(coded, monkeypatch, caplog):
    def fails(**_: object) -> None:
        raise KeyError("chest pain since Tuesday")

    monkeypatch.setattr(tasks, "benchmark_run", fails)
    with caplog.at_level(logging.DEBUG):
        tasks.score_study(coded.pk, "paper", None)
        tasks.score_study(0, "paper", None)
    assert [message for message in caplog.messages if "not scored" in message] == [
        f"study {coded.pk} not scored, preset paper: KeyError",
        "study 0 not scored, preset paper: DoesNotExist",
    ]
    assert "chest pain" not in caplog.text


def test_a_scoring_that_failed_is_told_from_one_that_nobody_began(coded, rae, queue, monkeypatch):
    def fails(**_: object) -> None:
        raise MemoryError

    client = logged_in(rae)
    client.post(BUTTON)
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "benchmark_run", fails)
        tasks.score_study(*queued(queue)[0])
    page = client.get(PAGE).content.decode()
    assert "MemoryError" in page
    assert "no worker has answered" not in page
    assert "Run the benchmark" in page
    assert "MemoryError" not in client.get(f"{PAGE}?preset=full").content.decode()
    client.post(BUTTON)
    assert "being scored" in client.get(PAGE).content.decode()
    tasks.score_study(*queued(queue)[0])
    assert "MemoryError" not in client.get(PAGE).content.decode()


def test_who_codes_in_the_open_study_neither_asks_nor_learns_that_it_was_asked(coded, ada, queue):
    User.objects.filter(pk=ada.pk).update(role=Role.RESEARCHER)
    client = logged_in(User.objects.get(pk=ada.pk))
    assert Rater.objects.get(user=ada).workspaces.filter(study=coded).exists()
    assert client.post(BUTTON).status_code == 403 == client.get(PAGE, headers=POLL).status_code
    assert queued(queue) == [] and not asked().exists()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_in_a_browser_the_page_comes_by_itself(coded, rae, queue, script):
    """The site's own answers, taken first and handed to Chromium in their order."""
    client = logged_in(rae)
    client.post(BUTTON)
    pages, polls = [client.get(PAGE)], [client.get(PAGE, headers=POLL)]
    tasks.score_study(*queued(queue)[0])
    pages, polls = [*pages, client.get(PAGE)], [*polls, client.get(PAGE, headers=POLL)]
    trouble = []

    def given(route) -> None:
        path = urlsplit(route.request.url).path
        if path == PAGE:
            response = (polls if "hx-request" in route.request.headers else pages).pop(0)
            route.fulfill(headers=dict(response.headers), body=response.content)
        else:
            route.fulfill(path=finders.find(path.removeprefix("/static/")))

    with launched() as browser:
        page = browser.new_context(java_script_enabled=script).new_page()
        page.route("**/*", given)
        page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
        page.goto(f"http://localhost{PAGE}")
        assert page.locator("#awaited").inner_text().startswith("being scored")
        page.wait_for_selector("th:has-text('Human coders')", timeout=15_000)
        assert page.locator("#awaited").count() == 0 and pages == trouble == []
    assert len(polls) == (0 if script else 2)
