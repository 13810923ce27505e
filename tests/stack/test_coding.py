"""Ada codes a note in a real browser and it becomes a coding on our site.

Ben stays outside her walls.
"""

from __future__ import annotations

import re

import httpx
import pytest

from tests.label_studio.coding import wait_for_state, wait_for_ticks
from tests.stack.conftest import SHARED, seconds_until

pytestmark = [pytest.mark.label_studio, pytest.mark.redis, pytest.mark.browser]

BOXES = ".cb-list label:visible"
TICKED = ".cb-list input:checked"


def enter(page) -> None:
    """From the queue into Label Studio on the next note, without a second log-in."""
    if page.locator("button:has-text('I have read this')").count():
        page.click("button:has-text('I have read this')")
    page.click("#go-on")
    page.wait_for_selector(BOXES, timeout=60_000)


def tick(page, words: str) -> str:
    """Find a code with the filter and tick it; gives its line in the list."""
    page.get_by_placeholder("Filter by code or word").fill(words)
    box = page.locator(BOXES).filter(has_text=re.compile(words, re.IGNORECASE)).first
    box.click()
    return box.inner_text().strip()


def tick_and_see_the_draft_go(page, words: str, method: str = "POST") -> str:
    """Label Studio sends a draft of its own some seconds after a tick."""
    drafted = lambda got: "/drafts" in got.url and got.request.method == method  # noqa: E731
    with page.expect_response(drafted, timeout=60_000) as sent:
        line = tick(page, words)
    assert sent.value.ok
    return line


def send(page, button: str, method: str) -> None:
    with page.expect_response(
        lambda got: "/annotations" in got.url and got.request.method == method
    ) as sent:
        page.locator(f"button:has-text('{button}')").click()
    assert sent.value.ok


def test_ada_codes_a_note_and_ben_cannot_look(stack, open_page):
    page = open_page("ada")
    assert "0 of 5" in page.content()
    enter(page)
    assert page.url.startswith(stack.services.addresses["LABEL_STUDIO_URL"])
    assert "Synthetic note" in page.locator(".cb-banner").inner_text()
    page.screenshot(path=str(stack.services.home / "coding.png"))
    ticked = tick_and_see_the_draft_go(page, "hypertension")
    send(page, "Submit", "POST")
    took = seconds_until(lambda: stack.codings("Ada"), 5)  # the webhook pokes
    print(f"Submit to coding: {took:.1f} s")
    (coding,) = stack.codings("Ada")
    assert [ticked.split()[0]] == coding["codes"] and coding["revision"] == 1
    page.goto(f"{stack.site}/queue/")
    assert "My sent notes" in page.content() and (page.foreign, page.refused) == ([], [])
    her_opening_is_recorded(stack, coding["note"])
    ben_is_walled_off(stack, open_page)


def her_opening_is_recorded(stack, note: int) -> None:
    """In Label Studio, or here already: it is fetched once a minute."""
    there = {(row.email, row.note, row.way) for row in stack.label_studio().openings()}
    here = stack.api(f"openings/?note={note}&way=ls", "sam")["count"]
    assert here == 1 or ("ada@coderbench.invalid", str(note), "ls") in there, there


def ben_is_walled_off(stack, open_page) -> None:
    page = open_page("ben")
    enter(page)
    hers, studio = stack.projects()["Ada"], stack.services.addresses["LABEL_STUDIO_URL"]
    tasks = stack.label_studio()._task_ids(hers)
    addresses = [
        f"/projects/{hers}/data",
        f"/projects/{hers}/settings",
        f"/api/projects/{hers}/",
        f"/api/projects/{hers}/export?exportType=JSON",
        *(f"/api/tasks/{task}/" for task in tasks.values()),
        *(f"/api/tasks/{task}/annotations/" for task in tasks.values()),
    ]
    for address in addresses:
        assert page.request.get(f"{studio}{address}").status == 403, address
    assert page.request.get(f"{stack.site}/studies/small/results/").status == 403
    assert page.request.get(f"{stack.site}/api/v1/codings/").status == 403


def test_a_submitted_note_is_reopened_and_corrected(stack, open_page):
    page = open_page("ada")
    page.locator("#sent tbody button").first.click()
    page.wait_for_selector(TICKED, timeout=60_000)
    tick_and_see_the_draft_go(page, "failure")
    send(page, "Update", "PATCH")
    seconds_until(lambda: any(c["revision"] == 2 for c in stack.codings("Ada")), 5)
    newest = max(stack.codings("Ada"), key=lambda coding: coding["revision"])
    assert len(newest["codes"]) == 2
    page.locator("#cb-bar a[href$='/queue/next/']").click()
    page.wait_for_selector(BOXES, timeout=60_000)
    assert page.locator(TICKED).count() == 0, "the way on leads to a fresh note"
    assert page.refused == []


