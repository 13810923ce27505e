"""One interface after the other, in one browser: a row of figures each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.coding.figures import Effort, Row
from tests.bench.coding.given import TEN, WORDS, give
from tests.bench.coding.hands import Hands, hands_of
from tests.bench.coding.site import Site, open_study, stock_project
from tests.bench.coding.window import Window

FEW = 4
"""Codes ticked in a repetition, but for the last one, in which all ten are."""


def measured(browser: Any, site: Site, name: str, repetitions: int, notes: int) -> Row:
    """The row of an interface, over so many repetitions, a note each."""
    with _at_work(browser, site, name, notes) as hands:
        row = Row(name, load=os.getloadavg()[0])
        say(f"{name}: a first visit, with an empty cache")
        row.first_visit = hands.open()
        for number in range(repetitions):
            say(f"{name}: repetition {number + 1} of {repetitions}")
            _code_a_note(hands, row, number, is_last=number == repetitions - 1)
        return row


@contextmanager
def _at_work(browser: Any, site: Site, name: str, notes: int) -> Iterator[Hands]:
    """A coder who has signed in, with notes to code in this interface and no other."""
    window = Window(browser, name)
    try:
        if name == "stock":
            hands = hands_of(name, window, site, stock_project(site, notes))
            hands.sign_in()
            yield hands
        else:
            with open_study(site, name):
                hands = hands_of(name, window, site, 0)
                hands.sign_in()
                yield hands
    finally:
        window.close()


def _code_a_note(hands: Hands, row: Row, number: int, is_last: bool) -> None:
    window = hands.window
    row.opening.append(hands.open())
    if is_last:
        row.heap_mb = window.heap_mb()
        row.nodes = window.nodes()
    if hands.has_search:
        row.results.append(hands.last_letter(WORDS[number % len(WORDS)]))
        hands.rest()
    window.reset()
    effort = Effort()
    ticks = list(give(hands, TEN if is_last else TEN[:FEW], effort))
    if len(ticks) < 2:
        raise RuntimeError(f"{row.interface}: of {FEW} codes at least two should be found")
    row.first_ticks.append(ticks[0])
    row.later_ticks += ticks[1:]
    if is_last:
        effort.keys, effort.clicks, effort.screens = window.keys, window.clicks, window.screens
        row.effort = effort
    row.following.append(hands.submit())


def say(words: str) -> None:
    """How far it is, for whoever waits."""
    print(words, file=sys.stderr, flush=True)
