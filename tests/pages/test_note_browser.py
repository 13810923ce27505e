"""The note's page in a real browser: evidence, the keys of a list, and what a phone shows.

The site's own answers are taken first and handed to Chromium with their headers, its security
policy included.
"""

from __future__ import annotations

import itertools
import re
from html import unescape

import pytest

from annotation.models import CodeSet, Note, Rater, Study
from annotation.services.batches import batch_create, sha256_of
from annotation.services.studies import study_draft
from benchmark.selectors.notes import side_and_evidence
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.checkpoints import model_register
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import chunk_work, run_create
from benchmark.tables.notes.highlight import level, merged
from files.notes import NoteRow
from mimic.folder import read_admissions
from tests.answered import ROOT, SITE, opened
from tests.browser import launched
from tests.cast import MIMIC_30, logged_in

pytestmark = pytest.mark.browser

LIT = ".note-text .lit"
WIDE = {"viewport": {"width": 1440, "height": 900}}
KEYS_OFF = """() => {
  const { user } = document.querySelector(".walk").dataset;
  localStorage.setItem(`coderbench-desk:${user}:single-keys`, "false");
}"""
"""As on the coding page."""
HEIGHTS = """() => [...document.querySelectorAll(".soft-break")].map((each) => {
  const range = document.createRange();
  range.selectNode(each);
  return range.getBoundingClientRect().height;
})"""
"""Of the line breaks that only the width had made."""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture
def note(codes: CodeSet, ada, title_checkpoint) -> Note:
    """The first of three synthetic notes that two models have coded.

    It begins and breaks lines as browsers do not expect.
    """
    texts = [admission.text for admission in itertools.islice(read_admissions(MIMIC_30), 3)]
    texts[0] = "\n😀 " + texts[0].replace("\n", "\r\n")
    rows = [NoteRow(f"n{place}", text, ("401.9",)) for place, text in enumerate(texts, start=1)]
    batch, _ = batch_create(
        name="three",
        sha256=sha256_of("three"),
        origin="synthetic",
        rows=rows,
        split="",
        user=None,
    )
    study = study_draft(
        slug="small",
        batch=batch,
        code_set=codes,
        coders=[Rater.objects.get(user=ada)],
        overlap=0,
        seed=0,
    )
    for folder, name in (
        (ROOT / "fixtures" / "rac_demo", "RAC"),
        (title_checkpoint, "Title matching"),
    ):
        run = run_create(
            study=study,
            rater=model_register(folder=folder, name=name),
            actor=None,
            poke=lambda run_id: None,
        )
        while chunk := chunk_claim(run.pk):
            chunk_work(chunk)
    benchmark_run(study=study, preset="full")
    return batch.notes.get(external_id="n1")


@pytest.fixture
def places(note) -> dict[tuple[int, str], list[str]]:
    """(model, code) -> the marked places' words, in the order of the text."""
    found = side_and_evidence(Study.objects.get(slug="small"), note)[1]
    return {
        (rater.pk, why.code): marked_words(note.text, why.spans or ())
        for rater, whys in found.items()
        for why in whys
    }


def marked_words(text: str, spans) -> list[str]:
    places = merged(text, spans)
    strongest = max((abs(weight) for _, _, weight in places), default=0.0)
    return [
        " ".join(text[start:end].split())
        for start, end, weight in places
        if level(weight, strongest)
    ]


@pytest.fixture
def address(note) -> str:
    return f"/studies/small/notes/{note.pk}/"


class Site:
    """What the site answers, taken before the browser is started."""

    def __init__(self, user) -> None:
        self.client = logged_in(user)
        self.answers: dict[str, tuple[dict[str, str], bytes]] = {}

    def take(self, *addresses: str) -> None:
        for address in addresses:
            response = self.client.get(address)
            assert response.status_code == 200, address
            self.answers[address] = (dict(response.headers), response.content)

    def follow(self, address: str, rel: str) -> str:
        """Take the page that a link of a page leads to; its address."""
        page = self.answers[address][1].decode()
        link = unescape(re.search(rf'rel="{rel}" href="([^"]+)"', page)[1])
        self.take(link)
        return link


@pytest.fixture
def site(address, rae) -> Site:
    """The note's page as it opens without a list."""
    found = Site(rae)
    found.take(address)
    return found


def lit(page) -> list[str]:
    """The lit pieces' words, neighbours joined, in the order of the text."""
    return [" ".join(words.split()) for words in page.locator(LIT).all_inner_texts()]


def joined(words: list[str]) -> str:
    return "".join("".join(words).split())


def code_link(page, place: tuple[int, str]):
    """The link that lights a model's code."""
    rater, code = place
    return page.locator(f'a[data-lights][href*="code={code}&rater={rater}#"]')


