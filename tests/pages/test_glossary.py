"""The terms that pages explain.

As the docs have them, safe in HTML, and on each page where its running text first uses them.
"""

import doctest
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils.html import format_html

from annotation.models import User
from pages import glossary
from pages.glossary import IN_A_SENTENCE, MEANINGS
from pages.templatetags.glossary import explained
from tests.addresses import addresses
from tests.cast import logged_in
from tests.large import Size, large_study

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text()
SHORTER = {"P@k", "R@k", "AUC-PR", "MAP"}
"""Terms that the page of docs has together with others, or not at all."""
COMPARED = {"rater", "reference", "macro", "micro", "Jaccard", "precision", "recall", "F1"}
TERMS = {
    "/batches/": {"batch"},
    "/studies/new/": {"shared note"},
    "/studies/from-codings/": {"reference", "rater", "macro"},
    "/studies/small/": {"adjudicator", "reference"},
    "/studies/small/runs/": {"rater", "reference"},
    "/studies/small/settings/": {"protocol", "rater"},
    "/studies/small/import/": {"rater"},
    "/studies/small/notes/": {"rater"},
    "/studies/small/notes/{note}/": {"rater", "reference"},
    "/studies/small/results/": {
        *COMPARED,
        "label space",
        "Holm",
        "Krippendorff's alpha",
        "partial credit",
    },
    "/studies/small/results/codes/": {"rater", "recall"},
    "/studies/small/results/code/?code=428.0": {"rater"},
    "/studies/small/results/notes/": {"rater", "Jaccard"},
    "/models/": {"macro"},
    "/adjudicate/": {"rater"},
}
"""Page -> terms that it explains."""
OF_RESULTS = ("/studies/", "/runs/", "/models/", "/batches/", "/adjudicate/")
RUNNING = {"p", "h1", "h2", "caption", "summary", "label"}


class Reading(HTMLParser):
    """A page's running text, and the terms that are explained in it and anywhere on the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.in_text: Counter[str] = Counter()
        self.anywhere: set[str] = set()
        self._open: list[str] = []
        self.feed(page)

    @staticmethod
    def _singular(term: str) -> str:
        found = IN_A_SENTENCE.fullmatch(term)
        return found[1] if found else term

    def unexplained(self) -> set[str]:
        """Terms of the running text that nothing on the page explains."""
        used = {found[1].lower() for found in IN_A_SENTENCE.finditer(self.text)}
        return used - self.anywhere

    def repeated(self) -> set[str]:
        """Terms that the running text explains more than once."""
        return {term for term, times in self.in_text.items() if times > 1}

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in RUNNING or tag in ("abbr", "a", "code"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open.remove(tag)
        if tag in RUNNING:
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        if "abbr" in self._open:
            data = self._singular(data)
            self.anywhere.add(data.lower())
        # A link or a command is read where it leads, not here.
        if "a" in self._open or "code" in self._open or not RUNNING & set(self._open):
            return
        self.text += data
        if "abbr" in self._open:
            self.in_text[data.lower()] += 1


@pytest.mark.parametrize("term", sorted({*MEANINGS} - SHORTER))
def test_a_meaning_is_that_of_the_docs(term):
    row = re.search(rf"(?im)^\| {re.escape(term)} \| (.*) \|$", PAGE)
    assert row and row[1] == MEANINGS[term]


def test_the_example_holds():
    assert doctest.testmod(glossary).failed == 0


def test_what_is_no_term_stays_as_it_is():
    assert explained("n") == "n"
    assert explained("<b>") == "<b>", "no markup is made of it: the template escapes it"
    assert explained("Macro").startswith('<abbr title="the mean over codes')


def told(sentence, request=None) -> str:
    """The sentence as a page has it, its meanings cut short."""
    template = Template("{% load glossary %}{% explain sentence %}")
    page = template.render(Context({"sentence": sentence, "request": request}))
    return re.sub(r'<abbr title="[^"]+">', "<abbr>", page)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Raters and a rater", "<abbr>Raters</abbr> and a rater"),
        ("AUC-PR, then AUC", "<abbr>AUC-PR</abbr>, then <abbr>AUC</abbr>"),
        ("Krippendorff's alpha", "<abbr>Krippendorff&#x27;s alpha</abbr>"),
        ("Holm-corrected", "<abbr>Holm</abbr>-corrected"),
        ("a map, operators, panelling", "a map, operators, panelling"),
        ("a <b> of the panel & more", "a &lt;b&gt; of the <abbr>panel</abbr> &amp; more"),
        (format_html("<ul><li>{}</li></ul>", "a rater"), "<ul><li>a rater</li></ul>"),
        ("", ""),
    ],
)
def test_a_sentence_explains_its_terms_once(sentence, shown):
    assert told(sentence) == shown


def test_a_page_explains_a_term_once(rf):
    request = rf.get("/")
    assert told("the reference", request) == "the <abbr>reference</abbr>"
    assert told("References of a rater", request) == "References of a <abbr>rater</abbr>"


@pytest.mark.slow
@pytest.mark.parametrize("address", TERMS)
def test_a_page_explains_the_terms_that_it_uses(compared, sam, address):
    note = compared.notes.order_by("pk").first()
    page = logged_in(sam).get(address.format(note=note.pk)).content.decode()
    reading = Reading(page)
    assert {term.lower() for term in TERMS[address]} <= reading.anywhere
    assert reading.repeated() == reading.unexplained() == set()


@pytest.mark.slow
def test_no_page_of_results_uses_a_term_unexplained(db):
    """Every address of a study with runs, arms, a panel and benchmarks of each kind."""
    size = Size(notes=40, studies=1, characters=300, listed=200, codes_a_note=5, resamples=5)
    study = large_study(size)
    client = logged_in(User.objects.get(username="sam"))
    wrong = {}
    read = 0
    for address in addresses(study):
        if not address.startswith(OF_RESULTS):
            continue
        answer = client.get(address)
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        read += 1
        reading = Reading(answer.content.decode())
        terms = reading.repeated() | reading.unexplained()
        if terms:
            wrong[address] = terms
    assert read > 20
    assert wrong == {}, "\n".join(f"{a} {t}" for a, t in wrong.items())
