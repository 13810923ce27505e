"""Answers come back: by the webhook in seconds, by the poll without it.

Twice is once, and what cannot count is shown.
"""

from __future__ import annotations

import httpx
import pytest

from annotation.label_studio.labeling_page import answer_result
from tests.cast import PASSWORD
from tests.stack.conftest import NOTES, SHARED, Stack, seconds_until

pytestmark = [pytest.mark.label_studio, pytest.mark.redis]


def token_of(stack: Stack, name: str) -> str:
    return (
        stack.label_studio().ensure_account(f"{name}@coderbench.invalid", name.capitalize()).token
    )


def unanswered(stack: Stack, coder: str) -> list[int]:
    client, project = stack.label_studio(), stack.projects()[coder]
    answered = {answer.task_id for answer in client.changed(project)}
    return sorted(set(client._task_ids(project).values()) - answered)


def studio(stack: Stack, method: str, path: str, token: str, **body) -> httpx.Response:
    url = f"{stack.services.addresses['LABEL_STUDIO_URL']}{path}"
    return httpx.request(
        method, url, headers={"Authorization": f"Token {token}"}, timeout=30, **body
    )


def test_with_the_webhook_an_answer_is_here_in_five_seconds(stack):
    before = len(stack.codings("Ben"))
    answer = {"result": answer_result([], active_seconds=7.5), "lead_time": 10.0}
    path = f"/api/tasks/{unanswered(stack, 'Ben')[0]}/annotations/"
    assert studio(stack, "POST", path, token_of(stack, "ben"), json=answer).status_code == 201
    print(f"webhook: {seconds_until(lambda: len(stack.codings('Ben')) > before, 5):.1f} s")
    newest = max(stack.codings("Ben"), key=lambda coding: coding["id"])
    assert newest["codes"] == []
    assert (newest["active_seconds"], newest["lead_time"]) == (7.5, 10.0)


def test_without_the_webhook_the_poll_finds_it_in_ninety_seconds(stack):
    admin = stack.services.addresses["LABEL_STUDIO_TOKEN"]
    project = stack.projects()["Ben"]
    for hook in studio(stack, "GET", f"/api/webhooks/?project={project}", admin).json():
        assert studio(stack, "DELETE", f"/api/webhooks/{hook['id']}/", admin).status_code == 204
    before = len(stack.codings("Ben"))
    stack.label_studio().submit(
        token_of(stack, "ben"), unanswered(stack, "Ben")[0], ["401.9"], 10.0
    )
    print(f"poll: {seconds_until(lambda: len(stack.codings('Ben')) > before, 90):.1f} s")


def test_pulling_twice_changes_nothing(stack):
    stack.manage("sync_label_studio", "--once")
    assert stack.manage("sync_label_studio", "--once") == "0 answers stored, 0 quarantined\n"


def test_what_cannot_count_is_quarantined_and_shown(stack):
    """Three answers that cannot count.

    Under another's name (the admin answers Ada's note), with a code that the list lacks, on a
    foreign task.
    """
    admin, ada = stack.services.addresses["LABEL_STUDIO_TOKEN"], token_of(stack, "ada")
    first, second, *_ = unanswered(stack, "Ada")
    stack.label_studio().submit(admin, first, ["401.9"], 5.0)
    stack.label_studio().submit(ada, second, ["999.99"], 5.0)
    foreign = stack.label_studio().push_tasks(
        stack.projects()["Ada"], [("none-of-ours", "A stray note.")]
    )
    stack.label_studio().submit(ada, foreign["none-of-ours"], ["401.9"], 5.0)
    before = len(stack.codings("Ada"))
    stack.manage("sync_label_studio", "--once")
    page = page_of(stack, "/studies/small/")
    assert "another person" in page
    assert "999.99" in page
    assert "is not assigned to Ada" in page
    assert ">Quarantined</abbr> answers" in page
    assert len(stack.codings("Ada")) == before


def test_a_task_without_a_note_id_stops_nobody(stack):
    """An admin adds a task by hand in Label Studio and Ada answers it.

    It is quarantined like any foreign task.
    """
    admin, hers = stack.services.addresses["LABEL_STUDIO_TOKEN"], stack.projects()["Ada"]
    added = studio(
        stack,
        "POST",
        f"/api/projects/{hers}/import?return_task_ids=true",
        admin,
        json=[{"text": "By hand."}],
    )
    assert added.status_code == 201
    stack.label_studio().submit(token_of(stack, "ada"), added.json()["task_ids"][0], ["401.9"], 5.0)
    assert stack.manage("sync_label_studio", "--once") in (
        "0 answers stored, 1 quarantined\n",
        "0 answers stored, 0 quarantined\n",  # the webhook's pull was here first
    )
    assert page_of(stack, "/studies/small/").count("is not assigned to Ada") >= 1
    assert stack.manage("open_study", "small").startswith("study small is open")


def page_of(stack: Stack, path: str) -> str:
    with httpx.Client(base_url=stack.site, follow_redirects=True, timeout=30) as client:
        client.get("/login/")
        token = client.cookies["coderbench_csrf"]
        form = {"username": "rae", "password": PASSWORD, "csrfmiddlewaretoken": token}
        client.post("/login/", data=form)
        return client.get(path).text


def test_celery_workers_run_a_model_on_every_note(stack, title_checkpoint):
    stack.manage("register_model", str(title_checkpoint), "--name", "Title matching")
    done = stack.manage("run_model", "small", "Title matching", "--wait")
    assert f"{NOTES} of {NOTES} notes, 0 truncated" in done
    (run,) = stack.api("model-runs/")["results"]
    assert run["state"] == "done" and run["notes_done"] == NOTES
    found = stack.api("evidence/")["results"]
    assert found
    for why in found[:20]:
        text = stack.api(f"notes/{why['note']}/")["text"]
        assert why["spans"]
        assert all(text[span["start"] : span["end"]].strip() for span in why["spans"])


def test_everyone_answers_and_table_1_says_so(stack):
    stack.manage("simulate_coders", "small")  # nobody is simulated here: nothing is sent
    stack.manage("run_benchmark", "small", "--out", str(stack.services.home / "t.txt"))
    assert "interim" in (stack.services.home / "t.txt").read_text()
    assert len(stack.api("assignments/")["results"]) == NOTES + SHARED


@pytest.mark.browser
def test_a_worker_scores_what_the_button_asks_for_and_the_page_shows_it(stack, open_page):
    page = open_page("rae")
    page.goto(f"{stack.site}/studies/small/results/?preset=present")
    page.click("button:has-text('Run the benchmark')")
    page.wait_for_selector("th:has-text('Title matching')")  # without a touch
    assert "benchmark.tasks.score_study" in stack.services.log("sync").read_text()
    assert page.foreign == []


def test_no_note_text_in_redis_or_in_any_log_and_no_error(stack):
    import redis

    texts = [stack.api(f"notes/{note['id']}/")["text"] for note in stack.api("notes/")["results"]]
    phrases = [
        line.strip() for text in texts for line in text.splitlines() if len(line.strip()) > 50
    ]
    assert len(phrases) > 50
    store = redis.Redis.from_url(stack.services.addresses["REDIS_URL"])
    kept = b"\n".join(store.dump(key) or b"" for key in store.keys("*")).decode(errors="replace")
    logs = "\n".join(log.read_text(errors="replace") for log in stack.services.home.glob("*.log"))
    assert not [phrase for phrase in phrases if phrase in kept or phrase in logs]
    assert stack.services.trouble() is None