def test_sam_enters_label_studio_and_leaves_it_by_logging_out_here(stack, open_page):
    sam, studio = open_page("sam"), stack.services.addresses["LABEL_STUDIO_URL"]
    sam.click("footer button:has-text('Label Studio')")
    sam.wait_for_url(f"{studio}/projects/**", timeout=60_000)
    for name in ("Ada", "Ben"):
        sam.get_by_text(f"small {name}").first.wait_for(timeout=60_000)
    assert (sam.foreign, sam.refused) == ([], [])
    sam.screenshot(path=str(stack.services.home / "label_studio_admin.png"))
    whoami = f"{studio}/api/current-user/whoami"
    assert sam.request.get(whoami).json()["email"] == "sam@coderbench.invalid"
    sam.goto(stack.site)
    sam.click("button:has-text('Log out')")
    sam.wait_for_url("**/login/")
    assert sam.request.get(whoami).status == 403
    assert stack.projects(), "our site's own token goes on working"


def test_only_an_admin_enters_label_studio_so(stack, open_page):
    for name in ("ada", "rae"):
        page = open_page(name)
        assert page.locator("button:has-text('Label Studio')").count() == 0
        assert page.request.post(f"{stack.site}/label-studio/").status == 403


def test_the_study_page_lives_and_fits_a_phone(stack, open_page):
    page = open_page("rae", width=390)
    for address in ("/", "/studies/small/", "/studies/small/notes/", "/batches/"):
        page.goto(f"{stack.site}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    page.goto(f"{stack.site}/studies/small/")
    with page.expect_response(
        lambda got: got.request.headers.get("hx-request") == "true", timeout=15_000
    ) as live:
        pass
    assert live.value.ok and page.foreign == []


def test_deactivating_ben_ends_his_sessions_here_and_in_label_studio(stack, open_page):
    ben, sam = open_page("ben"), open_page("sam")
    enter(ben)
    studio = stack.services.addresses["LABEL_STUDIO_URL"]
    assert ben.request.get(f"{studio}/api/current-user/whoami").status == 200
    act_on_ben(sam, stack, "deactivate")
    assert ben.request.get(f"{studio}/api/current-user/whoami").status in (401, 403)
    ben.goto(f"{stack.site}/queue/")
    assert "/login/" in ben.url
    act_on_ben(sam, stack, "activate")
    assert "My queue" in open_page("ben").content()


def act_on_ben(sam, stack, action: str) -> None:
    sam.goto(f"{stack.site}/admin/annotation/user/")
    sam.locator("tr:has-text('ben') input[type=checkbox]").check()
    sam.select_option("select[name=action]", action)
    sam.click("button[name=index]")
    if action == "deactivate":
        sam.click("button:has-text('Deactivate')")
    assert "ben" in sam.locator(".messagelist").inner_text().lower()


def test_logging_out_here_sends_what_is_unsent_and_is_logging_out_there(stack, open_page):
    page = open_page("ada")
    page.set_default_timeout(60_000)
    enter(page)
    studio = stack.services.addresses["LABEL_STUDIO_URL"]
    whoami = f"{studio}/api/current-user/whoami"
    assert page.request.get(whoami).status == 200
    stack.label_studio().set_session("ada@coderbench.invalid", True)  # her session there has ended
    ticked = tick(page, "failure").split()[0]
    wait_for_state(page, "Not saved")
    page.click("#cb-bar >> text=Back to my queue")
    page.wait_for_url("**/queue/")
    drafts = re.compile("/drafts")
    page.route(drafts, lambda route: route.abort())
    log_out(page)
    page.get_by_text("Ticks of one note on this computer could not be sent").wait_for()
    page.unroute(drafts)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url("**/login/")
    assert page.request.get(whoami).status in (401, 403)
    page.goto(f"{studio}/guard/page/page.css")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page = open_page("ada")
    page.set_default_timeout(60_000)
    enter(page)
    wait_for_ticks(page, [ticked])
    log_out_of_label_studio(stack, page, whoami)


def log_out(page) -> None:
    """Press the button; where there is something to ask, the page stays in Label Studio."""
    with page.expect_navigation(wait_until="commit"):
        page.click("button:has-text('Log out')")


def log_out_of_label_studio(stack, page, whoami: str) -> None:
    """By its own address; our site's log-in lasts, so that the queue is there."""
    page.goto(f"{stack.services.addresses['LABEL_STUDIO_URL']}/logout")
    page.wait_for_url("**/queue/")
    assert page.request.get(whoami).status in (401, 403)


def test_the_workstation_holds_the_very_texts(stack):
    assigned = {row["note"] for row in stack.api("assignments/")["results"]}
    ours = {}
    for note in stack.api("notes/")["results"]:
        if note["id"] in assigned:  # the others are for practice
            ours[str(note["id"])] = note["sha256"]
    held = {}
    for name in ("Ada", "Ben"):
        held |= stack.label_studio().task_texts_sha256(stack.projects()[name])
    assert held == ours and len(stack.api("assignments/")["results"]) == len(ours) + SHARED


def test_ready_when_all_answer(stack):
    assert httpx.get(f"{stack.site}/readyz", timeout=30).json()["status"] == "ok"