def test_where_the_model_looked(site, address, places, note):
    first, words = next(iter(places.items()))
    with launched() as browser:
        page = opened(browser, site.answers, address, **WIDE)
        text = page.evaluate("document.querySelector('.note-text').textContent")
        assert text == note.text.replace("\r\n", "\n")
        assert lit(page) == [] and page.locator("a[data-lights]").count() == len(places)
        for place, marked in places.items():
            code_link(page, place).hover()
            assert joined(lit(page)) == joined(marked), place
            assert place[1] in page.locator("#looked").inner_text()
        page.mouse.move(5, 5)
        assert lit(page) == []

        link = code_link(page, first)
        why = page.locator("#" + link.get_attribute("data-why"))
        link.focus()
        assert joined(lit(page)) == joined(words) and not why.is_visible()
        strongest = page.locator(f"{LIT}[data-level='4']").first
        assert strongest.is_visible()
        assert strongest.evaluate("e => getComputedStyle(e).backgroundColor") != "rgba(0, 0, 0, 0)"
        page.keyboard.press("Enter")
        assert link.get_attribute("aria-current") == "true"
        assert why.is_visible() and f"{first[1]}: logit" in why.inner_text()
        page.evaluate("document.activeElement.blur()")
        page.mouse.move(5, 5)
        assert joined(lit(page)) == joined(words), "the chosen code stays lit"
        page.keyboard.press("Escape")
        assert lit(page) == [] and link.get_attribute("aria-current") is None
        assert not why.is_visible()
        assert [line for line in page.trouble if "404" not in line] == []


def test_the_code_that_led_here_is_lit_and_keys_lead_through_the_list(site, address, places, note):
    """Evidence is on as the page opens, at its strongest place; J and K go on and back."""
    (rater, code), words = next((place, words) for place, words in places.items() if words)
    pair = "preset=full&a=RAC&b=Title+matching"
    listed = f"?{pair}&show=given-a&of={code}"
    first = f"{address}?{pair}&show=both-a-b&sort=name"
    site.take(f"{address}{listed}", first)
    second = site.follow(first, "next")
    assert site.follow(site.follow(second, "next"), "prev") == second
    site.follow(second, "prev")
    with launched() as browser:
        page = opened(browser, site.answers, f"{address}{listed}", **WIDE)
        chosen = page.locator("a[data-lights][aria-current]")
        assert f"code={code}&rater={rater}" in chosen.get_attribute("href")
        assert joined(lit(page)) == joined(words)
        pane = page.locator(".note-text").bounding_box()
        place = page.locator(f"{LIT}[data-level='4']").first.bounding_box()
        assert pane["y"] <= place["y"] <= pane["y"] + pane["height"]
        here = page.locator(".group .here").first
        codes = page.locator("#codes").bounding_box()
        assert codes["y"] <= here.bounding_box()["y"] <= codes["y"] + codes["height"]

        page.goto(SITE + first)
        for key, name in (("k", "n1"), ("j", "n2"), ("j", "n3"), ("j", "n3"), ("k", "n2")):
            page.keyboard.press(key)
            page.get_by_role("heading", name=f"Note {name}").wait_for()
            page.wait_for_load_state()
        page.evaluate(KEYS_OFF)
        page.keyboard.press("j")
        page.wait_for_timeout(200)
        assert page.locator("h1").inner_text() == "Note n2", "single keys are off"
        assert [line for line in page.trouble if "404" not in line] == []


def test_a_phone_shows_codes_first_and_does_not_wrap_twice(site, address, places, note):
    first = next(place for place, words in places.items() if words)
    with launched() as browser:
        page = opened(browser, site.answers, address, **PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        codes, text = page.locator("#codes").bounding_box(), page.locator("#text").bounding_box()
        assert codes["y"] + codes["height"] <= text["y"]
        breaks = page.locator(".soft-break")
        assert breaks.count() > 3, "the note was wrapped by hand"
        heights = page.evaluate(HEIGHTS)
        line = page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('.note-text')).lineHeight)"
        )
        assert max(heights) < 1.5 * line, "each is a space in a line"
        code_link(page, first).tap()
        why = page.locator(".why:visible")
        why.get_by_text("show in the text").first.tap()
        box = page.locator("[id^='piece-']:target").bounding_box()
        assert 0 <= box["y"] <= 844
        page.get_by_text("to the codes").tap()
        assert 0 <= page.locator("#codes h2").bounding_box()["y"] < 844


def test_without_a_script_a_link_marks_the_same_places(site, address, places):
    some = dict(itertools.islice(places.items(), 3))
    chosen = [f"{address}?code={code}&rater={rater}" for rater, code in some]
    site.take(*chosen)
    with launched() as browser:
        page = opened(browser, site.answers, address, java_script_enabled=False)
        for (_, code), at, words in zip(some, chosen, some.values(), strict=True):
            page.goto(SITE + at)
            assert joined(lit(page)) == joined(words)
            assert code in page.locator(".why:visible").inner_text()
        assert page.locator("a[rel=next]").get_attribute("href")
