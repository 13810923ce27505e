"""What Ada can and cannot do in a real Label Studio.

Her own notes yes, Ben's no, forging no, settings no.
"""

from __future__ import annotations

from typing import Any

import pytest

from annotation.label_studio.labeling_page import answer_result
from tests.label_studio.conftest import Desk, Person, new_project, person_with
from tests.live import LiveLabelStudio

pytestmark = pytest.mark.label_studio

ANSWER: dict[str, Any] = {"result": answer_result(["428.0"]), "lead_time": 2.0}


def test_ada_reads_and_corrects_her_own_answer(ada: Desk, as_ada: Person) -> None:
    assert as_ada("GET", f"/api/projects/{ada.project}/").status_code == 200
    assert as_ada("GET", f"/api/tasks/{ada.tasks['n-1']}/").json()["data"]["note_id"] == "n-1"
    assert as_ada("PATCH", f"/api/annotations/{ada.annotation}/", json=ANSWER).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/projects/{project}/"),
        ("GET", "/api/tasks/?project={project}"),
        ("GET", "/api/tasks/{task}/"),
        ("GET", "/api/tasks/{task}/annotations/"),
        ("POST", "/api/tasks/{task}/annotations/"),
        ("PATCH", "/api/annotations/{annotation}/"),
        ("DELETE", "/api/annotations/{annotation}/"),
        ("GET", "/api/drafts/{draft}/"),
        ("GET", "/api/dm/views/?project={project}"),
        ("GET", "/api/projects/{project}/export?exportType=JSON"),
        ("GET", "/projects/{project}/data/"),
        ("GET", "/projects/{project}/settings/"),
        ("DELETE", "/api/projects/{project}/"),
    ],
)
@pytest.mark.parametrize("slash", ["as written", "without", "doubled"])
def test_bens_desk_is_closed_to_ada(
    as_ada: Person, ben: Desk, method: str, path: str, slash: str
) -> None:
    filled = path.format(
        project=ben.project, task=ben.tasks["n-1"], annotation=ben.annotation, draft=ben.draft
    )
    address = {
        "without": filled.replace("/?", "?").rstrip("/"),
        "doubled": filled.replace("s/", "s//", 1),
    }.get(slash, filled)
    assert as_ada(method, address, json=ANSWER if method != "GET" else None).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/api/tasks/{mine}/?project={bens}",
        "/api/tasks/?project={own}&project={bens}",
        "/api/tasks/?view=1",
        "/api/tasks/",
        "/api/dm/views/",
        "/api/tasks/?project=%2B{own}",
    ],
)
def test_a_query_that_names_another_project_or_none_is_refused(
    as_ada: Person, ada: Desk, ben: Desk, path: str
) -> None:
    address = path.format(mine=ada.tasks["n-1"], own=ada.project, bens=ben.project)
    assert as_ada("GET", address).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/api/projects/{own}/export?exportType=JSON",
        "/projects/{own}/settings/",
        "/api/users/1/",
        "/api/webhooks/",
        "/api/predictions/",
        "/api/invite",
        "/api/current-user/token",
        "/user/account/",
        "/api/jwt/settings",
        "/api/projects/",
        "/api/organizations/",
        "/api/projects/{own}/annotators/",
    ],
)
def test_ada_gets_403_for_what_no_coder_needs(as_ada: Person, ada: Desk, path: str) -> None:
    assert as_ada("GET", path.format(own=ada.project)).status_code == 403


def test_ada_sees_no_address_but_her_own(as_ada: Person, ada: Desk) -> None:
    people = as_ada("GET", "/api/users/").json()
    assert [person["email"] for person in people if person["email"]] == ["ada@example.org"]


