"""Every link of a study's results leads somewhere, whoever is compared and whatever their names."""

import re
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from annotation.models import Study
from benchmark.selectors.import_plan import ImportOptions
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in
from tests.imports import codings_import

pytestmark = pytest.mark.slow
RESULTS = "/studies/small/results/"
ODD_NAME = 'A&B "x" <v2> (beta) #1?/..'
ODD_CODES = ['"786/2?#&"', '"25..0"', '"%2e5"', "+1", "=A1"]
SAME_IN_OTHER_WORDS = (".md", ".tex", ".txt", ".xlsx", ".json")
OTHER_PAGES = ("/export/", "/discard/", "/reopen/", "/close/", "/import/", "/duplicate/")
"""Forms, each with tests of its own."""


def links(page: str, here: str) -> list[str]:
    """The addresses within the study that a page names, fetched later or not; a table once."""
    found = re.findall(r'(?:href|hx-get|src)="([^"#]+)', page)
    addresses = [urljoin(here, unescape(address)) for address in found]
    within = [each for each in addresses if each.startswith("/studies/small/")]
    kept = []
    for each in within:
        path = urlsplit(each).path
        if not path.endswith(SAME_IN_OTHER_WORDS) and not path.endswith(OTHER_PAGES):
            kept.append(each)
    return kept


def kind(address: str) -> tuple[str, tuple[str, ...], str, str]:
    """Addresses of one kind differ in the note, the code, the page or the rater alone."""
    parts = urlsplit(address)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    path = "/".join("#" if part.isdigit() else part for part in parts.path.split("/"))
    return path, tuple(sorted(query)), query.get("show", ""), query.get("agreement", "")


@pytest.fixture
def odd(compared) -> Study:
    """Raters whose names and codes, and a study whose title, are full of marks."""
    rows = [f"n{place},{code}" for place, code in enumerate(["401.9", *ODD_CODES])]
    codings_import(
        study=compared,
        name=ODD_NAME,
        kind="model",
        file="odd.csv",
        data="\n".join(["note_id,code", *rows]).encode(),
        options=ImportOptions(unknown="keep"),
    )
    Study.objects.filter(pk=compared.pk).update(title='<i>T</i> & "q"')
    for preset in ("union", "paper"):
        benchmark_run(study=compared, preset=preset)
    return compared


@pytest.mark.parametrize(
    "asked",
    [
        {"a": "Ada", "b": "Ben"},
        {"a": ODD_NAME, "preset": "union"},
        {"a": "Theirs", "b": ODD_NAME, "agreement": "ac1"},
    ],
)
def test_every_kind_of_link_leads_somewhere(odd, rae, asked):
    """Also where coders are compared who are no rows of Table 1."""
    client = logged_in(rae)
    first = client.get(RESULTS, asked).request
    waiting = [f"{first['PATH_INFO']}?{first['QUERY_STRING']}"]
    seen = set()
    while waiting:
        address = waiting.pop()
        if kind(address) in seen:
            continue
        seen.add(kind(address))
        answer = client.get(address)
        assert answer.status_code in (200, 301, 302), address
        if "html" not in answer.headers.get("Content-Type", ""):
            continue
        page = answer.content.decode()
        assert "<i>T</i>" not in page and "<v2>" not in page, address
        waiting += links(page, address)
    assert len(seen) > 150
