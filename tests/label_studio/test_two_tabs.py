"""The same note twice: nothing is overwritten without a word.

In two tabs of a browser, on two computers, by two requests at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from annotation.label_studio.answers import Answer
from annotation.label_studio.labeling_page import answer_result
from icd.tables import read_icd9_tables
from tests.label_studio.coding import (
    MINUTE,
    Seat,
    kept,
    send,
    ticked,
    wait_for_state,
    wait_for_ticks,
)
from tests.label_studio.conftest import ADA, Desk, Person, listed, new_project
from tests.live import LiveLabelStudio

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

CODES = listed(read_icd9_tables()[:40])
FIRST, SECOND, THIRD = (CODES[number].code for number in (3, 5, 7))
ASKED = "This note was submitted meanwhile"


@pytest.fixture(scope="module")
def seat(label_studio: LiveLabelStudio, ada: Desk) -> Seat:
    client = label_studio.client()
    project = new_project(label_studio, ADA, CODES)
    tasks = client.push_tasks(
        project, [(f"n-{number}", f"Summary {number}") for number in range(8)]
    )
    return Seat(client, ADA, project, tasks, "list")


@pytest.fixture
def computers(chromium: Any) -> Iterator[tuple[Any, Any]]:
    """A page on each of two computers."""
    contexts = [chromium.new_context(viewport={"width": 1440, "height": 900}) for _ in range(2)]
    for context in contexts:
        context.set_default_timeout(MINUTE)
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


def answers(seat: Seat, note: str) -> list[Answer]:
    return [each for each in seat.client.changed(seat.project) if each.note_id == note]


def who_is_asked(*pages: Any) -> Any:
    """The page that was told that somebody else came first."""
    for _ in range(600):
        for page in pages:
            if page.get_by_text(ASKED).count():
                return page
        pages[0].wait_for_timeout(100)
    raise AssertionError("nobody was asked")


def test_a_second_tab_waits_until_it_takes_over(seat: Seat, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(MINUTE)
    one, other = context.new_page(), context.new_page()
    seat.open(one, "n-0")
    seat.tick(one, FIRST)
    seat.open(other, "n-0")
    other.get_by_text("This note is open in another tab.").wait_for()
    other.get_by_role("button", name="Take over here").click()
    one.get_by_text("This note is open in another tab now.").wait_for()
    wait_for_ticks(other, [FIRST])
    assert other.locator("dialog").count() == 0
    seat.tick(other, SECOND)
    send(other)
    wait_for_state(other, "submitted")
    assert [set(each.parsed.codes) for each in answers(seat, "n-0")] == [{FIRST, SECOND}]
    context.close()


@pytest.mark.parametrize(
    ("note", "choice", "codes"),
    [
        ("n-1", "Keep what was submitted", {FIRST}),
        pytest.param("n-2", "Replace it by what is ticked here", {SECOND}, marks=pytest.mark.chaos),
    ],
)
def test_two_computers_submit_within_a_second(
    seat: Seat, computers: tuple[Any, Any], note: str, choice: str, codes: set[str]
) -> None:
    one, other = computers
    seat.open(one, note)
    seat.open(other, note)
    seat.tick(one, FIRST)
    seat.tick(other, SECOND)
    send(one)
    send(other)
    late = who_is_asked(one, other)
    first = FIRST if late is other else SECOND
    assert [set(each.parsed.codes) for each in answers(seat, note)] == [{first}]
    late.get_by_role("button", name=choice).click()
    mine = {SECOND} if late is other else {FIRST}
    wanted = mine if choice.startswith("Replace") else {first}
    wait_for_ticks(late, sorted(wanted))
    wait_for_state(late, "submitted")
    assert [set(each.parsed.codes) for each in answers(seat, note)] == [wanted]
    assert kept(late) == {}


def test_two_computers_update_one_answer(seat: Seat, computers: tuple[Any, Any], ada: Desk) -> None:
    seat.client.submit(ada.account.token, seat.tasks["n-3"], [FIRST], 5.0)
    one, other = computers
    for page in computers:
        seat.open(page, "n-3")
        wait_for_ticks(page, [FIRST])
    seat.tick(one, SECOND)
    send(one, "Update")
    wait_for_state(one, "submitted")
    seat.tick(other, THIRD)
    send(other, "Update")
    other.get_by_text(ASKED).wait_for()
    assert set(answers(seat, "n-3")[0].parsed.codes) == {FIRST, SECOND}
    other.get_by_role("button", name="Keep what was submitted").click()
    wait_for_ticks(other, [FIRST, SECOND])
    assert ticked(other) == [FIRST, SECOND]


def test_of_many_answers_at_once_one_is_taken(seat: Seat, as_ada: Person) -> None:
    path = f"/api/tasks/{seat.tasks['n-4']}/annotations/"

    def submit(code: str) -> int:
        return as_ada(
            "POST", path, json={"result": answer_result([code]), "lead_time": 1}
        ).status_code

    with ThreadPoolExecutor(8) as threads:
        given = sorted(threads.map(submit, [code.code for code in CODES[:8]]))
    assert given == [201] + [409] * 7
    assert len(answers(seat, "n-4")) == 1


def test_a_note_has_one_draft_and_none_after_its_answer(seat: Seat, as_ada: Person) -> None:
    task = seat.tasks["n-5"]
    drafts = f"/api/tasks/{task}/drafts"

    def draft(code: str) -> int:
        return int(
            as_ada("POST", drafts, json={"result": answer_result([code]), "lead_time": 1}).json()[
                "id"
            ]
        )

    first = draft(FIRST)
    assert draft(SECOND) == first
    (there,) = as_ada("GET", drafts).json()
    assert there["result"] == answer_result([SECOND])
    answer = {"result": answer_result([SECOND]), "lead_time": 1}
    assert as_ada("POST", f"/api/tasks/{task}/annotations/", json=answer).status_code == 201
    assert as_ada("GET", drafts).json() == []
    assert as_ada("POST", drafts, json=answer).status_code == 409


def test_an_update_of_an_answer_that_has_changed_is_refused(seat: Seat, as_ada: Person) -> None:
    answer = {"result": answer_result([FIRST]), "lead_time": 1}
    made = as_ada("POST", f"/api/tasks/{seat.tasks['n-6']}/annotations/", json=answer).json()
    path = f"/api/annotations/{made['id']}/"
    seen = {"X-Coderbench-Based-On": made["updated_at"]}
    second = {"result": answer_result([SECOND])}
    third = {"result": answer_result([THIRD])}
    assert as_ada("PATCH", path, json=second, headers=seen).status_code == 200
    assert as_ada("PATCH", path, json=third, headers=seen).status_code == 409
    assert as_ada("GET", path).json()["result"] == answer_result([SECOND])