def test_nobody_is_told_who_answered(as_ada: Person, ada: Desk, ben: Desk) -> None:
    forged = ANSWER | {"completed_by": ben.account.id}
    new = f"/api/tasks/{ada.tasks['n-2']}/annotations/"
    hers = f"/api/annotations/{ada.annotation}/"
    assert as_ada("POST", new, json=forged).status_code == 403
    assert as_ada("PATCH", hers, json=forged).status_code == 403
    assert as_ada("PATCH", hers, json=ANSWER).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"was_cancelled": True},
        {"ground_truth": True},
        {"task": 999999},
        {"project": 999999},
        {"updated_by": 1},
        [],
    ],
    ids=str,
)
def test_other_keys_of_an_answer_cannot_be_set(as_ada: Person, ada: Desk, body: Any) -> None:
    sent = ANSWER | body if isinstance(body, dict) else body
    path = f"/api/tasks/{ada.tasks['n-2']}/annotations/"
    assert as_ada("POST", path, json=sent).status_code == 403


def test_an_answer_comes_as_json_and_is_never_a_skip(as_ada: Person, ada: Desk, ben: Desk) -> None:
    path = f"/api/tasks/{ada.tasks['n-2']}/annotations/"
    assert as_ada("POST", path, data={"completed_by": ben.account.id}).status_code == 403
    assert as_ada("POST", path + "?was_cancelled=1", json=ANSWER).status_code == 403


def test_a_request_sent_by_another_site_is_refused(as_ada: Person, ada: Desk) -> None:
    path = f"/api/annotations/{ada.annotation}/"
    from_elsewhere = {"Sec-Fetch-Site": "same-site"}
    assert as_ada("PATCH", path, json=ANSWER, headers=from_elsewhere).status_code == 403


def test_a_closed_project_is_read_but_not_answered(
    label_studio: LiveLabelStudio, ada: Desk, as_ada: Person
) -> None:
    client = label_studio.client()
    project = new_project(label_studio, "ada@example.org")
    task = client.push_tasks(project, [("n-9", "A note.")])["n-9"]
    client.name_coder(project, "ada@example.org", is_open=False)
    assert as_ada("GET", f"/api/tasks/{task}/").status_code == 200
    assert as_ada("POST", f"/api/tasks/{task}/annotations/", json=ANSWER).status_code == 403


@pytest.mark.parametrize(
    "path", ["/heidi-tips/", "/__lsa/", "/api/ml/", "/api/storages/", "/user/signup/"]
)
def test_what_talks_to_the_outside_is_closed_even_to_the_admin(as_sam: Person, path: str) -> None:
    assert as_sam("POST", path).status_code == 403


def test_the_admin_imports_notes_but_no_address(as_sam: Person, ada: Desk) -> None:
    sent = as_sam(
        "POST", f"/api/projects/{ada.project}/import", json={"url": "http://127.0.0.1:9/x.json"}
    )
    assert sent.status_code == 403


def test_nobody_is_sent_to_our_site(
    as_nobody: Person, label_studio: LiveLabelStudio, ada: Desk
) -> None:
    html = {"Accept": "text/html"}
    for path in (
        "/",
        "/projects/",
        f"/projects/{ada.project}/data/",
        "/user/login/",
        "/user/login/?admin=1",
    ):
        answer = as_nobody("GET", path, headers=html)
        assert (answer.status_code, answer.headers["location"]) == (
            302,
            f"{label_studio.coderbench_url}/queue/",
        ), path
    assert as_nobody("GET", f"/api/tasks/{ada.tasks['n-1']}/").status_code == 403


def test_a_token_of_nobody_opens_nothing(label_studio: LiveLabelStudio, ada: Desk) -> None:
    stranger = person_with(label_studio, "0" * 40)
    assert stranger("GET", f"/api/projects/{ada.project}/").status_code == 403


def test_every_answer_forbids_the_browser_to_go_elsewhere(as_nobody: Person) -> None:
    headers = as_nobody("GET", "/health/").headers
    assert headers["content-security-policy"].startswith("default-src 'self'; ")
    assert "http" not in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers
