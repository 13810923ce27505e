"""Help: guides for each role, and every word with an address."""

import re

import pytest
from django.utils.html import escape
from django.utils.text import slugify

from annotation.models import Rater
from pages.glossary import MEANINGS
from pages.help import CODING_KEYS
from tests.cast import logged_in

GUIDES = {
    "ada": {"coding", "keys", "roles"},
    "cid": {"settling", "keys", "roles"},
    "rae": {"study", "results", "files", "keys", "roles"},
    "sam": {"coding", "settling", "study", "results", "files", "keys", "roles"},
}


@pytest.mark.parametrize("name", GUIDES)
def test_each_role_reads_its_guides_and_all_words(name, request):
    page = logged_in(request.getfixturevalue(name)).get("/help/").content.decode()
    anchors = set(re.findall(r'<h2 id="([\w-]+)"', page)) - {"words"}
    assert anchors == GUIDES[name]
    for term, meaning in MEANINGS.items():
        assert f'<div id="{slugify(term)}">' in page and escape(meaning) in page
    for anchor in re.findall(r'href="#([\w-]+)"', page):
        assert anchor == "content" or f'id="{anchor}"' in page
    assert ("Alt" in page) == ("coding" in anchors), "keys of the coding page for who codes"


def test_words_have_addresses_of_their_own():
    assert len({slugify(term) for term in MEANINGS}) == len(MEANINGS)
    assert slugify("Jaccard") == "jaccard"


def test_a_researcher_who_codes_reads_how_to_code(rae):
    Rater.objects.create(kind="coder", name="Rae", user=rae)
    assert 'id="coding"' in logged_in(rae).get("/help/").content.decode()


def test_the_keys_are_those_of_the_coding_page(settings):
    script = (settings.ROOT / "static" / "desk" / "keys.js").read_text()
    names = {"Ctrl": "mod", "Alt": "alt"}
    for keys, _ in CODING_KEYS:
        for key in keys:
            assert f'"{names.get(key, key)}"' in script
