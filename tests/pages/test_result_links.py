"""Every link of a study's results leads somewhere, whoever is compared."""

import re
from html import unescape

import pytest

from tests.cast import logged_in

pytestmark = pytest.mark.slow
RESULTS = "/studies/small/results/"


SAME_IN_OTHER_WORDS = (".md", ".tex", ".txt", ".xlsx", ".json")


def links(page: str) -> set[str]:
    """The addresses within the study that a page names, fetched later or not; a table once."""
    found = re.findall(r'(?:href|hx-get|src)="(/studies/small/[^"#]*)', page)
    addresses = {unescape(address) for address in found}
    return {each for each in addresses if not each.split("?")[0].endswith(SAME_IN_OTHER_WORDS)}


def test_every_link_of_the_results_leads_somewhere(compared, rae):
    """Also where coders are compared who are no rows of Table 1."""
    client = logged_in(rae)
    waiting = links(client.get(RESULTS, {"a": "Ada", "b": "Ben"}).content.decode())
    assert len(waiting) > 20
    for address in sorted(waiting):
        assert client.get(address).status_code == 200, address
