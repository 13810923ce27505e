"""The page of results is read in one sitting: how long it is as it opens, what a fold brings."""

import pytest

from tests.results.conftest import WIDE
from tests.results.furnish import STUDY

pytestmark = pytest.mark.browser

LONGEST = 3_500


def test_the_results_are_no_longer_than_four_screens(ward_site, logged_in_as):
    page = logged_in_as("rae", viewport=WIDE)
    page.goto(f"{ward_site.url}/studies/{STUDY}/results/")
    assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST
    page.click("section[aria-labelledby=more-h] > details > summary")
    fold = page.locator("#more details.fold").first
    fold.locator("summary").click()
    fold.locator("table").wait_for()
    assert page.url.endswith("/results/"), "the table came into its fold"
    page.goto(f"{ward_site.url}/studies/{STUDY}/results/#export")
    assert page.locator("#export table").is_visible(), "the link of the bar opens the fold"
    page.context.close()
