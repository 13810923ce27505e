"""What stands above codes in the tabular list: categories and their titles."""

from __future__ import annotations

from functools import cache

from icd.codes import Kind
from icd.search.tables import diagnosis_categories, procedure_categories
from icd.tables import children, nearest_titles

LEAST = 2
"""Words in common that make a title."""
LEFT_OVER = ("of", "or", "and", "with", "without", "by", "for", "in", "to", "the", "from", "on")
"""Words that a title does not end with."""


@cache
def category_title(category: str, kind: Kind) -> str:
    """Title of a category; where no table has one, what its codes' titles begin with.

    Where they begin differently: the span of its codes. No free source has the titles of the
    categories of procedures; the table has those that we know from the book.

    >>> category_title("428.2", "dx"), category_title("38.9", "proc")
    ('Systolic heart failure', 'Puncture of vessel')
    >>> category_title("78.2", "proc"), category_title("09.2", "proc")
    ('Limb shortening procedures', '09.20 to 09.23')
    """
    known = diagnosis_categories() if kind == "dx" else procedure_categories()
    if category in known:
        return known[category]
    below = children(category)
    if not below:
        return category
    titles = nearest_titles().titles
    return _beginning([titles[code].long for code in below]) or f"{below[0]} to {below[-1]}"


def _beginning(titles: list[str]) -> str:
    """The words that all titles begin with, without a loose end; "" where they are too few."""
    words = []
    for column in zip(*[title.split() for title in titles], strict=False):
        if len({word.rstrip(",") for word in column}) > 1:
            break
        words.append(column[0])
    while words and words[-1].rstrip(",").lower() in LEFT_OVER:
        words.pop()
    return " ".join(words).rstrip(",") if len(words) >= LEAST else ""
