"""The table by itself: what it lets through, and that doubt is refusal."""

from __future__ import annotations

import pytest

from label_studio_guard.wall_table import ROWS
from label_studio_guard.walls import (
    SESSION_SECONDS,
    Role,
    Scope,
    Verdict,
    decide,
    merge,
    session_lasts,
)


def verdict(method: str, path: str, role: Role = Role.CODER, **query: list[str]) -> Verdict:
    return decide(method, path, query, role).verdict


def test_a_coders_own_objects_are_named_for_the_check() -> None:
    found = decide("POST", "/api/tasks/7/annotations/", {"project": ["3"]}, Role.CODER)
    assert (found.verdict, found.ids, found.writes) == (
        Verdict.ALLOW,
        {"task": 7, "project": 3},
        True,
    )


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


@pytest.mark.parametrize("name", ["project", "task", "taskID", "view", "tab", "annotation"])
@pytest.mark.parametrize(
    "value",
    [
        ["1", "2"],
        ["x"],
        [""],
        ["-1"],
        ["1 "],
        [" 1"],
        ["01"],
        ["+1"],
        ["1.0"],
        ["١"],
        ["1\n"],
        ["true"],
        ["0"],
    ],
)
def test_a_doubtful_id_belongs_to_nobody(name: str, value: list[str]) -> None:
    found = decide("GET", "/api/dm/views/", {name: value}, Role.CODER)
    assert found.verdict is Verdict.DENY or -1 in found.ids.values()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/tasks/7/", {"task": ["8"]}),
        ("/api/tasks/7/drafts", {"task": ["8"]}),
        ("/api/tasks/7/drafts", {"taskID": ["8"]}),
        ("/api/projects/7/", {"project": ["8"]}),
        ("/api/tasks/7/", {"project": ["1", "2"]}),
        ("/api/tasks/", {"view": ["1"], "tab": ["2"], "project": ["1"]}),
    ],
)
def test_a_query_does_not_stand_in_for_the_id_of_the_path(
    path: str, query: dict[str, list[str]]
) -> None:
    assert decide("GET", path, query, Role.CODER).verdict is Verdict.DENY


@pytest.mark.parametrize(
    "name", ["id", "user", "completed_by", "query", "ordering", "selectedItems", "project[]"]
)
def test_a_query_may_have_what_the_page_sends_and_no_more(name: str) -> None:
    decision = decide("GET", "/api/tasks/", {"project": ["1"], name: ["1"]}, Role.CODER)
    assert decision.verdict is Verdict.DENY


def test_no_action_is_open_to_a_coder() -> None:
    for action in ("next_task", "delete_tasks"):
        assert verdict("POST", "/api/dm/actions/", id=[action], project=["1"]) is Verdict.DENY


def test_ids_that_contradict_each_other_do_not_merge() -> None:
    assert merge({"task": 7}, {"project": 3, "task": 7}) == {"task": 7, "project": 3}
    assert merge({"task": 7}, {"task": 8}) is None


def test_a_skip_is_refused() -> None:
    assert verdict("POST", "/api/tasks/7/annotations/", was_cancelled=["1"]) is Verdict.DENY


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    "path", ["/user/login/", "/admin/login/", "/api-auth/login/", "/api/token/", "/user/signup/"]
)
def test_there_is_no_way_in_by_a_password(path: str, role: Role) -> None:
    for method in ("GET", "POST"):
        assert verdict(method, path, role) is Verdict.DENY
        assert verdict(method, path, role, admin=["1"]) is Verdict.DENY


@pytest.mark.parametrize("path", ["/", "/projects/"])
def test_pages_of_the_admin_send_others_home(path: str) -> None:
    assert [verdict("GET", path, role) for role in Role] == [
        Verdict.HOME,
        Verdict.HOME,
        Verdict.ALLOW,
    ]


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
        found = decide(method, path, {}, Role.NOBODY).verdict
        assert (found is Verdict.ALLOW) == (row.scope is Scope.PUBLIC), row


def test_a_session_lasts_a_working_day() -> None:
    ages = (0, SESSION_SECONDS - 1, SESSION_SECONDS, -1)
    assert [session_lasts(1_000_000.0, 1_000_000.0 + age) for age in ages] == [
        True,
        True,
        False,
        False,
    ]
    assert not session_lasts(None, 1_000_000.0)
