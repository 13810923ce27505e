"""The numbered pages below a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Page


def numbered(page: Page[Any], address_of: Callable[[int], str]) -> list[tuple[str, str]]:
    """(words, address) of each page; no address for this one, and for those that are left out."""
    links = []
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    for number in numbers:
        address = ""
        if isinstance(number, int) and number != page.number:
            address = address_of(number)
        links.append((str(number), address))
    if page.has_next():
        links.append(("Next", address_of(page.next_page_number())))
    return links
