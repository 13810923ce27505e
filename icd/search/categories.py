"""What stands above codes in the tabular list: categories and their titles."""

from __future__ import annotations

from functools import cache

from icd.codes import Kind
from icd.search.tables import diagnosis_categories, procedure_categories
from icd.tables import children, nearest_titles

OTHER = "Other "


@cache
def category_title(category: str, kind: Kind) -> str:
    """Title of a category; the span of its codes where no table has a title for it.

    No free source has titles of the three-digit categories of procedures. The last code of many
    says "Other ..." of them all, and lends its words.

    >>> category_title("428.2", "dx"), category_title("38", "proc")
    ('Systolic heart failure', 'Incision, excision, and occlusion of vessels')
    >>> category_title("36.1", "proc"), category_title("96.0", "proc")
    ('Bypass anastomosis for heart revascularization', '96.01 to 96.09')
    """
    known = diagnosis_categories() if kind == "dx" else procedure_categories()
    if category in known:
        return known[category]
    below = children(category)
    if not below:
        return category
    last = nearest_titles().titles[below[-1]].long
    if below[-1].endswith("9") and last.startswith(OTHER):
        return _capitalised(last.removeprefix(OTHER))
    return f"{below[0]} to {below[-1]}"


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
