"""A researcher makes a study on the site and opens it.

Its coders find it in their queues; a coder's notes move on.
"""

from __future__ import annotations

import pytest

from tests.stack.conftest import seconds_until
from tests.stack.test_sync import token_of

pytestmark = [pytest.mark.label_studio, pytest.mark.redis, pytest.mark.browser]


def test_rae_makes_and_opens_a_study(stack, open_page):
    page = open_page("rae")
    page.goto(f"{stack.site}/studies/new/")
    page.get_by_label("Short name").fill("second")
    page.get_by_label("Notes", exact=False).first.select_option(index=1)
    page.get_by_label("Ada").check()
    page.get_by_label("Shared notes").fill("0")
    page.click("button:has-text('Preview the plan')")
    plan = page.locator("section[aria-labelledby='plan']").inner_text()
    assert "Ada" in plan and "Ben" not in plan
    page.screenshot(path=str(stack.services.home / "study_new.png"), full_page=True)
    page.click("button:has-text('Draft the study')")
    page.click("a:has-text('Open the study')")
    page.click("button:has-text('Open the study')")
    page.wait_for_selector(".study-head .tag.open", timeout=60_000)
    assert page.locator("#opening").count() == 0
    assert page.foreign == []
    assert "second Ada" in stack.projects() and "second Ben" not in stack.projects()
    assert "second" in open_page("ada").content()


def test_what_ben_has_not_submitted_becomes_adas(stack, open_page):
    (small,) = [
        study["id"] for study in stack.api("studies/")["results"] if study["slug"] == "small"
    ]
    people = {rater["name"]: rater["id"] for rater in stack.api("raters/?kind=coder")["results"]}

    def own(name: str) -> set[int]:
        rows = stack.api(f"assignments/?study={small}&rater={people[name]}&role=primary")["results"]
        return {row["note"] for row in rows}

    done = {coding["note"] for coding in stack.codings("Ben") if coding["study"] == small}
    before, left = own("Ada"), own("Ben") - done
    assert left, "Ben has submitted everything already; the test shows nothing"
    page = open_page("rae")
    page.goto(f"{stack.site}/studies/small/")
    page.get_by_role("link", name="Move notes of Ben").click()
    page.get_by_label("From").select_option(str(people["Ben"]))
    page.get_by_label("To", exact=True).select_option(str(people["Ada"]))
    page.click("button:has-text('Go on')")
    page.click("button.danger:has-text('Move the notes')")
    page.wait_for_selector(f"text={len(left)} notes of Ben are Ada's now")
    assert own("Ada") == before | left and own("Ben") <= done
    hers = stack.label_studio().task_texts_sha256(stack.projects()["Ada"])
    assert {str(note) for note in left} <= hers.keys()


@pytest.mark.chaos
def test_two_arms_are_two_projects_of_a_coder(stack, open_page):
    """Ada's four notes: two with the list, two with the search box.

    Her queue leads into each, and answers come back.
    """
    stack.manage(
        "open_study",
        "arms",
        "--coders",
        "ada",
        "--overlap",
        "0",
        "--sample",
        "4",
        "--interface",
        "both",
    )
    client = stack.label_studio()
    (study,) = [
        study["id"] for study in stack.api("studies/")["results"] if study["slug"] == "arms"
    ]
    rows = stack.api(f"assignments/?study={study}")["results"]
    for arm in ("list", "search"):
        project = stack.projects()[f"arms Ada {arm}"]
        mine = {str(row["note"]) for row in rows if row["arm"] == arm}
        assert client.task_texts_sha256(project).keys() == mine and len(mine) == 2
        client.submit(
            token_of(stack, "ada"), min(client._task_ids(project).values()), ["401.9"], 30.0
        )

    def coded() -> set[int]:
        return {coding["note"] for coding in stack.codings("Ada") if coding["study"] == study}

    seconds_until(
        lambda: {row["arm"] for row in rows if row["note"] in coded()} == {"list", "search"}, 90
    )
    page = open_page("ada")
    page.goto(f"{stack.site}/queue/")
    card = page.locator("section", has_text="Study arms")
    card.get_by_role("button", name="I have read this").click()
    seen = set()
    for done in (2, 3):
        page.goto(f"{stack.site}/queue/")
        left = [row for row in rows if row["note"] not in coded()]
        following = min(left, key=lambda row: row["position"])
        page.locator("section", has_text="Study arms").locator(".go-on").click()
        page.wait_for_selector(
            ".cb-codes .ant-select, .cb-codes .ant-checkbox-wrapper", timeout=60_000
        )
        drop_down = page.locator(".cb-codes .ant-select").count()
        assert bool(drop_down) == (following["arm"] == "search")
        seen.add(following["arm"])
        project = stack.projects()[f"arms Ada {following['arm']}"]
        task = client._task_ids(project)[str(following["note"])]
        client.submit(token_of(stack, "ada"), task, [], 20.0)
        seconds_until(lambda done=done: len(coded()) > done, 90)
    assert seen == {"list", "search"}
