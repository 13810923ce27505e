"""Single sign-on against a real Label Studio: one ticket, one use, one coder, one note."""

from __future__ import annotations

import httpx
import pytest

from annotation.label_studio.client import LabelStudioRefused
from label_studio_guard.token import sign, sign_admin
from tests.label_studio.conftest import ADA, BEN, Desk, Person
from tests.live import LiveLabelStudio

pytestmark = pytest.mark.label_studio


def browser(live: LiveLabelStudio) -> httpx.Client:
    return httpx.Client(base_url=live.url, timeout=60)


def test_a_ticket_opens_the_note_once(label_studio: LiveLabelStudio, ada: Desk) -> None:
    url = label_studio.client().login_url(ADA, ada.project, ada.tasks["n-2"])
    first, second = browser(label_studio), browser(label_studio)
    opened = first.get(url)
    assert (opened.status_code, opened.headers["location"]) == (
        302,
        f"/projects/{ada.project}/data/?task={ada.tasks['n-2']}",
    )
    assert opened.headers["cache-control"] == "no-store"
    assert first.get(f"/api/tasks/{ada.tasks['n-2']}/").status_code == 200
    assert second.get(url).status_code == 403
    assert second.get(f"/api/tasks/{ada.tasks['n-2']}/").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    ["expired", "audience", "secret", "admin", "bens project", "bens note", "noise", "none"],
)
def test_a_wrong_ticket_opens_nothing(
    label_studio: LiveLabelStudio, ada: Desk, ben: Desk, wrong: str
) -> None:
    secret, task = label_studio.secret, ada.tasks["n-2"]
    token = {
        "expired": sign(secret, ADA, ada.project, task, now=1_000_000_000),
        "audience": sign(secret, ADA, ada.project, task, audience="elsewhere"),
        "secret": sign("another secret of the right length ...", ADA, ada.project, task),
        "admin": sign(secret, label_studio.admin_email, ada.project, task),
        "bens project": sign(secret, ADA, ben.project, ben.tasks["n-2"]),
        "bens note": sign(secret, ADA, ada.project, ben.tasks["n-2"]),
        "noise": "a.b",
        "none": "",
    }[wrong]
    visitor = browser(label_studio)
    assert visitor.get(f"/guard/login?token={token}").status_code == 403
    assert (
        "label_studio_session" not in visitor.cookies
        or visitor.get(f"/api/tasks/{task}/").status_code == 403
    )


def test_the_ticket_for_leaving_opens_the_page_that_sends_what_is_left_once(
    label_studio: LiveLabelStudio, ada: Desk
) -> None:
    client, whoami = label_studio.client(), "/api/current-user/whoami"
    address = client.leave_url(ADA)
    first, second = browser(label_studio), browser(label_studio)
    page = first.get(address)
    assert (page.status_code, first.get(whoami).status_code) == (200, 200)
    assert f'data-user="{ada.account.id}"' in page.text
    assert "no-store" in page.headers["cache-control"]
    assert second.get(address).headers["location"] == f"{label_studio.coderbench_url}/login/"
    assert second.get(whoami).status_code == 403
    kept = first.cookies["label_studio_session"]
    gone = first.post("/guard/left")
    assert gone.status_code == 200, gone.text[:500]
    assert first.get(whoami).status_code == 403
    first.cookies.set("label_studio_session", kept)  # as a late answer would
    assert first.get(whoami).status_code == 403


def test_tickets_for_entering_and_for_leaving_are_not_each_other(
    label_studio: LiveLabelStudio, ada: Desk
) -> None:
    client, visitor = label_studio.client(), browser(label_studio)
    leaving = client.leave_url(ADA).partition("token=")[2]
    entering = client.login_url(ADA, ada.project, ada.tasks["n-2"]).partition("token=")[2]
    assert visitor.get(f"/guard/login?token={leaving}").status_code == 403
    assert visitor.get(f"/guard/leave?token={entering}").status_code == 302
    assert visitor.get("/api/current-user/whoami").status_code == 403


