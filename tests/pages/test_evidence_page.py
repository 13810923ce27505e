"""The note's page in a real browser: where the model looked is marked for the code at hand.

By pointing at the code, or by going to it by keyboard. The site's own answers are taken first and
handed to Chromium with their headers, its security policy included.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from annotation.models import CodeSet, Note, Rater, Study
from annotation.services.batches import batch_create, sha256_of
from annotation.services.studies import study_draft
from benchmark.selectors.notes import note_evidence
from benchmark.services.checkpoints import model_register
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import chunk_work, run_create
from benchmark.tables.highlight import level, merged
from files.notes import NoteRow
from mimic.folder import read_admissions
from tests.browser import launched
from tests.cast import MIMIC_30, logged_in

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SITE = "http://localhost"
LIT = ".note-text .lit"


@pytest.fixture
def note(codes: CodeSet, ada, title_checkpoint) -> Note:
    """A synthetic note that two models have coded.

    It begins and breaks lines as browsers do not expect.
    """
    text = "\n😀 " + next(read_admissions(MIMIC_30)).text.replace("\n", "\r\n")
    row = NoteRow("n1", text, ("401.9",))
    batch, _ = batch_create(
        name="one", sha256=sha256_of("one"), origin="synthetic", rows=[row], split="", user=None
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
    return batch.notes.get()


@pytest.fixture
def places(note) -> dict[tuple[int, str], list[str]]:
    """(model, code) -> the marked places' words, in the order of the text."""
    found = note_evidence(Study.objects.get(slug="small"), note)
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
def answers(note, places, rae) -> dict[str, tuple[dict[str, str], bytes]]:
    """Address -> (headers, body) of the page, as it is and with each code chosen."""
    client, address = logged_in(rae), f"/studies/small/notes/{note.pk}/"
    queries = ["", *(f"?code={code}&rater={rater}" for rater, code in places)]
    found = {}
    for query in queries:
        response = client.get(address + query)
        assert response.status_code == 200
        found[address + query] = (dict(response.headers), response.content)
    return found


def opened(browser, answers, address: str, **options):
    """A page served from the site's answers.

    It records what its policy or scripts complain of.
    """
    page = browser.new_context(**options).new_page()
    page.trouble = []

    def answer(route) -> None:
        asked = urlsplit(route.request.url)
        path = asked.path + (f"?{asked.query}" if asked.query else "")
        if path in answers:
            headers, body = answers[path]
            route.fulfill(status=200, headers=headers, body=body)
        elif asked.path.startswith("/static/") and (ROOT / asked.path[1:]).exists():
            route.fulfill(path=ROOT / asked.path[1:])
        else:
            route.fulfill(status=404)

    page.route("**/*", answer)
    page.on(
        "console", lambda message: message.type == "error" and page.trouble.append(message.text)
    )
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.goto(SITE + address)
    return page


def lit(page) -> list[str]:
    """The lit pieces' words, neighbours joined, in the order of the text."""
    return [" ".join(words.split()) for words in page.locator(LIT).all_inner_texts()]


def joined(words: list[str]) -> str:
    return "".join("".join(words).split())


def test_where_the_model_looked(answers, places, note):
    address, (rater, code) = next(iter(answers)), next(iter(places))
    with launched() as browser:
        page = opened(browser, answers, address, viewport={"width": 1440, "height": 900})
        text = page.evaluate("document.querySelector('.note-text').textContent")
        assert text == note.text.replace("\r\n", "\n")
        assert lit(page) == [] and page.locator("a[data-lights]").count() == len(places)
        for summary in page.locator("details:not([open]) > summary").all():
            summary.click()
        for (model, given), words in places.items():
            link = page.locator(f'a[href="?code={given}&rater={model}#text"]')
            link.hover()
            assert joined(lit(page)) == joined(words), given
            assert page.locator("#looked").inner_text().find(f"{given}: logit") > 0
        page.mouse.move(5, 5)
        assert lit(page) == []

        first = page.locator(f'a[href="?code={code}&rater={rater}#text"]')
        first.focus()
        assert joined(lit(page)) == joined(places[rater, code])
        strongest = page.locator(f"{LIT}[data-level='4']").first
        assert strongest.is_visible()
        assert strongest.evaluate("e => getComputedStyle(e).backgroundColor") != "rgba(0, 0, 0, 0)"
        page.keyboard.press("Enter")
        assert first.get_attribute("aria-current") == "true"
        page.keyboard.press("Tab")
        page.mouse.move(5, 5)
        page.evaluate("document.activeElement.blur()")
        assert joined(lit(page)) == joined(places[rater, code]), "the chosen code stays lit"
        page.keyboard.press("Escape")
        assert lit(page) == [] and first.get_attribute("aria-current") is None
        assert [line for line in page.trouble if "404" not in line] == []


def test_on_a_phone_a_tap_leads_to_the_strongest_place_and_back(answers, places):
    address, (rater, code) = next(iter(answers)), next(iter(places))
    with launched() as browser:
        page = opened(
            browser, answers, address, viewport={"width": 390, "height": 844}, has_touch=True
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator(f'a[href="?code={code}&rater={rater}#text"]').tap()
        strongest = page.locator(f"{LIT}[data-level='4']").first
        box = strongest.bounding_box()
        assert 0 <= box["y"] <= 844
        back = page.locator("text=Back to the codes")
        assert 0 <= back.bounding_box()["y"] <= box["y"], "at hand, and not over the place"
        back.click()
        assert page.locator("#evidence h2").bounding_box()["y"] < 844


def test_without_a_script_a_link_marks_the_same_places(answers, places):
    with launched() as browser:
        page = opened(browser, answers, next(iter(answers)), java_script_enabled=False)
        for (rater, code), words in places.items():
            page.goto(f"{SITE}{next(iter(answers))}?code={code}&rater={rater}")
            assert joined(lit(page)) == joined(words)
            assert code in page.locator("[aria-current]").inner_text()
