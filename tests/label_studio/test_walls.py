"""The table by itself: what it lets through, and that doubt is refusal."""

from __future__ import annotations

import pytest

from label_studio_guard.table import ROWS
from label_studio_guard.walls import SESSION_SECONDS, Role, Scope, Verdict, decide, forged, session_lasts

ANSWER_KEYS = frozenset({"result", "completed_by", "task"})


def verdict(method: str, path: str, role: Role = Role.CODER, **query: list[str]) -> Verdict:
    return decide(method, path, query, role).verdict


def test_a_coders_own_objects_are_named_for_the_check() -> None:
    found = decide("POST", "/api/tasks/7/annotations/", {"project": ["3"]}, Role.CODER)
    assert (found.verdict, found.ids, found.writes) == (Verdict.ALLOW, {"task": 7, "project": 3}, True)


@pytest.mark.parametrize("path", ["/api/tasks/7", "/api/tasks/7/"])
def test_a_slash_at_the_end_may_be_missing(path: str) -> None:
    assert decide("GET", path, {}, Role.CODER).ids == {"task": 7}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/tasks/7/"),
        ("DELETE", "/api/annotations/7/"),
        ("OPTIONS", "/api/tasks/7/"),
        ("GET", "/api/projects/7/export"),
        ("GET", "/api/users/7/"),
        ("GET", "/a/page/of/the/next/release/"),
        ("GET", "/api/tasks/٧/"),
        ("GET", "/api/tasks/7/\nx"),
        ("GET", "//api/tasks/7/"),
        ("GET", "/api/tasks/../projects/7/"),
    ],
)
def test_what_the_table_does_not_open_is_closed(method: str, path: str) -> None:
    assert verdict(method, path) is Verdict.DENY


@pytest.mark.parametrize("project", [["1", "2"], ["x"], [""], ["-1"], ["1 "], []])
def test_a_doubtful_project_belongs_to_nobody(project: list[str]) -> None:
    found = decide("GET", "/api/dm/views/", {"project": project} if project else {}, Role.CODER)
    assert found.verdict is Verdict.DENY or found.ids == {"project": -1}


def test_only_the_next_note_may_be_asked_for_as_an_action() -> None:
    assert verdict("POST", "/api/dm/actions/", id=["next_task"], project=["1"]) is Verdict.ALLOW
    assert verdict("POST", "/api/dm/actions/", id=["delete_tasks"], project=["1"]) is Verdict.DENY
    assert verdict("POST", "/api/dm/actions/", id=["next_task", "delete_tasks"], project=["1"]) is Verdict.DENY
    assert verdict("POST", "/api/dm/actions/", project=["1"]) is Verdict.DENY


def test_asking_for_the_next_note_is_no_answer() -> None:
    asked = {"id": ["next_task"], "project": ["1"]}
    assert not decide("POST", "/api/dm/actions/", asked, Role.CODER).writes


def test_a_skip_is_refused() -> None:
    assert verdict("POST", "/api/tasks/7/annotations/", was_cancelled=["1"]) is Verdict.DENY


@pytest.mark.parametrize("path", ["/", "/projects/", "/user/login/"])
def test_pages_of_the_admin_send_others_home(path: str) -> None:
    assert [verdict("GET", path, role) for role in Role] == [Verdict.HOME, Verdict.HOME, Verdict.ALLOW]


@pytest.mark.parametrize("role", list(Role))
def test_the_outside_is_closed_to_everybody(role: Role) -> None:
    closed = [row for row in ROWS if row.scope is Scope.CLOSED]
    assert closed
    for row in closed:
        assert verdict("DELETE", row.path.replace("*", "x"), role) is Verdict.DENY


def test_nobody_gets_nothing_but_what_is_public() -> None:
    for row in ROWS:
        path = row.path.replace("**", "x").replace("*", "x")
        for kind in ("project", "task", "annotation", "draft"):
            path = path.replace(f"<{kind}>", "1")
        method = "GET" if row.methods == "*" else row.methods.split()[0]
        query = {name: [value] for name, value in row.query.items()}
        found = decide(method, path, query, Role.NOBODY).verdict
        assert (found is Verdict.ALLOW) == (row.scope is Scope.PUBLIC), row


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"result": [], "completed_by": 2, "task": "7"}, None),
        ({"result": [], "completed_by": None}, None),
        ({"completed_by": 3}, "completed_by"),
        ({"completed_by": True}, "completed_by"),
        ({"task": [7]}, "task"),
        ({"ground_truth": True}, "ground_truth"),
        (["result"], "body"),
        (None, "body"),
    ],
)
def test_a_forged_key_is_named(body: object, name: str | None) -> None:
    assert forged(body, ANSWER_KEYS, {"completed_by": 2, "task": 7}) == name


def test_a_session_lasts_a_working_day() -> None:
    ages = (0, SESSION_SECONDS - 1, SESSION_SECONDS, -1)
    assert [session_lasts(1_000_000.0, 1_000_000.0 + age) for age in ages] == [True, True, False, False]
    assert not session_lasts(None, 1_000_000.0)
