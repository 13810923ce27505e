"""The arithmetic of `make bench-coding`, and its options; what it measures is not tested."""

from __future__ import annotations

import pytest

from tests.bench.coding.__main__ import show
from tests.bench.coding.figures import Effort, Row, in_seconds, table, targets
from tests.bench.coding.given import TEN, WORDS
from tests.bench.coding.options import ROWS, Options, options
from tests.bench.coding.site import code_rows, first_words, texts


def row(interface: str, opening: float, tick: float = 0.03) -> Row:
    """Three repetitions of which two are alike, so that the median is theirs."""
    return Row(
        interface,
        load=0.5,
        first_visit=0.7,
        opening=[9.0, opening, opening],
        results=[] if interface == "stock" else [0.0, 0.02, 0.02],
        first_ticks=[tick, tick, 9.0],
        later_ticks=[tick] * 11,
        following=[0.06, 0.06, 9.0],
        heap_mb=4.25,
        nodes=1355,
        effort=Effort(keys=52, clicks=0, by_words=9, by_number=1),
    )


def test_our_page_meets_its_targets_by_the_median():
    held = targets([row("page", 0.2), row("stock", 4.0)])
    assert all(target.is_met for target in held)
    assert [target.what for target in held] == [
        "page opens",
        "page opens 15 times faster than stock",
        "results",
        "first tick",
        "later ticks",
        "next note",
    ]


@pytest.mark.parametrize(
    ("page", "stock", "missed"),
    [
        (row("page", 0.31), row("stock", 9.0), ["page opens"]),
        (row("page", 0.3), row("stock", 4.4), ["page opens 15 times faster than stock"]),
        (row("page", 0.2, tick=0.06), row("stock", 4.0), ["first tick", "later ticks"]),
    ],
)
def test_a_target_that_is_missed_is_said_and_is_the_exit_status(page, stock, missed, capsys):
    assert [target.what for target in targets([page, stock]) if not target.is_met] == missed
    assert show([page, stock]) == 1
    assert capsys.readouterr().out.count("MISSED") == len(missed)


def test_what_was_not_measured_is_no_target(capsys):
    assert len(targets([row("page", 0.2)])) == 5
    assert targets([row("list", 7.0), row("stock", 4.0)]) == []
    assert show([row("list", 7.0)]) == 0
    assert "no target" in capsys.readouterr().out


def test_the_table_has_medians_and_how_codes_were_found():
    heading, page, stock = table([row("page", 0.2), row("stock", 4.0)]).splitlines()
    assert len(heading) == len(page) == len(stock)
    for cell in (
        "0.200 s",
        "0.020 s",
        "0.060 s",
        "4.2 MB",
        "1,355",
        "52",
        "9 words, 1 number",
        "0.5",
    ):
        assert cell in page
    assert "no search" in stock and "4.00 s" in stock


def test_a_busy_machine_is_said(capsys):
    busy = row("list", 7.0)
    busy.load = 1_000
    show([busy])
    assert "busy" in capsys.readouterr().out
    show([row("list", 7.0)])
    assert "busy" not in capsys.readouterr().out


def test_what_it_is_told():
    assert options([]) == Options(ROWS, 5)
    assert options(["--rows", "stock,page", "--repetitions", "1"]) == Options(("page", "stock"), 1)
    assert options(["--repetitions", "20"]).notes == 22


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rows", "pages"], "there is no row pages; there is: page, list, search, stock"),
        (["--rows", ""], "there is no row"),
        (["--repetitions", "0"], "give 1 or more"),
        (["--repetitions", "two"], "give 1 or more"),
    ],
)
def test_what_it_does_not_understand(arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        options(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_the_last_letter_of_each_word_changes_what_is_found():
    labels = [f"{row.code} {row.long}".lower() for row in code_rows()]
    for word in WORDS:
        before = sum(word[:-1] in label for label in labels)
        assert 0 < sum(word in label for label in labels) < before


def test_codes_and_notes():
    codes = {row.code for row in code_rows()}
    assert len(codes) == 4_075
    assert {given.code for given in TEN} <= codes and len(TEN) == 10
    one, other = texts(2)
    assert one != other and len(one.split()) == len(other.split()) == 1_500
    assert first_words("Sex:  F\n\nService: MEDICINE", 3) == "Sex:  F\n\nService:"


def test_seconds_are_read_easily():
    assert [in_seconds(0.0341), in_seconds(6.9)] == ["0.034 s", "6.90 s"]