def test_ending_sessions_ends_them_and_shuts_the_account(label_studio: LiveLabelStudio) -> None:
    client = label_studio.client()
    email = "ada.leaves@example.org"
    account = client.ensure_account(email, "Ada")
    project = client.create_project(
        "leaving", "<View><Text name='note' value='$text'/></View>", email, ""
    )
    task = client.push_tasks(project, [("n-1", "A note.")])["n-1"]
    visitor = browser(label_studio)
    visitor.get(client.login_url(email, project, task))
    assert visitor.get(f"/api/tasks/{task}/").status_code == 200
    client.set_session(email, active=True)
    assert visitor.get(f"/api/tasks/{task}/").status_code == 403
    client.set_session(email, active=False)
    assert visitor.get(client.login_url(email, project, task)).status_code == 403
    with pytest.raises(LabelStudioRefused, match="status 403"):
        client.submit(account.token, task, [], 1.0)


def test_the_guards_own_pages_need_the_secret(as_ada: Person, as_sam: Person, ada: Desk) -> None:
    for ask in (as_ada, as_sam):
        for page in (
            "accounts",
            "projects",
            "find-project",
            "end-sessions",
            "end-admin-sessions",
            "forget",
            "clean",
        ):
            sent = ask(
                "POST",
                f"/guard/{page}",
                json={"email": BEN, "name": "Ben", "project": ada.project, "open": True},
            )
            assert sent.status_code == 403


def test_the_admins_token_is_never_handed_out(label_studio: LiveLabelStudio) -> None:
    with pytest.raises(LabelStudioRefused, match="status 409"):
        label_studio.client().ensure_account(label_studio.admin_email, "Sam")


def test_an_admins_ticket_opens_the_projects_once(label_studio: LiveLabelStudio, ada: Desk) -> None:
    url = label_studio.client().admin_login_url()
    first, second = browser(label_studio), browser(label_studio)
    opened = first.get(url)
    assert (opened.status_code, opened.headers["location"]) == (302, "/projects/")
    assert first.get("/projects/").status_code == 200
    assert first.get("/api/current-user/whoami").json()["email"] == label_studio.admin_email
    assert first.get(f"/api/projects/{ada.project}/export?exportType=JSON").status_code == 200
    assert second.get(url).status_code == 403
    assert second.get(f"/api/projects/{ada.project}/").status_code == 403


@pytest.mark.parametrize(
    "wrong", ["coder's", "coder's of an admin", "expired", "secret", "no audience", "noise", "none"]
)
def test_no_other_ticket_makes_an_admin(
    label_studio: LiveLabelStudio, ada: Desk, wrong: str
) -> None:
    secret, sam = label_studio.secret, label_studio.admin_email
    token = {
        "coder's": sign(secret, ADA, ada.project, ada.tasks["n-2"]),
        "coder's of an admin": sign(secret, sam, ada.project, ada.tasks["n-2"]),
        "expired": sign_admin(secret, now=1_000_000_000),
        "secret": sign_admin("another secret of the right length ..."),
        "no audience": sign(secret, sam, ada.project, ada.tasks["n-2"], audience=""),
        "noise": "a.b",
        "none": "",
    }[wrong]
    visitor = browser(label_studio)
    assert visitor.get(f"/guard/admin?token={token}").status_code == 403
    assert visitor.get("/api/current-user/whoami").status_code == 403


def test_an_admins_ticket_opens_no_coders_door(label_studio: LiveLabelStudio) -> None:
    visitor = browser(label_studio)
    assert visitor.get(f"/guard/login?token={sign_admin(label_studio.secret)}").status_code == 403
    assert visitor.get("/api/current-user/whoami").status_code == 403


def test_ending_the_sessions_of_admins_leaves_the_token_of_our_site(
    label_studio: LiveLabelStudio, ada: Desk
) -> None:
    client, visitor = label_studio.client(), browser(label_studio)
    visitor.get(client.admin_login_url())
    assert visitor.get("/api/current-user/whoami").status_code == 200
    client.end_admin_sessions()
    assert visitor.get("/api/current-user/whoami").status_code == 403
    assert client.annotation_ids(ada.project)
    assert visitor.get(client.admin_login_url()).status_code == 302


def test_only_who_is_signed_in_has_a_session(label_studio: LiveLabelStudio, ada: Desk) -> None:
    """Else an answer that was on its way at the sign-in would take the session away again."""
    visitor = browser(label_studio)
    for page in ("/health/", "/favicon.ico", "/user/login/", "/api/version/"):
        visitor.get(page)
        assert "label_studio_session" not in visitor.cookies, page
    visitor.get(label_studio.client().login_url(ADA, ada.project, ada.tasks["n-2"]))
    assert "label_studio_session" in visitor.cookies
    assert visitor.get("/api/current-user/whoami").status_code == 200
