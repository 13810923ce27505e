"""Whoever gets a note's text from Label Studio is recorded there, and our site takes the record."""

from __future__ import annotations

import httpx
import pytest

from annotation.label_studio.openings import OpenedThere
from tests.label_studio.conftest import ADA, Desk, Person, new_desk
from tests.label_studio.test_routes import Route, path_of, routes
from tests.live import LiveLabelStudio

__all__ = ["routes"]
pytestmark = pytest.mark.label_studio
SAM = 7
"""The admin's id on our site."""
TEXT = b"Note one of Cleo."
CLEO = "cleo@example.org"


@pytest.fixture(scope="module")
def cleo(label_studio: LiveLabelStudio) -> Desk:
    return new_desk(label_studio, CLEO, "Cleo")


def told(live: LiveLabelStudio) -> list[OpenedThere]:
    """All that was opened since the last call."""
    client = live.client()
    found: list[OpenedThere] = []
    taken: list[str] = []
    while rows := client.openings(taken):
        found += rows
        taken = [row.name for row in rows]
    return found


def short(rows: list[OpenedThere]) -> set[tuple[str, int, str, str]]:
    return {(row.email, row.user, row.note, row.way) for row in rows}


def as_admin(live: LiveLabelStudio) -> httpx.Client:
    """Somebody who came in by an admin's ticket, as browsers do."""
    browser = httpx.Client(base_url=live.url, timeout=60, follow_redirects=True)
    browser.get(live.client().admin_login_url(SAM))
    return browser


def test_a_coders_note_is_recorded_once_and_taken_once(
    label_studio: LiveLabelStudio, ada: Desk, as_ada: Person
) -> None:
    told(label_studio)
    task = f"/api/tasks/{ada.tasks['n-1']}/"
    for _ in range(3):
        assert as_ada("GET", task).status_code == 200
    rows = label_studio.client().openings()
    assert short(rows) == {(ADA, 0, "n-1", "ls")} and len(rows) == 1
    assert label_studio.client().openings() == rows, "told again until it is taken"
    assert label_studio.client().openings([rows[0].name]) == []
    assert as_ada("GET", f"/api/tasks/?project={ada.project}").status_code == 200
    assert short(told(label_studio)) == {(ADA, 0, f"n-{k}", "ls-list") for k in (1, 2)}


def test_what_our_own_site_reads_is_nobodys_opening(
    label_studio: LiveLabelStudio, cleo: Desk, as_sam: Person
) -> None:
    client = label_studio.client()
    told(label_studio)
    assert client.changed(cleo.project)
    assert as_sam("GET", f"/api/tasks/{cleo.tasks['n-1']}/").status_code == 200
    client.submit(cleo.account.token, cleo.tasks["n-2"], ["401.9"], 5.0)  # a copy of our page's
    assert told(label_studio) == []


GIVING = {
    "/api/tasks/<int:pk>/": "ls",
    "/api/tasks/": "ls-list",
    "/api/projects/<int:pk>/tasks/": "ls-list",
    "/api/projects/<int:pk>/export": "ls-export",
    "/admin/tasks/task/<path:object_id>/change/": "ls",
}
"""The routes that give a text, and by which way it goes."""


@pytest.mark.parametrize(("route", "way"), GIVING.items())
def test_an_admin_is_recorded_by_name(
    label_studio: LiveLabelStudio, cleo: Desk, route: str, way: str
) -> None:
    """All admins share one account, so the person's id comes with the ticket."""
    told(label_studio)
    address = address_of(route, cleo) + f"?project={cleo.project}&exportType=CSV"
    assert TEXT in as_admin(label_studio).get(address).content
    rows = told(label_studio)
    assert {(row.user, row.way) for row in rows} == {(SAM, way)}
    assert "n-1" in {row.note for row in rows}


@pytest.mark.chaos
def test_every_route_that_gives_a_text_records_it(
    label_studio: LiveLabelStudio, cleo: Desk, routes: list[Route]
) -> None:
    """Asked as the admin, who is let in everywhere, and as the coder."""
    coder = httpx.Client(
        base_url=label_studio.url, headers={"Authorization": f"Token {cleo.account.token}"}
    )
    people = {SAM: as_admin(label_studio), 0: coder}
    giving = set()
    wrong = []
    told(label_studio)
    for route, methods in routes:
        if "get" not in methods or "logout" in route:
            continue
        for person, browser in people.items():
            for query in ("", f"?project={cleo.project}&exportType=JSON"):
                address = address_of(route, cleo) + query
                if TEXT not in browser.get(address, follow_redirects=False).content:
                    continue
                giving.add(route)
                rows = [row for row in told(label_studio) if row.note == "n-1"]
                if {row.user for row in rows} != {person}:
                    wrong.append(f"{person} {address}: {rows}")
    assert not wrong, "\n".join(wrong)
    assert giving == set(GIVING)


def address_of(route: str, desk: Desk) -> str:
    """An address of the route about the desk's first note."""
    task = str(desk.tasks["n-1"])
    return path_of(route.replace("/task/<path:object_id>", f"/task/{task}"), desk)
