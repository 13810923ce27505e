"""Addresses of before lead to the pages of now, with what they asked for."""

import pytest

from tests.cast import logged_in

MOVED = {
    "/studies/small/compare/": "/studies/small/results/",
    "/studies/small/compare/?preset=full": "/studies/small/results/?preset=full",
    "/studies/small/compare/codes/?rater=model+two&by=chapter": (
        "/studies/small/results/codes/?a=model+two&by=chapter"
    ),
    "/studies/small/compare/notes/?rater=RAC&by=code&of=401.9&show=missed": (
        "/studies/small/results/notes/?a=RAC&by=code&of=401.9&show=missed-a"
    ),
    "/studies/small/compare/notes/?of=401.9&show=agreed": (
        "/studies/small/results/notes/?of=401.9&show=found-a"
    ),
    "/studies/small/compare/notes/?of=401.9&show=reference": (
        "/studies/small/results/notes/?of=401.9&show=reference"
    ),
    "/studies/small/compare/table1.csv?preset=full": (
        "/studies/small/results/table1.csv?preset=full"
    ),
    "/leaderboard/?preset=full": "/models/?preset=full",
    "/glossary/": "/help/",
}


@pytest.mark.parametrize("before", MOVED)
def test_an_address_of_before_leads_to_the_page_of_now(study, rae, before):
    answer = logged_in(rae).get(before)
    assert answer.status_code == 301 and answer.url == MOVED[before]
