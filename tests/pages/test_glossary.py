"""The terms that pages explain.

As the docs have them, safe in HTML, and on the pages that use them.
"""

import doctest
import re
from pathlib import Path

import pytest

from pages import glossary
from pages.glossary import MEANINGS
from pages.templatetags.glossary import explained

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text()
SHORTER = {"P@k", "R@k", "AUC-PR", "MAP"}
"""Terms that the page of docs has together with others, or not at all."""


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
