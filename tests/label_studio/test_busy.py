"""Label Studio on its own SQLite while coders submit: studies open, sessions end, and no project is
left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from annotation.label_studio.client import LabelStudio, LabelStudioDown
from annotation.label_studio.labeling_page import answer_result
from annotation.models import Rater, Role, Study, User
from annotation.selectors.asked import leavings_owed
from annotation.services.people import workstation_leave, workstation_leave_owed
from annotation.services.studies import study_draft, study_open
from tests.cast import logged_in, person
from tests.label_studio.conftest import Desk, new_desk
from tests.live import LiveLabelStudio, free_port

pytestmark = pytest.mark.label_studio


@pytest.fixture(autouse=True)
def ours(label_studio: LiveLabelStudio, settings) -> None:
    """The site uses the Label Studio of the tests."""
    settings.LABEL_STUDIO_URL = settings.LABEL_STUDIO_PUBLIC_URL = label_studio.url
    settings.LABEL_STUDIO_TOKEN, settings.GUARD_SECRET = label_studio.token, label_studio.secret


@pytest.fixture
def ada(db) -> User:
    """Ada of our site: the desk of that name has no account there."""
    return person("ada", Role.CODER)


@pytest.fixture
def ben(db) -> User:
    return person("ben", Role.CODER)


def update(live: LiveLabelStudio, desk: Desk, answer: int) -> None:
    """Send an answer again, as the page does after a correction."""
    sent = {"result": answer_result(["401.9"]), "lead_time": 1.0}
    token = {"Authorization": f"Token {desk.account.token}"}
    address = f"{live.url}/api/annotations/{answer}/"
    httpx.patch(address, json=sent, headers=token, timeout=60).raise_for_status()


@contextmanager
def coders_submit(live: LiveLabelStudio) -> Iterator[list[int]]:
    """Two coders of another study submit, then update, again and again; gives an id each time."""
    desks = [new_desk(live, f"busy{k}@example.org", f"Busy {k}") for k in range(2)]
    done, submitted, failures = threading.Event(), [], []

    def work(desk) -> None:
        client = live.client()
        answer = client.submit(desk.account.token, desk.tasks["n-2"], ["401.9"], 1.0)
        while not done.is_set():
            try:
                update(live, desk, answer)
                submitted.append(answer)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    try:
        yield submitted
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert submitted and not failures


def projects_of(live: LiveLabelStudio, slug: str) -> list[tuple[str, int]]:
    """(title, notes) of Label Studio's projects of a study."""
    listed = live.client()._sdk.projects.list(title=slug, include="id,title,task_number")
    return sorted((project.title, project.task_number) for project in listed)


def drafts(study: Study, count: int) -> list[Study]:
    """More studies of the same notes and people."""
    coders = list(Rater.objects.filter(workspaces__study=study).order_by("pk"))
    return [
        study_draft(
            slug=f"busy-{k}",
            batch=study.batch,
            code_set=study.code_set,
            coders=coders,
            overlap=2,
            seed=k,
            interface="list",
        )
        for k in range(count)
    ]


def open_beside_coders(live: LiveLabelStudio, study: Study, count: int) -> None:
    with coders_submit(live):
        for made in drafts(study, count):
            study_open(study=made, actor=None)
            assert made.status == Study.Status.OPEN
            assert projects_of(live, made.slug) == [
                (f"{made.slug} Ada", 7),
                (f"{made.slug} Ben", 7),
            ]


def leave_beside_coders(live: LiveLabelStudio, study: Study, count: int) -> None:
    user = study.workspaces.first().rater.user
    with coders_submit(live):
        for _ in range(count):
            assert not workstation_leave(user=user).owed


def test_a_study_opens_and_sessions_end_while_coders_submit(label_studio, study):
    open_beside_coders(label_studio, study, 1)
    leave_beside_coders(label_studio, Study.objects.get(slug="busy-0"), 3)


@pytest.mark.chaos
def test_ten_studies_open_and_fifteen_sessions_end_while_coders_submit(label_studio, study):
    open_beside_coders(label_studio, study, 10)
    leave_beside_coders(label_studio, Study.objects.get(slug="busy-0"), 15)


def test_a_failure_half_way_leaves_no_project_behind(label_studio, study, monkeypatch):
    """Label Studio goes away after it made the project; and the process ends before the id is
    kept."""
    (made,) = drafts(study, 1)
    Study.objects.filter(pk=made.pk).update(slug="half-way")
    made.refresh_from_db()
    with monkeypatch.context() as away:
        away.setattr(LabelStudio, "furnish_project", _goes_away)
        with pytest.raises(LabelStudioDown):
            study_open(study=made, actor=None)
    workspace = made.workspaces.order_by("pk").first()
    kept = workspace.project_id
    assert kept is not None, "the id is kept before anything else is done"
    made.workspaces.update(project_id=None)
    study_open(study=made, actor=None)
    workspace.refresh_from_db()
    assert workspace.project_id == kept and made.status == Study.Status.OPEN
    assert projects_of(label_studio, "half-way") == [("half-way Ada", 7), ("half-way Ben", 7)]


def _goes_away(*_: object) -> None:
    raise LabelStudioDown("Label Studio does not answer (ReadTimeout): could not furnish a project")


def test_a_log_out_that_label_studio_does_not_hear_of_is_owed_and_done(
    label_studio, study, ada, settings
):
    (made,) = drafts(study, 1)
    Study.objects.filter(pk=made.pk).update(slug="leaving")
    made.refresh_from_db()
    study_open(study=made, actor=None)
    workspace = made.workspaces.get(rater__user=ada)
    task = made.assignments.filter(rater__user=ada).first().task_id
    visitor = httpx.Client(base_url=label_studio.url, timeout=60)
    visitor.get(label_studio.client().login_url(ada.email, workspace.project_id, task))
    assert visitor.get(f"/api/tasks/{task}/").status_code == 200
    settings.LABEL_STUDIO_URL = f"http://127.0.0.1:{free_port()}"
    began = time.monotonic()
    page = logged_in(ada).post("/logout/", follow=True).content.decode()
    assert "your session there ends as soon as it answers" in page and time.monotonic() - began < 30
    assert leavings_owed() == [ada] and workstation_leave_owed() == 0
    assert visitor.get(f"/api/tasks/{task}/").status_code == 200
    settings.LABEL_STUDIO_URL = label_studio.url
    assert workstation_leave_owed() == 1 and leavings_owed() == [] and workstation_leave_owed() == 0
    assert visitor.get(f"/api/tasks/{task}/").status_code == 403
