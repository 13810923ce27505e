"""Our adapter against a real Label Studio.

Nothing twice, nothing lost, nothing said about a note in an error.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from annotation.label_studio.client import (
    WEBHOOK_HEADER,
    LabelStudio,
    LabelStudioDown,
    LabelStudioRefused,
)
from annotation.label_studio.labeling_page import ParsedAnswer, answer_result, shown_text
from tests.label_studio.conftest import ADA, Desk, Person, new_project
from tests.live import LiveLabelStudio, free_port

pytestmark = pytest.mark.label_studio
NOTES = [
    (f"n-{number}", f"Discharge summary {number}.\n\nSecond paragraph é < & >")
    for number in range(1, 121)
]


class Receiver(BaseHTTPRequestHandler):
    """Writes down (action, secret) of every webhook it gets."""

    heard: ClassVar[list[tuple[dict[str, object], str | None]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((json.loads(body), self.headers[WEBHOOK_HEADER]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.heard.clear()
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/webhook/"
    server.shutdown()


@pytest.fixture
def client(label_studio: LiveLabelStudio) -> LabelStudio:
    made: LabelStudio = label_studio.client()
    return made


@pytest.fixture
def project(label_studio: LiveLabelStudio, ada: Desk) -> int:
    return new_project(label_studio, ADA)


def test_an_account_is_made_once(client: LabelStudio, ada: Desk) -> None:
    assert client.ensure_account(ADA, "Ada") == ada.account
    shouted = ADA.upper().replace("EXAMPLE.ORG", "example.org")
    assert client.ensure_account(shouted, "Ada") == ada.account


def test_pushing_notes_again_makes_nothing(client: LabelStudio, project: int) -> None:
    some = client.push_tasks(project, NOTES[:100])
    everything = client.push_tasks(project, NOTES)
    assert {note_id: everything[note_id] for note_id in some} == some
    assert client.push_tasks(project, NOTES) == everything
    assert client.task_texts_sha256(project) == {
        note_id: hashlib.sha256(text.encode()).hexdigest() for note_id, text in NOTES
    }


def test_a_note_has_one_kind_of_line_breaks_in_label_studio(
    client: LabelStudio, project: int
) -> None:
    texts = {"crlf": "a\r\nb\r\n\r\nc", "cr": "a\rb", "lf": "a\nb", "mixed": "a\n\rb"}
    client.push_tasks(project, list(texts.items()))
    held = client.task_texts_sha256(project)
    assert held == {
        note_id: hashlib.sha256(shown_text(text).encode()).hexdigest()
        for note_id, text in texts.items()
    }


def test_answers_come_back_as_they_were_given(client: LabelStudio, project: int, ada: Desk) -> None:
    tasks = client.push_tasks(project, NOTES[:4])
    given = {"n-1": ["428.0", "250.00"], "n-2": [], "n-3": ["401.9"]}
    made = {
        note_id: client.submit(ada.account.token, tasks[note_id], codes, 7.5)
        for note_id, codes in given.items()
    }
    answers = {answer.note_id: answer for answer in client.changed(project)}
    assert answers["n-1"].parsed == ParsedAnswer(
        ("428.0", "250.00"), none_applies=False, unlisted=""
    )
    assert answers["n-2"].parsed == ParsedAnswer((), none_applies=True, unlisted="")
    assert {answer.annotation_id for answer in answers.values()} == set(made.values())
    assert client.annotation_ids(project) == set(made.values())
    first = answers["n-1"]
    assert (first.project_id, first.task_id, first.completed_by) == (
        project,
        tasks["n-1"],
        ada.account.id,
    )
    assert first.lead_time == 7.5


def test_only_what_was_touched_is_pulled(
    client: LabelStudio, project: int, ada: Desk, as_ada: Person
) -> None:
    tasks = client.push_tasks(project, NOTES[:3])
    made = {
        note_id: client.submit(ada.account.token, task, ["401.9"], 1.0)
        for note_id, task in tasks.items()
    }
    last = max(answer.updated_at for answer in client.changed(project))
    assert client.changed(project, last + timedelta(seconds=5)) == []
    # Label Studio touches a task some time after its answer; a margin for slow machines.
    time.sleep(3)
    update = as_ada(
        "PATCH", f"/api/annotations/{made['n-2']}/", json={"result": answer_result(["428.0"])}
    )
    assert update.status_code == 200
    touched = client.changed(project, last + timedelta(seconds=2))
    assert {answer.note_id for answer in touched} == {"n-2"}


def test_a_deleted_answer_is_missed_by_its_id(
    client: LabelStudio, project: int, ada: Desk, label_studio: LiveLabelStudio
) -> None:
    task = client.push_tasks(project, NOTES[:1])["n-1"]
    annotation = client.submit(ada.account.token, task, ["401.9"], 1.0)
    client._sdk.annotations.delete(annotation)
    assert client.annotation_ids(project) == set()


def test_a_webhook_tells_that_but_not_what(
    client: LabelStudio, project: int, ada: Desk, receiver: str
) -> None:
    task = client.push_tasks(project, NOTES[:1])["n-1"]
    hook = client.add_webhook(project, receiver, "old")
    assert client.add_webhook(project, receiver, "the secret") == hook
    annotation = client.submit(ada.account.token, task, ["401.9"], 1.0)
    client._sdk.annotations.delete(annotation)
    assert Receiver.heard == [
        ({"action": "ANNOTATION_CREATED"}, "the secret"),
        ({"action": "ANNOTATIONS_DELETED"}, "the secret"),
    ]


def test_the_settings_of_a_project(client: LabelStudio, project: int) -> None:
    made = client._sdk.projects.get(project)
    assert (made.show_skip_button, made.enable_empty_annotation, made.show_collab_predictions) == (
        False,
        False,
        False,
    )
    assert (made.maximum_annotations, made.sampling, made.show_instruction) == (
        1,
        "Sequential sampling",
        False,
    )
    assert made.expert_instruction == "<p>Code the note.</p>"


def test_a_title_of_the_wrong_length_is_refused_before_it_is_sent(client: LabelStudio) -> None:
    with pytest.raises(ValueError, match="3 to 50 characters, this one 51"):
        client.create_project("t" * 51, "<View/>", ADA, "")


def test_errors_name_no_note_and_carry_no_answer_of_the_server(
    client: LabelStudio, ada: Desk
) -> None:
    with pytest.raises(LabelStudioRefused) as refused:
        client.create_project("broken", "<View><Text name='Ada is ill' value=", ADA, "")
    assert str(refused.value) == "Label Studio refused to create a project: status 400"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_nothing_there_is_said_so(label_studio: LiveLabelStudio) -> None:
    away = LabelStudio(f"http://127.0.0.1:{free_port()}", label_studio.token, label_studio.secret)
    for ask in (
        away.health,
        lambda: away.changed(1),
        lambda: away.create_project("title", "<View/>", ADA, ""),
    ):
        with pytest.raises(LabelStudioDown, match="does not answer"):
            ask()


def test_the_log_holds_no_note_and_no_secret(label_studio: LiveLabelStudio, ada: Desk) -> None:
    log = label_studio.log.read_text()
    assert "Discharge summary" not in log
    assert "Note one of" not in log
    assert label_studio.secret not in log
